import type { LooseInput } from '../../event/input.js';
import { isList } from '../../event/foreign.js';
import type { Unnumbered } from './fold.js';

/** Somebody who has not typed for so long has finished. */
const PAUSE_MS = 2_000;
/** However long somebody types, it is told after so long. */
const LONGEST_MS = 10_000;
/** So many people may be typing at the same time; the searches of any others are told one by one. */
const TYPISTS = 1_000;
/** So many records one event of searching may show. */
const MOST_IDS = 500;
/** So much of a text is compared. */
const TEXT = 1_000;

/** Tells a search that is over, at the moment it has been found to be. */
export type TellSearch = (event: LooseInput) => void;

/** What somebody is typing: the last search of it, and what all of them have shown. */
interface Typing {
  event: Unnumbered;
  text: string;
  searches: number;
  ids: ReadonlySet<unknown>;
  subjects: ReadonlySet<string>;
  lastAt: number;
  readonly startedAt: number;
  timer: NodeJS.Timeout | undefined;
}

/** Holds back what somebody searches for with every key he presses, until it is the search he meant. */
export class Searches {
  readonly #typing: Map<string, Typing> = new Map();
  readonly #tell: TellSearch;

  constructor(tell: TellSearch) {
    this.#tell = tell;
  }

  get count(): number {
    return this.#typing.size;
  }

  /** `held` for a search that is told later, `joined` for one that takes the place of the one before; undefined for one to be told at once. */
  take(event: Unnumbered, given: string): 'held' | 'joined' | undefined {
    const key = keyOf(event);
    if (key === undefined) return undefined;
    const text = given.slice(0, TEXT).trim().toLowerCase();
    const before = this.#typing.get(key);
    if (before !== undefined && this.#joins(before, event, text)) {
      this.#wait(key, before);
      return 'joined';
    }
    this.#end(key);
    if (text === '' || this.#typing.size >= TYPISTS) return undefined;
    this.#begin(key, event, text);
    return 'held';
  }

  /** Tells everything that is held back. */
  flush(): void {
    for (const key of this.#typing.keys()) this.#end(key);
  }

  #begin(key: string, event: Unnumbered, text: string): void {
    const now = performance.now();
    const typing: Typing = {
      event,
      text,
      searches: 1,
      ids: idsOf(event),
      subjects: subjectsOf(event),
      lastAt: Date.now(),
      startedAt: now,
      timer: undefined,
    };
    this.#typing.set(key, typing);
    this.#wait(key, typing);
  }

  /** False for another search, and for one that would show more with it than an event can name. */
  #joins(typing: Typing, event: Unnumbered, text: string): boolean {
    const ids = new Set([...typing.ids, ...idsOf(event)]);
    const subjects = new Set([...typing.subjects, ...subjectsOf(event)]);
    const isSame = text !== '' && (text.startsWith(typing.text) || typing.text.startsWith(text));
    if (!isSame || ids.size > MOST_IDS || subjects.size > MOST_IDS) return false;
    Object.assign(typing, { event, text, ids, subjects, lastAt: Date.now(), searches: typing.searches + 1 });
    return true;
  }

  #wait(key: string, typing: Typing): void {
    const left = typing.startedAt + LONGEST_MS - performance.now();
    clearTimeout(typing.timer);
    typing.timer = setTimeout(() => this.#end(key), Math.max(Math.min(PAUSE_MS, left), 0)).unref();
  }

  #end(key: string): void {
    const typing = this.#typing.get(key);
    if (typing === undefined) return;
    clearTimeout(typing.timer);
    this.#typing.delete(key);
    this.#tell(toldOf(typing));
  }
}

/** As it was searched last; it is recorded a moment after it happened. */
function toldOf({ event, searches, ids, subjects, lastAt }: Typing): LooseInput {
  const more = {
    ...(ids.size > 0 ? { ids: [...ids] } : {}),
    ...(searches > 1 ? { searches } : {}),
  };
  return {
    ...event,
    occurredAt: event.occurredAt ?? new Date(lastAt),
    subjects: subjects.size > 0 ? [...subjects] : event.subjects,
    metadata: { ...event.metadata, ...more },
  };
}

/** Who searches which model; undefined for whom nothing tells apart from others. */
function keyOf({ actor, request, tenantId, target }: Unnumbered): string | undefined {
  // The name of a program is everybody's who uses it.
  const name = actor.type === 'system' ? undefined : actor.name;
  const who = [actor.id, actor.username, actor.email, name, request?.ip];
  const by = who.findIndex((one) => one !== undefined && one !== '');
  return by === -1 ? undefined : JSON.stringify([tenantId, actor.type, by, who[by], target?.type]);
}

function idsOf({ metadata }: Unnumbered): ReadonlySet<unknown> {
  const ids = metadata?.['ids'];
  return new Set(isList(ids) ? ids : []);
}

function subjectsOf({ subjects }: Unnumbered): ReadonlySet<string> {
  return new Set(isList(subjects) ? subjects : []);
}
