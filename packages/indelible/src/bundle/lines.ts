import type { Entry } from '../event/entry.js';
import { canonicalize } from '../integrity/canonical.js';
import { isHash } from '../integrity/hash.js';

/** An event as a bundle has it. Of one that was purged only its id and its leaf are left. */
export interface EventLine {
  readonly id: string;
  /** Null while it has no place in the log. */
  readonly index: number | null;
  /** The canonical texts that were hashed, to the letter. */
  readonly core: string | null;
  readonly payload: string | null;
  readonly salt: string | null;
}

/** Where a leaf is in the tree of the bundle's checkpoint. */
export interface ProofLine {
  readonly index: number;
  readonly leaf: Uint8Array;
  readonly proof: readonly Uint8Array[];
}

/** What was removed by decision, with the event that vouches for it, and the signature of the log's key. */
export interface RemovalLine {
  readonly event: EventLine;
  readonly proof: ProofLine;
  readonly manifest: string;
  readonly note: string;
}

/** An earlier checkpoint, and the proof that the bundle's continues it. */
export interface CheckpointLine {
  readonly note: string;
  readonly proof: readonly Uint8Array[];
}

/** No tree has a longer way to its root. */
const MOST_HASHES = 65;
const HASH = /^[0-9a-f]{64}$/;

export function eventLine(id: string, index: number | undefined, entry: Entry | undefined): EventLine {
  const core = entry === undefined ? null : canonicalize(entry.core);
  return { id, index: index ?? null, core, payload: entry?.payload ?? null, salt: entry?.salt ?? null };
}

/** Every line has one spelling, so that no two readers can see two things in it. */
export function written(line: EventLine | ProofLine | RemovalLine | CheckpointLine): string {
  return `${canonicalize(withHex(line))}\n`;
}

export function readEventLine(text: string): EventLine | undefined {
  return eventIn(parsed(text));
}

export function readProofLine(text: string): ProofLine | undefined {
  return proofIn(parsed(text));
}

export function readRemovalLine(text: string): RemovalLine | undefined {
  const { event, proof, manifest, note, ...others } = membersOf(parsed(text));
  const [readEvent, readProof] = [eventIn(event), proofIn(proof)];
  if (readEvent === undefined || readProof === undefined || hasAny(others)) return undefined;
  if (typeof manifest !== 'string' || typeof note !== 'string') return undefined;
  return { event: readEvent, proof: readProof, manifest, note };
}

export function readCheckpointLine(text: string): CheckpointLine | undefined {
  const { note, proof, ...others } = membersOf(parsed(text));
  const hashes = hashesIn(proof);
  return typeof note === 'string' && hashes && !hasAny(others) ? { note, proof: hashes } : undefined;
}

function eventIn(value: unknown): EventLine | undefined {
  const { id, index, core, payload, salt, ...others } = membersOf(value);
  const isSound =
    typeof id === 'string' && (index === null || isIndex(index)) && [core, payload, salt].every(isTextOrNull);
  return isSound && !hasAny(others) ? ({ id, index, core, payload, salt } as EventLine) : undefined;
}

function proofIn(value: unknown): ProofLine | undefined {
  const { index, leaf, proof, ...others } = membersOf(value);
  const [[hash] = [], hashes] = [hashesIn([leaf]), hashesIn(proof)];
  if (!isIndex(index) || hash === undefined || hashes === undefined || hasAny(others)) return undefined;
  return { index, leaf: hash, proof: hashes };
}

/** The value of a line that is spelt as `written` spells it; undefined for every other. */
function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return canonicalize(value) === text ? value : undefined;
  } catch {
    // Whoever reads it says which line it is.
    return undefined;
  }
}

function withHex(value: unknown): unknown {
  if (isHash(value)) return Buffer.from(value).toString('hex');
  if (Array.isArray(value)) return value.map(withHex);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, withHex(member)]));
}

function hashesIn(value: unknown): Uint8Array[] | undefined {
  if (!Array.isArray(value) || value.length > MOST_HASHES) return undefined;
  const isSound = value.every((one) => typeof one === 'string' && HASH.test(one));
  return isSound ? value.map((one) => Buffer.from(String(one), 'hex')) : undefined;
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  const isPlain = typeof value === 'object' && value !== null && !Array.isArray(value);
  return isPlain ? (value as Readonly<Record<string, unknown>>) : {};
}

function hasAny(members: Readonly<Record<string, unknown>>): boolean {
  return Object.keys(members).length > 0;
}

function isIndex(value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

function isTextOrNull(value: unknown): boolean {
  return value === null || typeof value === 'string';
}
