import type { LogHead, SealBatch, StoredCheckpoint } from '../src/stores/seal-log.js';
import type { FaultMode } from '../src/testing/faulty-store.js';
import type { SealingLog } from '../src/trail/deadline.js';

/** A log that fails on demand, and says what it is told to, around one that does neither. */
export class FaultyLog implements SealingLog {
  /** What was sealed here, in its order, as far as it was confirmed. */
  readonly sealed: SealBatch[] = [];
  /** How often it was asked for what is pending. */
  looks = 0;
  /** When sealing was asked for, by the clock that never jumps. */
  readonly sealedAt: number[] = [];
  /** Called before each batch goes to the real log. */
  beforeSeal: () => Promise<void> = async () => undefined;
  /** What is answered in place of the real head, or the real last checkpoint. */
  forgeHead: (head: LogHead) => LogHead = (head) => head;
  forgeCheckpoint: (last: StoredCheckpoint | undefined) => StoredCheckpoint | undefined = (last) => last;
  readonly #log: SealingLog;
  readonly #next: FaultMode[] = [];
  readonly #hanging: (() => void)[] = [];
  #isAway = false;

  constructor(log: SealingLog) {
    this.#log = log;
  }

  /** The next batches fail. */
  failNext(mode: FaultMode, times = 1): void {
    for (let i = 0; i < times; i += 1) this.#next.push(mode);
  }

  /** Every question fails until `recover`. */
  failAlways(): void {
    this.#isAway = true;
  }

  recover(): void {
    this.#isAway = false;
    for (const goOn of this.#hanging.splice(0)) goOn();
  }

  async head(): ReturnType<SealingLog['head']> {
    this.#check();
    return this.forgeHead(await this.#log.head());
  }

  async pending(limit: number): ReturnType<SealingLog['pending']> {
    this.looks += 1;
    this.#check();
    const pending = await this.#log.pending(limit);
    return { ...pending, head: this.forgeHead(pending.head) };
  }

  async seal(batch: SealBatch): Promise<boolean> {
    this.sealedAt.push(performance.now());
    await this.beforeSeal();
    this.#check();
    const mode = this.#next.shift();
    if (mode === 'hangs') await new Promise<void>((goOn) => this.#hanging.push(goOn));
    if (mode === 'not-persisted') throw new Error('nothing was sealed');
    const isSealed = await this.#log.seal(batch);
    if (mode === 'persisted') throw new Error('the answer was lost');
    if (isSealed) this.sealed.push(batch);
    return isSealed;
  }

  async lag(): ReturnType<SealingLog['lag']> {
    this.#check();
    return this.#log.lag();
  }

  async lastCheckpoint(): ReturnType<SealingLog['lastCheckpoint']> {
    this.#check();
    return this.forgeCheckpoint(await this.#log.lastCheckpoint());
  }

  #check(): void {
    if (this.#isAway) throw new Error('the store is away');
  }
}
