import { AuditError } from '../event/errors.js';
import type { VerifierKey } from '../integrity/note-key.js';
import type { KnownCheckpoint } from './checkpoint-check.js';
import type { ResumeState } from './resume.js';
import { Trust } from './trust.js';

/** A checkpoint that was kept elsewhere: its note, and what to call it. */
export interface GivenCheckpoint {
  readonly name: string;
  readonly note: string;
}

export interface VerifyOptions {
  /** The verifier keys of the trail, of now and of before, from a place that is trusted: never from the trail. */
  readonly keys: readonly (VerifierKey | string)[];
  /** The name the log must have; by default that of its first checkpoint. */
  readonly origin?: string | undefined;
  /** Checkpoints that were kept elsewhere, such as anchors: the log must continue each of them. */
  readonly knownCheckpoints?: readonly (GivenCheckpoint | string)[] | undefined;
  /** Only what was sealed from this moment on, RFC 3339. */
  readonly from?: string | undefined;
  /** Only what was sealed up to this moment. */
  readonly to?: string | undefined;
  /** How old an event must have been at least to be purged, whatever the trail asked for; in days, 0 by default. */
  readonly floorDays?: number | undefined;
  /** An event that waits for its leaf longer than this is told of, in milliseconds; ten minutes by default. */
  readonly maxPendingMs?: number | undefined;
  /** How many violations are kept, of all that are counted; 100 by default. */
  readonly most?: number | undefined;
  /** Where a verification that was broken off goes on. */
  readonly resume?: ResumeState | undefined;
  /** Where it could go on if it were broken off now; told of every few seconds. */
  readonly onState?: ((state: ResumeState) => void) | undefined;
  readonly onProgress?: ((verified: number, of: number) => void) | undefined;
}

/** The options with every default applied. */
export interface VerifySettings {
  readonly trust: Trust;
  readonly origin: string | undefined;
  /** In the order of their sizes. */
  readonly known: readonly KnownCheckpoint[];
  readonly span: { readonly from: number; readonly to: number } | undefined;
  readonly floorDays: number;
  readonly maxPendingMs: number;
  readonly most: number;
}

const TEN_MINUTES = 600_000;

export function settingsOf(options: VerifyOptions): VerifySettings {
  const trust = new Trust(options.keys);
  const { from, to } = options;
  const known = (options.knownCheckpoints ?? []).map((given, n) => opened(given, n, trust));
  return {
    trust,
    origin: options.origin,
    known: known.toSorted((one, other) => one.size - other.size),
    span:
      from === undefined && to === undefined
        ? undefined
        : { from: momentOf(from, -Infinity), to: momentOf(to, Infinity) },
    floorDays: options.floorDays ?? 0,
    maxPendingMs: options.maxPendingMs ?? TEN_MINUTES,
    most: options.most ?? 100,
  };
}

function opened(given: GivenCheckpoint | string, n: number, trust: Trust): KnownCheckpoint {
  const { name, note } = typeof given === 'string' ? { name: `number ${n + 1} given`, note: given } : given;
  const signed = trust.open(note);
  if (signed !== undefined) return { name, ...signed };
  throw new AuditError(
    'INVALID_OPTIONS',
    `The checkpoint of ${name} cannot be compared with: it is malformed, or signed by none of the keys given (${trust.names}). Give the note as it was signed, and the key of its time.`,
  );
}

function momentOf(text: string | undefined, otherwise: number): number {
  if (text === undefined) return otherwise;
  const ms = Date.parse(text);
  if (!Number.isNaN(ms)) return ms;
  throw new AuditError(
    'INVALID_OPTIONS',
    `${JSON.stringify(text)} is no time. Give one such as 2026-03-14 or 2026-03-14T09:30:00Z.`,
  );
}
