import type { SealLog, StoredCheckpoint } from '../stores/seal-log.js';
import type { SignedHead, Trust } from './trust.js';

const PAGE = 500;

/** A checkpoint of the log, and what it says if a pinned key signed it. */
export interface QueuedCheckpoint extends StoredCheckpoint {
  readonly place: number;
  readonly signed: SignedHead | undefined;
}

/** The checkpoints of a log in their order, a page at a time. */
export class CheckpointQueue {
  readonly #log: Pick<SealLog, 'checkpoints'>;
  readonly #trust: Trust;
  #page: QueuedCheckpoint[] = [];
  #place: number;
  #isOver = false;

  /** Those behind a place. */
  constructor(log: Pick<SealLog, 'checkpoints'>, trust: Trust, after = 0) {
    this.#log = log;
    this.#trust = trust;
    this.#place = after;
  }

  /** The next one, which stays where it is; undefined when there is none. */
  async peek(): Promise<QueuedCheckpoint | undefined> {
    if (this.#page.length === 0 && !this.#isOver) await this.#turn();
    return this.#page[0];
  }

  shift(): void {
    this.#page.shift();
  }

  async #turn(): Promise<void> {
    const page = await this.#log.checkpoints(this.#place, PAGE);
    this.#isOver = page.length === 0;
    this.#place = page.at(-1)?.place ?? this.#place;
    this.#page = page.map((checkpoint) => ({ ...checkpoint, signed: this.#trust.open(checkpoint.note) }));
  }
}
