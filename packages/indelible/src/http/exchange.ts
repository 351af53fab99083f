import { randomUUID } from 'node:crypto';

import { AuditError } from '../event/errors.js';
import type { Actor, Outcome, RequestInfo, Target } from '../event/event.js';
import type { LooseInput } from '../event/input.js';
import type { Context, Fact, Scope, Witness } from '../trail/context.js';
import { aboutRecord } from '../reads/about.js';
import { Findings } from './findings.js';
import type { Reading } from './reading.js';
import type { AnswerHead, RequestFacts } from './request-facts.js';
import { requestInfo } from './request-info.js';
import type { SafetyNet } from './safety-net.js';
import { tellable } from './thrown.js';
import { traceIdOf } from './trace-id.js';
import { attemptOf, type Ending, isDenial, outcomeOf } from './verdict.js';

const ABORTED = { code: 'ABORTED', message: 'The connection was closed before the answer was complete.' };

/**
 * One request and its answer. Learns of everything recorded meanwhile, and tells once what nothing else has
 * told. Nothing in here throws into the application.
 */
export class Exchange<R> implements Witness {
  readonly facts: RequestFacts<R>;
  readonly path: string;
  readonly #net: SafetyNet<R>;
  readonly #scope: Scope;
  readonly #startedAt: number = performance.now();
  readonly #findings: Findings = new Findings();
  #readings: readonly Reading<R>[] = [];
  #id: string | undefined;
  #info: RequestInfo | undefined;
  #answer: unknown;
  #error: unknown;
  #head: AnswerHead | undefined;
  #isTold = false;
  #isSilent = false;
  #isOver = false;

  constructor(net: SafetyNet<R>, facts: RequestFacts<R>, path: string) {
    this.facts = facts;
    this.path = path;
    this.#net = net;
    this.#scope = net.watching.open(this.#context(), this);
  }

  /** Runs work of the request: what is recorded in there, however late, belongs to it. */
  within<T>(fn: () => T): T {
    return this.#net.watching.within(this.#scope, fn);
  }

  saw(fact: Fact): void {
    this.#findings.saw(fact);
  }

  takes(event: LooseInput): boolean {
    if (this.#head !== undefined || this.#isOver) return false;
    return this.#isSilenced(event) || this.#findings.take(toldLater(event, this.#net.watching.around()));
  }

  /** The route that has matched reads something. False when it asks for a reason and none was given. */
  expects(reading: Reading<R>): boolean {
    this.#readings = [...this.#readings, reading];
    return this.#safely(() => this.#reasonFor(reading)) ?? !reading.requiresReason;
  }

  /** The route that has matched wants neither its request nor its lists told; all else is. */
  silence(): void {
    this.#isSilent = true;
    this.#isTold = true;
  }

  /** What the handler answered, before it was made bytes. */
  answers(answer: unknown): void {
    this.#answer = answer;
  }

  /** What the handler threw. */
  fails(error: unknown): void {
    this.#error = this.#safely(() => tellable(error)) ?? 'unreadable';
  }

  /**
   * The head of the answer is about to leave. It must not before what this returns has resolved; when that
   * rejects, the request is to be refused with 503.
   */
  head(head: AnswerHead): Promise<void> | undefined {
    if (this.#head !== undefined || this.#isOver) return undefined;
    this.#head = head;
    return this.#safely(() => this.within(() => this.#tellHead(head)));
  }

  /** The answer has been handed over, or nobody is there any more to take it. */
  end(ending: Ending = 'answered'): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#safely(() => this.within(() => this.#tellEnd(ending)));
  }

  #context(): Context {
    const { facts } = this;
    const { actor, tenant, session } = this.#net.options;
    return {
      request: () => this.#request(),
      actor: actor && (() => actor(facts.native)),
      tenantId: tenant && (() => tenant(facts.native)),
      sessionId: session && (() => session(facts.native)),
      traceId: traceIdOf(facts.header('traceparent')),
    };
  }

