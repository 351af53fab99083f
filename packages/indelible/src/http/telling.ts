import type { Actor, Outcome, Target } from '../event/event.js';
import type { LooseInput } from '../event/input.js';
import { aboutRecord } from '../reads/about.js';
import { Findings } from './findings.js';
import type { Reading } from './reading.js';
import type { AnswerHead, RequestFacts } from './request-facts.js';
import type { SafetyNet } from './safety-net.js';
import { attemptOf, type Ending, isDenial, outcomeOf } from './verdict.js';

const ABORTED = { code: 'ABORTED', message: 'The connection was closed before the answer was complete.' };

export interface TellingParts<R> {
  readonly net: SafetyNet<R>;
  readonly facts: RequestFacts<R>;
  readonly path: string;
  /** What a function of the application's answers; undefined, and a report, where it throws. */
  readonly safely: <T>(work: () => T) => T | undefined;
}

type Waits = (Promise<void> | undefined)[];

/** Decides what is told of one request: each fact once, by whoever knows most of it. */
export class Telling<R> {
  /** What was recorded, and read, in the meantime. */
  readonly findings: Findings = new Findings();
  /** What the handler answered, before it was made bytes. */
  answer: unknown;
  /** What the handler threw, as it may be told. */
  error: unknown;
  readonly #parts: TellingParts<R>;
  readonly #startedAt: number = performance.now();
  readonly #readings: Reading<R>[] = [];
  /** The route that a target was last found for, which is asked for more often than it changes. */
  #route: string | undefined;
  #targetInRoute: Target | undefined;
  #head: AnswerHead | undefined;
  #isTold = false;
  #isSilent = false;

  constructor(parts: TellingParts<R>) {
    this.#parts = parts;
  }

  expect(reading: Reading<R>): void {
    this.#readings.push(reading);
  }

  isExpecting(reading: Reading<R>): boolean {
    return this.#readings.includes(reading);
  }

  silence(): void {
    this.#isSilent = true;
    this.#isTold = true;
  }

  isSilenced({ action }: Pick<LooseInput, 'action'>): boolean {
    return this.#isSilent && (action === 'LIST' || action === 'SEARCH');
  }

