import { randomUUID } from 'node:crypto';

import { AuditError } from '../event/errors.js';
import type { RequestInfo } from '../event/event.js';
import type { LooseInput } from '../event/input.js';
import type { Context, Fact, Scope, Witness } from '../trail/context.js';
import type { Reading } from './reading.js';
import type { AnswerHead, RequestFacts } from './request-facts.js';
import { requestInfo } from './request-info.js';
import type { SafetyNet } from './safety-net.js';
import { Telling } from './telling.js';
import { tellable } from './thrown.js';
import { traceIdOf } from './trace-id.js';
import type { Ending } from './verdict.js';

/**
 * One request and its answer: its context, and the witness of everything that is recorded in it. What nothing else
 * has told is told when the answer leaves. Nothing in here throws into the application.
 */
export class Exchange<R> implements Witness {
  readonly facts: RequestFacts<R>;
  readonly path: string;
  readonly #net: SafetyNet<R>;
  readonly #scope: Scope;
  readonly #telling: Telling<R>;
  #id: string | undefined;
  #info: RequestInfo | undefined;
  #hasHead = false;
  #isOver = false;

  constructor(net: SafetyNet<R>, facts: RequestFacts<R>, path: string) {
    this.facts = facts;
    this.path = path;
    this.#net = net;
    this.#telling = new Telling({ net, facts, path, safely: (work) => this.#safely(work) });
    this.#scope = net.watching.open(this.#context(), this);
  }

  /** Runs work of the request: what is recorded in there, however late, belongs to it. */
  within<T>(fn: () => T): T {
    return this.#net.watching.within(this.#scope, fn);
  }

  saw(fact: Fact): void {
    this.#telling.findings.saw(fact);
  }

  takes(event: LooseInput): boolean {
    if (this.#hasHead || this.#isOver) return false;
    const telling = this.#telling;
    return telling.isSilenced(event) || telling.findings.take(inside(event, this.#net.watching.around()));
  }

  /** The route that has matched reads something. False when it asks for a reason and none was given. */
  expects(reading: Reading<R>): boolean {
    this.#telling.expect(reading);
    return this.#safely(() => this.#reasonFor(reading)) ?? !reading.requiresReason;
  }

  isExpecting(reading: Reading<R>): boolean {
    return this.#telling.isExpecting(reading);
  }

  /** The route that has matched wants neither its request nor its lists told; all else is. */
  silence(): void {
    this.#telling.silence();
  }

  /** What the handler answered, before it was made bytes. */
  answers(answer: unknown): void {
    this.#telling.answer = answer;
  }

  /** What the handler threw. */
  fails(error: unknown): void {
    this.#telling.error = this.#safely(() => tellable(error)) ?? 'unreadable';
  }

  /**
   * The head of the answer is about to leave. It must not before what this returns has resolved; when that
   * rejects, the request is to be refused with 503.
   */
  head(head: AnswerHead): Promise<void> | undefined {
    if (this.#hasHead || this.#isOver) return undefined;
    this.#hasHead = true;
    return this.#safely(() => this.within(() => this.#telling.atHead(head)));
  }

  /** The answer has been handed over, or nobody is there any more to take it. */
  end(ending: Ending = 'answered'): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#safely(() => this.within(() => this.#telling.atEnd(ending)));
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
    const net = this.#net;
    const route = facts.route();
    if (this.#info === undefined || this.#info.route !== route) {
      this.#id ??= this.#safely(() => net.requestId(facts)) ?? randomUUID();
      this.#info = requestInfo(this.#id, net.shownPath(route, this.path), facts, net.addressOf(facts));
    }
    return this.#info;
  }

  #reasonFor(reading: Reading<R>): boolean {
    const reason = reading.reason(this.facts);
    if (reason !== undefined) this.#net.watching.add(this.#scope, { reason });
    return reason !== undefined || !reading.requiresReason;
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
function inside(event: LooseInput, around: Partial<LooseInput>): LooseInput {
  const own = Object.entries(event).filter(([, value]) => value !== undefined);
  return Object.assign({ action: event.action }, around, Object.fromEntries(own));
}