  /** Made when it is first asked for; the route may become known later. */
  #request(): RequestInfo {
    const { facts } = this;
    const route = facts.route();
    if (this.#info === undefined || this.#info.route !== route) {
      this.#id ??= this.#safely(() => this.#net.requestId(facts)) ?? randomUUID();
      const path = this.#net.shownPath(route, this.path);
      this.#info = requestInfo(this.#id, path, facts, this.#net.watching.trustedProxies);
    }
    return this.#info;
  }

  #reasonFor(reading: Reading<R>): boolean {
    const reason = reading.reason(this.facts);
    if (reason !== undefined) this.#net.watching.add(this.#scope, { reason });
    return reason !== undefined || !reading.requiresReason;
  }

  #tellHead(head: AnswerHead): Promise<void> | undefined {
    const target = this.#target();
    const isProtected = target?.id !== undefined && this.#net.watching.isProtected(target.type);
    const isDenied = isDenial(head.status, isProtected);
    const waits = this.#tellReadings(head, isDenied ? target : undefined);
    if (isDenied) waits.push(this.#tellDenial(target));
    if (this.#net.watching.waits('API_REQUEST', target?.type)) waits.push(this.#tellRequest('answered'));
    return allOf(waits);
  }

  /** Of what was taken on the way and what the route shows, each record once. */
  #tellReadings(head: AnswerHead, denied: Target | undefined): (Promise<void> | undefined)[] {
    const shownBy = this.#readings.filter((reading) => reading.isShownBy(head.status));
    const read = shownBy.flatMap((reading) => this.#shownBy(reading, head));
    const shown = this.#findings.completed(read);
    const taken = this.#findings.takenBeside(shown, denied);
    const told = taken.map((event) => this.#net.watching.record(this.#answered(event)));
    return [...told, ...shown.map((event) => this.#tellReading(event))];
  }

  #shownBy(reading: Reading<R>, head: AnswerHead): LooseInput[] {
    const { facts } = this;
    const inRoute = this.#inRoute();
    const rules = this.#net.watching.rulesOf(reading.model ?? inRoute?.type ?? '');
    const event =
      this.#safely(() => reading.event({ facts, head, answer: this.#answer, rules, inRoute })) ??
      reading.bareEvent(inRoute);
    return this.#findings.has(event) || this.#isUnwanted(event) ? [] : [event];
  }

  /** Readings of this kind are switched off for the model, and so is the request that made one. */
  #isUnwanted({ action, target }: LooseInput): boolean {
    const { lists, searches } = this.#net.watching.readRulesOf(target?.type ?? '');
    const isUnwanted = (action === 'LIST' && lists === false) || (action === 'SEARCH' && searches === false);
    this.#isTold ||= isUnwanted;
    return isUnwanted || this.#isSilenced({ action });
  }

  #isSilenced({ action }: Pick<LooseInput, 'action'>): boolean {
    return this.#isSilent && (action === 'LIST' || action === 'SEARCH');
  }

  #tellReading(event: LooseInput): Promise<void> | undefined {
    const whole = this.#answered(event);
    this.#isTold = true;
    if (event.action !== 'SEARCH') return this.#net.watching.record(whole);
    const text = String((event.metadata as { search?: unknown } | undefined)?.search ?? '');
    return this.#net.watching.recordSearch({ event: whole, text });
  }

  #tellDenial(target: Target | undefined): Promise<void> | undefined {
    const [reading] = this.#readings;
    if (this.#findings.hasRefusal || (reading === undefined && !this.#net.watches(this.path)))
      return undefined;
    this.#isTold = true;
    const attempted = this.#safely(() => reading?.action(this.facts)) ?? attemptOf(this.facts.method, target);
    const event = {
      action: 'ACCESS_DENIED',
      outcome: 'denied',
      source: 'request',
      target,
      subjectId: target && this.#subjectOf(target),
      metadata: { attempted },
      error: this.#error,
    } as const;
    return this.#net.watching.record(this.#answered(event));
  }

  #tellEnd(ending: Ending): void {
    // An answer that never came shows nothing, but what was done for it was done.
    if (this.#head === undefined)
      for (const event of this.#findings.takenBeside([], undefined)) void this.#net.watching.record(event);
    void this.#tellRequest(ending);
  }

  /** The safety net itself: a request that left nothing in the trail that says how it ended. */
  #tellRequest(ending: Ending): Promise<void> | undefined {
    const outcome = outcomeOf(this.#head, ending, this.#error !== undefined);
    if (this.#isTold || !this.#net.tells(this.path) || this.#isExplained(outcome)) return undefined;
    const actor = this.#net.watching.actor();
    const isKnown = actor !== undefined && actor.type !== 'anonymous';
    if (!isKnown && outcome !== 'error') return undefined;
    this.#isTold = true;
    const key = isKnown ? this.#callerOf(actor) : `at ${this.#request().ip}`;
    const event = {
      action: 'API_REQUEST',
      outcome,
      source: 'request',
      target: this.#target(),
      error: this.#error ?? (ending === 'aborted' && outcome !== 'success' ? ABORTED : undefined),
    } as const;
    return this.#net.watching.recordWithin(this.#net.limit, key, this.#answered(event));
  }

  #callerOf({ type, id, username, email, name }: Actor): string {
    return JSON.stringify([type, id ?? username ?? email ?? name, this.#net.watching.around().tenantId]);
  }

  #isExplained(outcome: Outcome): boolean {
    return outcome === 'success' ? this.#findings.hasAny : this.#findings.hasRefusal;
  }

  #target(): Target | undefined {
    const inRoute = this.#inRoute();
    const [reading] = this.#readings;
    return reading === undefined
      ? inRoute
      : (this.#safely(() => reading.target(this.facts, inRoute)) ?? inRoute);
  }

  /** Whom a record is about, where its id alone says so. */
  #subjectOf({ type, id }: Target): string | undefined {
    return aboutRecord({ type, id }, { id }, this.#net.watching.rulesOf(type), {}).subjectId;
  }

  #inRoute(): Target | undefined {
    return this.#net.targetOf(this.facts.route(), this.path);
  }

  /** An event with how its request was answered. Not a spread, which takes many times as long in the engine of Node 20. */
  #answered(event: LooseInput): LooseInput {
    const durationMs = Math.round(performance.now() - this.#startedAt);
    const request: Record<string, unknown> = { statusCode: this.#head?.status, durationMs };
    if (this.#net.options.logBodies === true) request['body'] = this.facts.body();
    return Object.assign({}, event, { request });
  }

  #safely<T>(work: () => T): T | undefined {
    try {
      return work();
    } catch (error) {
      this.#net.watching.report(
        AuditError.from(
          error,
          'INVALID_OPTIONS',
          `A function given to the adapter failed, or the answer cannot be looked at, for ${this.path}`,
        ),
      );
      return undefined;
    }
  }
}

/** An event that is told later, with what was known of who acts when it happened. */
function toldLater(event: LooseInput, around: Partial<LooseInput>): LooseInput {
  const own = Object.entries(event).filter(([, value]) => value !== undefined);
  return Object.assign({ action: event.action }, around, Object.fromEntries(own));
}

function allOf(waits: readonly (Promise<void> | undefined)[]): Promise<void> | undefined {
  const waiting = waits.filter((wait) => wait !== undefined);
  return waiting.length === 0 ? undefined : Promise.all(waiting).then(() => undefined);
}
