import { fold } from '../event/fold.js';
import type { AuditEvent, Json } from '../event/event.js';

const BETWEEN_WORDS = /[^\p{L}\p{N}]+/u;
const MAIL = /[^\s"'<>(),;:]+@[^\s"'<>(),;:]+/gu;
const NO_DIGIT = /\D/g;
const MARK = /\p{M}/gu;
/** Shorter words and numbers are in too many texts to name anybody. */
const LEAST_LETTERS = 3;
const LEAST_DIGITS = 7;

/** Who is meant, as far as it says which events speak of that person. */
export interface Known {
  readonly subjectId: string;
  /** The model of the person's own record; a record of any model with the person's id, where it is not given. */
  readonly model?: string | undefined;
  /** Whether an actor of this id is the person, too. */
  readonly includeActor?: boolean | undefined;
}

/** What a person is called and reached by, as far as the trail knows it from the events about them. */
export class Names {
  readonly #words = new Set<string>();
  readonly #mails = new Set<string>();
  readonly #numbers = new Set<string>();

  /** Learns a name, an e-mail address or a number that the application knows. */
  add(text: string): void {
    const folded = plain(text);
    for (const mail of folded.match(MAIL) ?? []) this.#mails.add(mail);
    const digits = folded.replaceAll(NO_DIGIT, '');
    if (digits.length >= LEAST_DIGITS) this.#numbers.add(digits);
    for (const word of wordsOf(folded)) if (isTelling(word)) this.#words.add(word);
  }

  /** Learns from an event that is about this person alone: labels, and how the person's own record says to reach them. */
  learn(event: AuditEvent, { subjectId, model, includeActor }: Known): void {
    const { target, actor } = event;
    if (event.subjectLabel !== null && event.subjectId === subjectId) this.add(event.subjectLabel);
    if (includeActor === true && actor.id === subjectId)
      for (const name of [actor.name, actor.username, actor.email]) this.add(name ?? '');
    if (target?.id !== subjectId || (model !== undefined && target.type !== model)) return;
    const type = new Set(wordsOf(plain(target.type)));
    for (const word of wordsOf(plain(target.label ?? '')))
      if (isTelling(word) && !type.has(word)) this.#words.add(word);
    for (const image of [event.before, event.after]) textsIn(image, (text) => this.#reach(text));
  }

  /** True when a text holds one of the names, or the beginning of one, as somebody types who looks for it. */
  isIn(text: string): boolean {
    const folded = plain(decoded(text));
    const digits = folded.replaceAll(NO_DIGIT, '');
    return (
      [...this.#mails].some((mail) => folded.includes(mail)) ||
      [...this.#numbers].some((number) => digits.includes(number)) ||
      wordsOf(folded).some((word) => this.#isBeginning(word))
    );
  }

  /** Of the texts of a record only what is plainly an address or a number: a status is no name. */
  #reach(text: string): void {
    const folded = plain(text);
    for (const mail of folded.match(MAIL) ?? []) this.#mails.add(mail);
    const digits = folded.replaceAll(NO_DIGIT, '');
    if (digits.length >= LEAST_DIGITS && /^[\d\s+()./-]+$/.test(folded) && !DATE.test(folded))
      this.#numbers.add(digits);
  }

  #isBeginning(word: string): boolean {
    if (this.#words.has(word)) return true;
    return isTelling(word) && [...this.#words].some((name) => name.startsWith(word));
  }
}

/** A day or a moment is not what somebody is reached by. */
const DATE = /^\d{4}-\d{2}-\d{2}/;

/**
 * True when what somebody typed into an event, or what was shown in it, names the person. Who acted and with which
 * program is not looked at: a dentist of the same name is not the patient.
 */
export function isNamedIn(names: Names, event: AuditEvent): boolean {
  const { request, metadata, reason, error, target, subjectLabel, before, after } = event;
  const shown: Json[] = [target?.label ?? null, subjectLabel, reason, error, metadata, before, after];
  const asked = [request?.query ?? null, request?.body ?? null, request?.path ?? null];
  let isNamed = false;
  for (const part of [...shown, ...asked]) textsIn(part, (text) => (isNamed ||= names.isIn(text)));
  return isNamed;
}

function textsIn(value: Json, tell: (text: string) => void): void {
  if (typeof value === 'string') tell(value);
  else if (typeof value === 'object' && value !== null)
    for (const one of Object.values(value)) textsIn(one, tell);
}

/** The form in which names are compared: people leave out what stands above and below letters. */
function plain(text: string): string {
  return fold(text).normalize('NFKD').replaceAll(MARK, '');
}

function wordsOf(folded: string): string[] {
  return folded.split(BETWEEN_WORDS).filter((word) => word !== '');
}

function isTelling(word: string): boolean {
  return word.length >= LEAST_LETTERS && /\p{L}/u.test(word);
}

function decoded(text: string): string {
  try {
    return text.includes('%') ? decodeURIComponent(text) : text;
  } catch {
    // A per cent sign of its own: it is no address.
    return text;
  }
}
