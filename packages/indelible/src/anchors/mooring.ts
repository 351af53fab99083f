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
  /** What it calls itself, but `worm` only while what it holds is seen to be locked. */
  readonly assurance: AnchorAssurance;
  /** How long the log was that the anchor was last seen to hold; null when this process has not seen any. */
  readonly lastAnchoredSize: number | null;
  readonly lastAnchoredAt: string | null;
  readonly failures: number;
  /** True while the log has a checkpoint that the anchor has not. */
  readonly isBehind: boolean;
  /** Since when nothing could be anchored there, where that is longer than it may be. */
  readonly awaySince: string | null;
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

/** A checkpoint that the anchor holds, and its note. */
interface Held extends OpenedCheckpoint {
  readonly note: string;
}

/** One anchor and what is known of it: what it holds must be a beginning of the log, or nothing more is put there. */
export class Mooring {
  readonly #anchor: Anchor;
  readonly #options: MooringOptions;
  /** What the anchor holds; undefined until it was asked, null when it holds nothing of this log. */
  #held: Held | null | undefined;
  #heldAt: string | null = null;
  #wanted: bigint | undefined;
  #failures = 0;
  #failingSince: number | undefined;
  #isTold = false;
  /** In milliseconds; 0 when what it holds was not seen to be locked. */
  #lockedUntil = 0;
  #isUnlockedTold = false;
  #disagreement: Disagreement | null = null;

  constructor(anchor: Anchor, options: MooringOptions) {
    this.#anchor = anchor;
    this.#options = options;
  }

  get stats(): AnchorStats {
    const size = this.#held?.size;
    return {
      name: this.#anchor.name,
      assurance: this.#lockedUntil > Date.now() ? 'worm' : 'operator',
      lastAnchoredSize: size === undefined ? null : Number(size),
      lastAnchoredAt: this.#heldAt,
      failures: this.#failures,
      isBehind: this.#failingSince !== undefined || (this.#wanted ?? 0n) > (size ?? 0n),
      awaySince: this.#isAway ? new Date(Date.now() - this.#failingForMs).toISOString() : null,
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
    if (last !== undefined && opened !== undefined && !isSame(opened, held)) {
      await this.#inTime(this.#anchor.put(last), `the anchor ${this.#anchor.name}`);
      this.#holds({ ...opened, note: last.note });
    }
    await this.#lookAtLock();
  }

  /** At every turn, since a lock ends, and some servers take the request and forget it. */
  async #lookAtLock(): Promise<void> {
    const { name, assurance } = this.#anchor;
    const held = this.#held;
    if (assurance !== 'worm' || !held) return;
    const asked = this.#anchor.lockedUntil?.({ size: Number(held.size), note: held.note });
    const until = await this.#inTime(Promise.resolve(asked), `the anchor ${name}`);
    this.#lockedUntil = until?.getTime() ?? 0;
    const isLocked = this.#lockedUntil > Date.now();
    if (!isLocked && !this.#isUnlockedTold) this.#options.report(unlocked(name, held.size));
    this.#isUnlockedTold = !isLocked;
  }

  /** Asked once: from then on it is known what was put there. */
  async #ask(): Promise<Held | null> {
    if (this.#held !== undefined) return this.#held;
    const asked = this.#anchor.newest((note) => this.#open(note) !== undefined);
    const note = await this.#inTime(asked, `the anchor ${this.#anchor.name}`);
    const opened = note === undefined ? undefined : this.#open(note);
    if (note === undefined || opened === undefined) this.#held = null;
    else this.#holds({ ...opened, note });
    return this.#held ?? null;
  }

  #holds(checkpoint: Held): void {
    this.#held = checkpoint;
    this.#lockedUntil = 0;
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

  get #failingForMs(): number {
    return this.#failingSince === undefined ? 0 : performance.now() - this.#failingSince;
  }

  get #isAway(): boolean {
    return this.#failingSince !== undefined && this.#failingForMs >= this.#options.patienceMs;
  }

  #failed(cause: unknown): void {
    this.#failures += 1;
    this.#failingSince ??= performance.now();
    if (this.#isTold || !this.#isAway) return;
    this.#isTold = true;
    this.#options.report(behind(this.#anchor.name, this.stats.lastAnchoredSize, cause));
  }
}

function unlocked(name: string, size: bigint): AuditError {
  return new AuditError(
    'ANCHOR_UNAVAILABLE',
    `What was anchored last in ${name}, at ${size} leaves, is not locked: its retention has ended, or the server forgot it. It is kept all the same, and is worth no more than a place whose administrator can change it. Give a longer retention, and see that the place locks what is put there.`,
  );
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
