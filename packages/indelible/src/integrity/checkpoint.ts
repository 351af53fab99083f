import { AuditError } from '../event/errors.js';
import { HASH_LENGTH, isHash } from './hash.js';
import type { SigningKey, VerifierKey } from './note-key.js';
import { decodeBase64, openNote, signNote } from './note.js';
import { treeSize } from './tree-size.js';

/** C2SP tlog-checkpoints: a signed note that says of which log, how large, with which root. */

const FORBIDDEN_IN_ORIGIN = /[\p{White_Space}\p{Cc}\p{Surrogate}+]/u;
const DECIMAL = /^(0|[1-9]\d{0,19})$/;

/** Where a log stood. */
export interface Checkpoint {
  /** The name of the log. */
  readonly origin: string;
  /** How many leaves it had. */
  readonly size: number | bigint;
  readonly root: Uint8Array;
}

/** A checkpoint whose signature was found good. */
export interface OpenedCheckpoint extends Checkpoint {
  readonly size: bigint;
  /** The ids of the keys that signed it, of those that it was opened with. */
  readonly signedBy: readonly string[];
}

/**
 * The signed note of a checkpoint. Sign no two checkpoints of one log of which the later does not continue
 * the earlier.
 *
 * @example
 * ```ts
 * const key = SigningKey.create('example.com/audit');
 * const note = signCheckpoint({ origin: 'example.com/audit', size: 1, root: rootOf([leafHash('a')]) }, key);
 * openCheckpoint(note, [VerifierKey.parse(key.verifierKey)])?.size; // 1n
 * ```
 */
export function signCheckpoint(checkpoint: Checkpoint, key: SigningKey | readonly SigningKey[]): string {
  const { origin, root } = checkpoint;
  const size = treeSize(checkpoint.size);
  if (origin === '' || FORBIDDEN_IN_ORIGIN.test(origin))
    throw refusal(`the origin ${JSON.stringify(origin)}`);
  if (size === undefined) throw refusal(`the size ${String(checkpoint.size)}`);
  if (!isHash(root)) throw refusal('a root that is not of 32 bytes');
  const text = `${origin}\n${size}\n${Buffer.from(root).toString('base64')}\n`;
  return signNote(text, [key].flat());
}

/**
 * What a checkpoint says, when at least one of the keys signed it. Whose log it is, the caller must still
 * compare: any log can be signed for with any key. Undefined for anything malformed, unsigned or altered,
 * whatever it is; extension lines, which the form allows, are passed over.
 */
export function openCheckpoint(note: string, keys: readonly VerifierKey[]): OpenedCheckpoint | undefined {
  const opened = openNote(note, keys);
  return opened && readText(opened.text, opened.signedBy);
}

function readText(text: string, signedBy: readonly string[]): OpenedCheckpoint | undefined {
  const lines = text.slice(0, -1).split('\n');
  const [origin = '', decimal = '', base64 = ''] = lines;
  const size = DECIMAL.test(decimal) ? treeSize(BigInt(decimal)) : undefined;
  const root = decodeBase64(base64);
  if (lines.includes('') || size === undefined || root?.length !== HASH_LENGTH) return undefined;
  return { origin, size, root, signedBy };
}

function refusal(found: string): AuditError {
  return new AuditError(
    'NOT_PROVABLE',
    `A checkpoint cannot be signed: found ${found}. Give an origin such as "example.com/audit", without spaces or "+", a whole size, and the root of 32 bytes.`,
  );
}
