import { setImmediate as nextTurn } from 'node:timers/promises';

import type { LooseInput } from '../../event/input.js';
import { VerifierKey } from '../../integrity/note-key.js';
import { openCheckpoint } from '../../integrity/checkpoint.js';
import type { LogHead, Pending } from '../../stores/seal-log.js';
import { impatientLog, type SealingLog } from '../deadline.js';
import type { TrailStats } from '../stats.js';
import { keyEvent } from './key-event.js';
import type { SealingKeys } from './keys.js';
import { sealBatchGently } from './seal-batch.js';
import { checkGrown, inconsistent, isSame, openLast, type Stand, treeAt, unknownSigner } from './trust.js';

/** Who is silent so many times longer than a sign of life is due has died. */
const SILENCE = 1.5;

export interface TurnsOptions {
  readonly log: SealingLog;
  readonly keys: SealingKeys;
  readonly batchSize: number;
  /** How long the log may say nothing, in milliseconds. */
  readonly heartbeatMs: number;
  /** How long each answer of the store may take, in milliseconds. */
  readonly deadlineMs: number;
  readonly stats: Pick<TrailStats, 'sealed' | 'unsealed' | 'sealedAt'>;
  /** Records which key signs from here on; resolves when that is on its way to the store. */
  readonly announce: (event: LooseInput) => Promise<void>;
}

/** What came of a turn: `more` is sealed with more behind it, `passed` that the log has moved on by another's hand. */
export type Turn = 'sealed' | 'more' | 'idle' | 'passed';

/**
 * Appends to the log, a batch at a time, and only to a log that is known: the head must be one that this process
 * made, or one whose checkpoint a known key signed.
 */
export class Turns {
  readonly #options: TurnsOptions;
  readonly #log: SealingLog;
  readonly #verifiers: readonly VerifierKey[];
  /** The last head that was made or checked here. */
  #known: Stand | undefined;
  /** A head whose sealing was not confirmed: if the log is found there, only the answer was lost. */
  #attempt: Stand | undefined;
  #origin: string | undefined;
  #isAnnounced = false;
  /** When the log was last seen to do something, by a clock that never jumps. */
  #aliveAt = performance.now();
  /** What was found by the last look: where the log stood, if something waited. */
  #waitingAt: Stand | undefined;

  constructor(options: TurnsOptions) {
    this.#options = options;
    this.#log = impatientLog(options.log, options.deadlineMs);
    this.#verifiers = options.keys.known.map((key) => VerifierKey.parse(key));
  }

  /** Seals what is pending, or gives a sign of life when one is due. One turn must end before the next begins. */
  async take(mayFollow: boolean): Promise<Turn> {
    await this.announce();
    const { stats } = this.#options;
    const before = stats.unsealed;
    const pending = await this.#log.pending(this.#options.batchSize);
    if (!(await this.#isTrusted(pending.head, mayFollow))) return 'passed';
    const isIdle = pending.entries.length === 0 && !(await this.#isSilentFor(this.#options.heartbeatMs));
    if (!isIdle && !(await this.#seal(pending))) return 'passed';
    const waiting = pending.hasMore ? await this.#waitingBehind(pending, before) : 0;
    // What was stored since the turn began is counted on top.
    stats.unsealed = waiting + Math.max(stats.unsealed - before, 0);
    return pending.hasMore ? 'more' : isIdle ? 'idle' : 'sealed';
  }

  /** True when nobody seals: what waited at the last look waits still, or no sign of life came. */
  async look(): Promise<boolean> {
    const head = await this.#log.head();
    const { count } = await this.#log.lag();
    this.#options.stats.unsealed = count;
    if (this.#options.stats.sealed !== head.size) this.#moved(head);
    const isLeft = count > 0 && isSame(this.#waitingAt, head);
    this.#waitingAt = count > 0 ? head : undefined;
    return isLeft || this.#isSilentFor(this.#options.heartbeatMs * SILENCE);
  }

  /** Once in the life of a process: an event names the key, unless the last checkpoint was signed with it. */
  async announce(): Promise<void> {
    if (this.#isAnnounced) return;
    const { keys, announce } = this.#options;
    const previous = await this.#lastSigners();
    const [key] = keys.signing;
    const isKnown = previous.includes(key.id);
    if (!isKnown) await announce(keyEvent(key, this.#textOf(previous)));
    this.#isAnnounced = true;
  }

  async #lastSigners(): Promise<readonly string[]> {
    const last = await this.#log.lastCheckpoint();
    if (last === undefined) return [];
    const opened = openCheckpoint(last.note, this.#verifiers);
    if (opened === undefined) throw inconsistent(unknownSigner(last, this.#verifiers));
    return opened.signedBy;
  }

  #textOf(ids: readonly string[]): string | undefined {
    const at = this.#verifiers.findIndex(({ id }) => ids.includes(id));
    return this.#options.keys.known[at];
  }

  /** The log is asked only where more waits than was known of: to count costs nearly as much as to seal. */
  async #waitingBehind({ entries }: Pending, known: number): Promise<number> {
    return known > entries.length ? known - entries.length : (await this.#log.lag()).count;
  }

  async #isTrusted(head: LogHead, mayFollow: boolean): Promise<boolean> {
    if (isSame(head, this.#known)) return true;
    if (isSame(head, this.#attempt)) {
      this.#made(head);
      return true;
    }
    if (this.#known !== undefined) {
      checkGrown(head, this.#known);
      if (!mayFollow) return this.#moved(head);
    }
    return this.#follow(head);
  }

  /** False when the log moves on between the two questions, so that their answers cannot agree. */
  async #follow(head: LogHead): Promise<boolean> {
    const last = await this.#log.lastCheckpoint();
    if (last === undefined && head.size === 0) {
      this.#known = head;
      return true;
    }
    const opened = openLast(last, head, this.#verifiers);
    if (typeof opened === 'string') {
      if (!isSame(await this.#log.head(), head)) return this.#moved(head);
      throw inconsistent(opened);
    }
    if (this.#origin !== undefined && opened.origin !== this.#origin)
      throw inconsistent(`it is called ${opened.origin}, and was called ${this.#origin}`);
    this.#origin = opened.origin;
    this.#known = head;
    this.#moved(head, last?.sealedAt);
    return true;
  }

  async #seal(pending: Pending): Promise<boolean> {
    const { signing } = this.#options.keys;
    this.#origin ??= signing[0].name;
    const frontier = treeAt(pending.head);
    const parts = { pending, frontier, origin: this.#origin, keys: signing };
    const batch = await sealBatchGently(parts, nextTurn);
    await nextTurn();
    this.#attempt = batch.head;
    if (!(await this.#log.seal(batch))) return false;
    this.#made(batch.head);
    return true;
  }

  #made(head: Stand): void {
    this.#known = head;
    this.#attempt = undefined;
    this.#moved(head);
  }

  /** Always false, for whoever does not go on from there. */
  #moved({ size }: Stand, at: string = new Date().toISOString()): false {
    const { stats } = this.#options;
    stats.sealed = size;
    stats.sealedAt = at;
    this.#aliveAt = performance.now();
    return false;
  }

  /** Another process's signs of life change no head, so the store is asked; but only when one is overdue here. */
  async #isSilentFor(ms: number): Promise<boolean> {
    if (performance.now() - this.#aliveAt < ms) return false;
    const last = await this.#log.lastCheckpoint();
    if (last === undefined) return true;
    const age = Math.max(Date.now() - Date.parse(last.sealedAt), 0);
    this.#aliveAt = performance.now() - age;
    this.#options.stats.sealedAt = last.sealedAt;
    return age >= ms;
  }
}
