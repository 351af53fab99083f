import { setTimeout as sleep } from 'node:timers/promises';

import { AuditError } from '../event/errors.js';
import type { AuditEvent } from '../event/event.js';
import type { LooseInput } from '../event/input.js';
import type { Finding } from './finding.js';
import { deliveryOf, type Refusal, send, type WebhookOptions } from './webhook.js';

/** Recorded when the webhook has taken a finding: so it is known after a restart, and in the trail for good. */
const REPORTED = 'FINDING_REPORTED';

export interface WatchOptions {
  /** How long to wait between two looks, in milliseconds; five minutes by default. */
  readonly everyMs?: number | undefined;
  /** As of `audit.findings`. */
  readonly days?: number | undefined;
  readonly tenantId?: string | null | undefined;
  /** How long to wait before each further try, in milliseconds; `[1000, 5000]` by default. */
  readonly retryMs?: readonly number[] | undefined;
  /** How long an answer may take, in milliseconds; 10,000 by default. */
  readonly deadlineMs?: number | undefined;
}

export interface WatchParts {
  readonly webhook: WebhookOptions;
  readonly findings: () => Promise<readonly Finding[]>;
  readonly read: (actions: readonly string[], from: number) => AsyncIterable<AuditEvent>;
  readonly record: (event: LooseInput) => Promise<string | undefined>;
  readonly flush: () => Promise<void>;
  readonly outside: <T>(fn: () => T) => T;
  readonly report: (error: AuditError) => void;
  readonly onStopped: () => void;
}

const EVERY_MS = 5 * 60_000;
const RETRY_MS = [1_000, 5_000];
/** In one look; the rest are sent after the next. */
const MOST_AT_ONCE = 50;
/** Who has refused so many in a row is left alone until the next look. */
const MOST_REFUSED = 3;

/** A longer wait would be none: timers know no more than 24 days. */
const MOST_MS = 86_400_000;

/** Refuses what would make the watch look without a pause. */
export function checkWatch({ everyMs = 1, deadlineMs = 1, retryMs = [] }: WatchOptions): void {
  const waits = { everyMs, deadlineMs, ...Object.fromEntries(retryMs.map((ms, n) => [`retryMs[${n}]`, ms])) };
  const wrong = Object.entries(waits).find(([, ms]) => !(ms > 0 && ms <= MOST_MS));
  if (wrong === undefined) return;
  const message = `watchFindings: ${wrong[0]} is ${String(wrong[1])}; give milliseconds, from 1 to ${MOST_MS}.`;
  throw new AuditError('INVALID_OPTIONS', message);
}

/**
 * Looks every few minutes and sends what is new, at least once. Nothing waits for it and nothing it meets with is
 * thrown: what was not taken is sent after the next look, as long as it is still found.
 */
export class FindingsWatch {
  readonly #options: WatchOptions;
  readonly #parts: WatchParts;
  readonly #stopping = new AbortController();
  /** What was sent and could not be recorded. */
  readonly #sent: Set<string> = new Set();
  readonly #running: Promise<void>;
  #isRefused = false;

  /** @internal */
  constructor(options: WatchOptions, parts: WatchParts) {
    this.#options = options;
    this.#parts = parts;
    this.#running = parts.outside(() => this.#run());
  }

  /** Resolves when nothing is under way any more. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    this.#parts.onStopped();
  }

  async #run(): Promise<void> {
    const { everyMs = EVERY_MS } = this.#options;
    while (!this.#stopping.signal.aborted) {
      await this.#look();
      await this.#wait(everyMs);
    }
  }

  async #look(): Promise<void> {
    try {
      const open = (await this.#parts.findings()).filter(({ acknowledgement }) => acknowledgement === null);
      if (open.length > 0) await this.#sendNew(open);
    } catch (error) {
      if (this.#stopping.signal.aborted) return;
      const message = 'Findings could not be looked for; that is tried again';
      this.#parts.report(AuditError.from(error, 'STORE_UNAVAILABLE', message));
    }
  }

  async #sendNew(open: readonly Finding[]): Promise<void> {
    const reported = await this.#reported(open);
    const news = open.filter((finding) => !reported.has(deliveryOf(finding))).slice(0, MOST_AT_ONCE);
    let refusals = 0;
    let refusal: Refusal = null;
    for (const finding of news) {
      if (this.#stopping.signal.aborted || refusals >= MOST_REFUSED) break;
      const answer = await this.#send(finding);
      if (answer === null) await this.#keep(finding);
      else refusal = answer;
      refusals = answer === null ? 0 : refusals + 1;
    }
    this.#tell(refusal);
  }

  /** What was sent already, by this process or another. */
  async #reported(open: readonly Finding[]): Promise<ReadonlySet<string>> {
    const reported = new Set(this.#sent);
    const first = Math.min(...open.map((finding) => Date.parse(finding.first)));
    for await (const { target, metadata } of this.#parts.read([REPORTED], first))
      reported.add(`${target?.id}.${String(metadata?.['severity'])}`);
    return reported;
  }

  async #send(finding: Finding): Promise<Refusal> {
    const { retryMs = RETRY_MS, deadlineMs } = this.#options;
    const { signal } = this.#stopping;
    let refusal = await send(finding, this.#parts.webhook, signal, deadlineMs);
    for (const waitMs of retryMs) {
      if (refusal === null || signal.aborted) break;
      await this.#wait(waitMs);
      refusal = await send(finding, this.#parts.webhook, signal, deadlineMs);
    }
    return refusal;
  }

  async #keep(finding: Finding): Promise<void> {
    const { id, type, severity, count, tenantId } = finding;
    this.#sent.add(deliveryOf(finding));
    await this.#parts.record({
      action: REPORTED,
      source: 'system',
      actor: { type: 'system', name: 'findings' },
      target: { type: 'Finding', id },
      tenantId: tenantId ?? undefined,
      metadata: { type, severity, count },
    });
    await this.#parts.flush();
  }

  /** Once, until the webhook takes something again. */
  #tell(refusal: Refusal): void {
    const isNew = refusal !== null && !this.#isRefused && !this.#stopping.signal.aborted;
    this.#isRefused = refusal !== null;
    if (!isNew) return;
    const message = `detectors.webhook does not take findings: ${refusal}. They are sent again after the next look; see to what receives them.`;
    this.#parts.report(new AuditError('INVALID_OPTIONS', message));
  }

  async #wait(ms: number): Promise<void> {
    try {
      await sleep(ms, undefined, { ref: false, signal: this.#stopping.signal });
    } catch {
      // It was told to stop.
    }
  }
}