  /** What the answer shows, or keeps somebody from; it may leave when this has resolved. */
  atHead(head: AnswerHead): Promise<void> | undefined {
    const { watching } = this.#parts.net;
    this.#head = head;
    const target = this.#target();
    const isProtected = target?.id !== undefined && watching.isProtected(target.type);
    const isDenied = isDenial(head.status, isProtected);
    const waits: Waits = [];
    this.#readingsAt(head, isDenied ? target : undefined, waits);
    if (isDenied) waits.push(this.#denial(target));
    if (watching.waits('API_REQUEST', target?.type)) waits.push(this.#request('answered'));
    return allOf(waits);
  }

  atEnd(ending: Ending): void {
    // An answer that never came shows nothing, but what was done for it was done.
    if (this.#head === undefined)
      for (const event of this.findings.takenBeside([], undefined))
        void this.#parts.net.watching.record(event);
    void this.#request(ending);
  }

  /** Of what was taken on the way and what the route shows, each record once. */
  #readingsAt(head: AnswerHead, denied: Target | undefined, waits: Waits): void {
    const { watching } = this.#parts.net;
    const read: LooseInput[] = [];
    for (const reading of this.#readings)
      if (reading.isShownBy(head.status)) this.#shownBy(reading, head, read);
    const shown = this.findings.completed(read);
    for (const event of this.findings.takenBeside(shown, denied))
      waits.push(watching.record(this.#answered(event)));
    for (const event of shown) waits.push(this.#reading(event));
  }

  #shownBy(reading: Reading<R>, head: AnswerHead, shown: LooseInput[]): void {
    const { facts, net, safely } = this.#parts;
    const inRoute = this.#inRoute();
    const rules = net.watching.rulesOf(reading.model ?? inRoute?.type ?? '');
    const event =
      safely(() => reading.event({ facts, head, answer: this.answer, rules, inRoute })) ??
      reading.bareEvent(inRoute);
    if (!this.findings.has(event) && !this.#isUnwanted(event)) shown.push(event);
  }

  /** Readings of this kind are switched off for the model, and so is the request that made one. */
  #isUnwanted({ action, target }: LooseInput): boolean {
    const { lists, searches } = this.#parts.net.watching.readRulesOf(target?.type ?? '');
    const isUnwanted = (action === 'LIST' && lists === false) || (action === 'SEARCH' && searches === false);
    this.#isTold ||= isUnwanted;
    return isUnwanted || this.isSilenced({ action });
  }

  #reading(event: LooseInput): Promise<void> | undefined {
    const { watching } = this.#parts.net;
    const whole = this.#answered(event);
    this.#isTold = true;
    if (event.action !== 'SEARCH') return watching.record(whole);
    const text = String((event.metadata as { search?: unknown } | undefined)?.search ?? '');
    return watching.recordSearch({ event: whole, text });
  }

  #denial(target: Target | undefined): Promise<void> | undefined {
    const { facts, net, path, safely } = this.#parts;
    const [reading] = this.#readings;
    if (this.findings.hasRefusal || (reading === undefined && !net.watches(path))) return undefined;
    this.#isTold = true;
    const attempted = safely(() => reading?.action(facts)) ?? attemptOf(facts.method, target);
    const event = {
      action: 'ACCESS_DENIED',
      outcome: 'denied',
      source: 'request',
      target,
      subjectId: target && this.#subjectOf(target),
      metadata: { attempted },
      error: this.error,
    } as const;
    return net.watching.record(this.#answered(event));
  }

  /** The safety net itself: a request that left nothing in the trail that says how it ended. */
  #request(ending: Ending): Promise<void> | undefined {
    const { net, path } = this.#parts;
    const outcome = outcomeOf(this.#head, ending, this.error !== undefined);
    if (this.#isTold || !net.tells(path) || this.#isExplained(outcome)) return undefined;
    const actor = net.watching.actor();
    const isKnown = actor !== undefined && actor.type !== 'anonymous';
    if (!isKnown && outcome !== 'error') return undefined;
    this.#isTold = true;
    const event = {
      action: 'API_REQUEST',
      outcome,
      source: 'request',
      target: this.#target(),
      error: this.error ?? (ending === 'aborted' && outcome !== 'success' ? ABORTED : undefined),
    } as const;
    return net.watching.recordWithin(
      net.limit,
      this.#callerOf(isKnown ? actor : undefined),
      this.#answered(event),
    );
  }

  /** Whose requests are counted together: a user's, or of those who are nobody an address's. */
  #callerOf(actor: Actor | undefined): string {
    const { net, facts } = this.#parts;
    if (actor === undefined) return `at ${net.addressOf(facts).ip}`;
    const { type, id, username, email, name } = actor;
    return JSON.stringify([type, id ?? username ?? email ?? name, net.watching.around().tenantId]);
  }

  #isExplained(outcome: Outcome): boolean {
    return outcome === 'success' ? this.findings.hasAny : this.findings.hasRefusal;
  }

  #target(): Target | undefined {
    const { facts, safely } = this.#parts;
    const inRoute = this.#inRoute();
    const [reading] = this.#readings;
    return reading === undefined ? inRoute : (safely(() => reading.target(facts, inRoute)) ?? inRoute);
  }

  /** Whom a record is about, where its id alone says so. */
  #subjectOf({ type, id }: Target): string | undefined {
    return aboutRecord({ type, id }, { id }, this.#parts.net.watching.rulesOf(type), {}).subjectId;
  }

  #inRoute(): Target | undefined {
    const { net, facts, path } = this.#parts;
    const route = facts.route();
    if (route !== this.#route) {
      this.#route = route;
      this.#targetInRoute = net.targetOf(route, path);
    }
    return this.#targetInRoute;
  }

  /** An event with how its request was answered. Not a spread, which takes many times as long in the engine of Node 20. */
  #answered(event: LooseInput): LooseInput {
    const { net, facts } = this.#parts;
    const durationMs = Math.round(performance.now() - this.#startedAt);
    const request: Record<string, unknown> = { statusCode: this.#head?.status, durationMs };
    if (net.options.logBodies === true) request['body'] = facts.body();
    return Object.assign({}, event, { request });
  }
}

function allOf(waits: Waits): Promise<void> | undefined {
  const pending = waits.filter((wait) => wait !== undefined);
  return pending.length === 0 ? undefined : Promise.all(pending).then(() => undefined);
}
