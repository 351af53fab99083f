import { AuditError, messageOf } from '../event/errors.js';
import { openCheckpoint, type OpenedCheckpoint } from '../integrity/checkpoint.js';
import type { VerifierKey } from '../integrity/note-key.js';
import type { SealLog } from '../stores/seal-log.js';
import { inTime } from '../trail/deadline.js';
import type { Anchor, AnchorAssurance } from './anchor.js';
import { type Disagreement, disagreement } from './compare.js';

/** How one anchor is doing. */
export interface AnchorStats {
  readonly name: string;
  readonly assurance: AnchorAssurance;
  /** How long the log was that the anchor was last seen to hold; null when this process has not seen any. */
  readonly lastAnchoredSize: number | null;
  readonly lastAnchoredAt: string | null;
  readonly failures: number;
  /** True while the log has a checkpoint that the anchor has not. */
  readonly isBehind: boolean;
  /** Why nothing is anchored any more. */
  readonly disagreement: Disagreement | null;
}

/** What of a log is anchored. */
type AnchoredLog = Pick<SealLog, 'lastCheckpoint' | 'leafHashes' | 'nodes'>;

export interface MooringOptions {
  readonly log: AnchoredLog;
  /** The keys that checkpoints of the log are signed with, and were. */
  readonly keys: readonly VerifierKey[];
  /** How long an answer of the anchor, or of the store, may take, in milliseconds. */
  readonly deadlineMs: number;
  /** How long an anchor may fail before that is told, in milliseconds. */
  readonly patienceMs: number;
  readonly report: (error: AuditError) => void;
}

type Outcome = 'done' | 'failed';

/** One anchor and what is known of it: what it holds must be a beginning of the log, or nothing more is put there. */
export class Mooring {
  readonly #anchor: Anchor;
  readonly #options: MooringOptions;
  /** What the anchor holds; undefined until it was asked, null when it holds nothing of this log. */
  #held: OpenedCheckpoint | null | undefined;
  #heldAt: string | null = null;
  #wanted: bigint | undefined;
  #failures = 0;
  #failingSince: number | undefined;
  #isTold = false;
  #disagreement: Disagreement | null = null;

  constructor(anchor: Anchor, options: MooringOptions) {
    this.#anchor = anchor;
    this.#options = options;
  }

  get stats(): AnchorStats {
    const { name, assurance } = this.#anchor;
    const size = this.#held?.size;
    return {
      name,
      assurance,
      lastAnchoredSize: size === undefined ? null : Number(size),
      lastAnchoredAt: this.#heldAt,
      failures: this.#failures,
      isBehind: this.#failingSince !== undefined || (this.#wanted ?? 0n) > (size ?? 0n),
      disagreement: this.#disagreement,
    };
  }

  /** Puts the newest checkpoint there, if it is not there yet. Never throws: what fails is counted, and told in time. */
  async moor(): Promise<Outcome> {
    if (this.#disagreement !== null) return 'done';
    try {
      await this.#moor();
      this.#failingSince = undefined;
      this.#isTold = false;
      return 'done';
    } catch (error) {
      this.#failed(error);
      return 'failed';
    }
  }

  async #moor(): Promise<void> {
    const held = await this.#ask();
    // Only now: the log must not be older than what it is compared with.
    const last = await this.#inTime(this.#options.log.lastCheckpoint(), 'the log in the store');
    const opened = last && this.#open(last.note);
    this.#wanted = opened?.size;
    if (last !== undefined && opened === undefined) throw unknownSigner(last.size);
    if (held !== null && !(await this.#agrees(held, opened))) return;
    if (last === undefined || opened === undefined || isSame(opened, held)) return;
    await this.#inTime(this.#anchor.put(last), `the anchor ${this.#anchor.name}`);
    this.#holds(opened);
  }

  /** Asked once: from then on it is known what was put there. */
  async #ask(): Promise<OpenedCheckpoint | null> {
    if (this.#held !== undefined) return this.#held;
    const asked = this.#anchor.newest((note) => this.#open(note) !== undefined);
    const note = await this.#inTime(asked, `the anchor ${this.#anchor.name}`);
    const opened = note === undefined ? undefined : this.#open(note);
    if (opened === undefined) this.#held = null;
    else this.#holds(opened);
    return opened ?? null;
  }

  #holds(checkpoint: OpenedCheckpoint): void {
    this.#held = checkpoint;
    this.#heldAt = new Date().toISOString();
  }

  async #agrees(held: OpenedCheckpoint, log: OpenedCheckpoint | undefined): Promise<boolean> {
    const compared = disagreement(held, log, this.#options.log);
    const found = await this.#inTime(compared, 'the log in the store');
    if (found === undefined) return true;
    this.#disagreement = found;
    this.#options.report(alarm(found, this.#anchor.name, held, log));
    return false;
  }

  #open(note: string): OpenedCheckpoint | undefined {
    return openCheckpoint(note, this.#options.keys);
  }

  #inTime<T>(work: Promise<T>, who: string): Promise<T> {
    return inTime(work, this.#options.deadlineMs, who, 'ANCHOR_UNAVAILABLE');
  }

  #failed(cause: unknown): void {
    this.#failures += 1;
    this.#failingSince ??= performance.now();
    const forMs = performance.now() - this.#failingSince;
    if (this.#isTold || forMs < this.#options.patienceMs) return;
    this.#isTold = true;
    this.#options.report(behind(this.#anchor.name, this.stats.lastAnchoredSize, cause));
  }
}

function isSame(one: OpenedCheckpoint, other: OpenedCheckpoint | null): boolean {
  return one.size === other?.size && Buffer.compare(one.root, other.root) === 0;
}

function unknownSigner(size: number): AuditError {
  return new AuditError(
    'KEY_INVALID',
    `the last checkpoint, at ${size} leaves, is signed by none of the keys known here; name the file of the key before in keys.previous`,
  );
}

function behind(name: string, size: number | null, cause: unknown): AuditError {
  return new AuditError(
    'ANCHOR_UNAVAILABLE',
    `Nothing is anchored in ${name}: ${messageOf(cause)}. Events are recorded and sealed all the same, but what lies behind ${size ?? 0} leaves could be rewritten unseen until it is back; it is tried again.`,
    cause,
  );
}

function alarm(
  found: Disagreement,
  name: string,
  held: OpenedCheckpoint,
  log: OpenedCheckpoint | undefined,
): AuditError {
  const what =
    found === 'ROLLBACK'
      ? `it has ${log?.size ?? 0n} leaves, and the anchor holds it with ${held.size}: leaves were removed, or an old state was restored`
      : `it does not continue the ${held.size} leaves that the anchor holds: it was written anew, or this is another log under the same key`;
  return new AuditError(
    'LOG_INCONSISTENT',
    `${found}: the log in the store is not the one that was anchored in ${name}: ${what}. Nothing more is anchored there; find out who changed the log, and keep both as they are until then.`,
  );
}
