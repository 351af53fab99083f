import { AuditError } from '../event/errors.js';
import { type OpenedCheckpoint, openCheckpoint } from './checkpoint.js';
import { HASH_LENGTH, isHash } from './hash.js';
import type { VerifierKey } from './note-key.js';
import { decodeBase64 } from './note.js';
import { treeSize } from './tree-size.js';

/** C2SP tlog-proofs: an inclusion proof and the checkpoint it leads to, in one text for an auditor to keep. */

const FIRST_LINE = 'c2sp.org/tlog-proof@v1';
const MAX_LENGTH = 256 * 1024;
/** A node for each bit of an index. */
const MAX_PROOF = 64;
/** The first line, the extra data, the index. */
const MAX_LINES = MAX_PROOF + 3;
const INDEX_LINE = /^index (0|[1-9]\d{0,19})$/;
const EXTRA_LINE = /^extra ([A-Za-z0-9+/]+={0,2})$/;

/** What a proof is written of. */
export interface ProofParts {
  readonly index: number | bigint;
  readonly proof: readonly Uint8Array[];
  /** The signed note of the tree that the proof leads to, kept to the letter. */
  readonly checkpoint: string;
  /** Anything; nothing vouches for it. */
  readonly extra?: Uint8Array | undefined;
}

/** What a proof says, once its checkpoint was opened; with the hash of a leaf it is a claim to verify. */
export interface OpenedProof extends OpenedCheckpoint {
  readonly index: bigint;
  readonly proof: readonly Uint8Array[];
  readonly extra?: Uint8Array | undefined;
}

/**
 * The text of a proof, for a file that ends in `.tlog-proof`.
 *
 * @example
 * ```ts
 * const key = SigningKey.create('example.com/audit');
 * const hashes = ['a', 'b'].map((data) => leafHash(data));
 * const checkpoint = signCheckpoint({ origin: key.name, size: 2, root: rootOf(hashes) }, key);
 * const text = writeProof({ index: 1, proof: inclusionProof(hashes, 1), checkpoint });
 *
 * const opened = openProof(text, [VerifierKey.parse(key.verifierKey)]);
 * const isProven = opened !== undefined && verifyInclusion({ ...opened, leafHash: leafHash('b') }); // true
 * ```
 */
export function writeProof({ index, proof, checkpoint, extra }: ProofParts): string {
  const at = treeSize(index);
  if (at === undefined || proof.length > MAX_PROOF || !proof.every(isHash)) throw refusal();
  const lines = [
    FIRST_LINE,
    ...(extra === undefined || extra.length === 0 ? [] : [`extra ${base64(extra)}`]),
    `index ${at}`,
    ...proof.map(base64),
  ];
  const text = `${lines.join('\n')}\n\n${checkpoint}`;
  if (text.length > MAX_LENGTH) throw refusal();
  return text;
}

/**
 * What a proof says, when at least one of the keys signed its checkpoint. Whether it proves a leaf,
 * `verifyInclusion` tells; whose log it is, the caller compares. Undefined for anything malformed, unsigned or
 * altered, whatever it is.
 */
export function openProof(text: string, keys: readonly VerifierKey[]): OpenedProof | undefined {
  if (typeof text !== 'string' || text.length > MAX_LENGTH) return undefined;
  const end = text.indexOf('\n\n');
  if (end === -1) return undefined;
  const said = readLines(text.slice(0, end).split('\n', MAX_LINES + 1));
  const opened = said && openCheckpoint(text.slice(end + 2), keys);
  return opened && { ...opened, ...said };
}

function readLines([first, ...lines]: readonly string[]):
  | Pick<OpenedProof, 'index' | 'proof' | 'extra'>
  | undefined {
  const extra = readExtra(lines[0]);
  const [indexLine = '', ...hashLines] = extra === undefined ? lines : lines.slice(1);
  const decimal = INDEX_LINE.exec(indexLine)?.[1];
  const index = decimal === undefined ? undefined : treeSize(BigInt(decimal));
  const proof = hashLines.map(decodeBase64).filter((hash) => hash?.length === HASH_LENGTH);
  if (first !== FIRST_LINE || index === undefined) return undefined;
  if (proof.length !== hashLines.length || proof.length > MAX_PROOF) return undefined;
  return { index, proof: proof.filter(isHash), extra };
}

function readExtra(line: string | undefined): Uint8Array | undefined {
  const data = EXTRA_LINE.exec(line ?? '')?.[1];
  return data === undefined ? undefined : decodeBase64(data);
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}

function refusal(): AuditError {
  return new AuditError(
    'NOT_PROVABLE',
    `A proof cannot be written: it needs a whole index, no more than ${MAX_PROOF} hashes of 32 bytes, and ${MAX_LENGTH} characters in all. Give them as inclusionProof makes them.`,
  );
}
