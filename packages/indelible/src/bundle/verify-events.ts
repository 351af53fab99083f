import { join } from 'node:path';

import { payloadDigest } from '../event/entry.js';
import type { OpenedCheckpoint } from '../integrity/checkpoint.js';
import { leafHash } from '../integrity/hash.js';
import { verifyInclusion } from '../integrity/verify-proof.js';
import type { EventVerdict } from '../verify/verdict.js';
import type { Findings } from './findings.js';
import { FILES, LONGEST_LINE } from './layout.js';
import { type EventLine, type ProofLine, readEventLine } from './lines.js';
import type { BundleManifest } from './manifest.js';
import { ProofReader } from './proof-reader.js';
import { readLines } from './read-lines.js';
import { refused } from './refusal.js';
import { isCovered, type VouchedRemoval } from './removed.js';

const SALT = /^[0-9a-f]{32}$/;

/** What became of an event: its verdict, and why, where that is not as it should be. */
type Judgement = readonly [verdict: EventVerdict, problem?: string];

export interface EventContext {
  readonly folder: string;
  readonly manifest: BundleManifest;
  readonly checkpoint: OpenedCheckpoint;
  readonly removals: readonly VouchedRemoval[];
  readonly findings: Findings;
}

/** Reads events and proofs side by side, one of each in memory. */
export async function verifyEvents(context: EventContext): Promise<void> {
  const { folder, findings, manifest } = context;
  const proofs = new ProofReader(join(folder, FILES.proofs));
  let [count, lastId, isLeftOver] = [0, '', false];
  try {
    for await (const text of readLines(join(folder, FILES.events), LONGEST_LINE)) {
      const line = readEventLine(text);
      count += 1;
      if (line === undefined) throw refused(`line ${count} of ${FILES.events} is no event`);
      const proof = line.index === null ? undefined : await proofs.next(line.index);
      const judged = outOfPlace(line, count - 1, lastId, manifest) ?? judge(line, proof, context);
      lastId = line.id;
      tell(findings, line, judged);
    }
    isLeftOver = await proofs.isLeftOver();
  } finally {
    await proofs.close();
  }
  checkCount(context, count, isLeftOver);
}

/** That a core, at its index, is a leaf of the tree. */
export function isInTree(line: EventLine, proof: ProofLine | undefined, tree: OpenedCheckpoint): boolean {
  if (proof === undefined || proof.index !== line.index) return false;
  const isLeaf = line.core === null || Buffer.compare(leafHash(line.core), proof.leaf) === 0;
  return isLeaf && verifyInclusion({ ...proof, leafHash: proof.leaf, size: tree.size, root: tree.root });
}

/** That the payload is the one that the core was bound to. */
export function isBound({ core, payload, salt }: EventLine): boolean {
  if (core === null || payload === null || salt === null || !SALT.test(salt)) return false;
  return membersOf(core)['payload_digest'] === payloadDigest(salt, payload);
}

function judge(line: EventLine, proof: ProofLine | undefined, context: EventContext): Judgement {
  const { id, index, core } = line;
  const { manifest, checkpoint } = context;
  const members = core === null ? undefined : membersOf(core);
  if (members && members['id'] !== id) return ['TAMPERED', 'its core is that of another event'];
  if (index === null) return judgePending(line);
  if (proof === undefined) return ['TAMPERED', 'there is no proof for it'];
  if (!isInTree(line, proof, checkpoint))
    return ['TAMPERED', 'the log does not hold it: its core, its place or its proof was altered'];
  const tenant = manifest.tenant_id;
  if (members && tenant !== null && (members['tenant_id'] ?? '') !== tenant)
    return ['TAMPERED', 'it belongs to another tenant than the bundle'];
  return judgePayload(line, index, context.removals);
}

function judgePending(line: EventLine): Judgement {
  return isBound(line) ? ['PENDING'] : ['TAMPERED', 'its payload is not the one that it was recorded with'];
}

function judgePayload(line: EventLine, index: number, removals: readonly VouchedRemoval[]): Judgement {
  if (line.core === null)
    return isCovered(index, 'purge', removals)
      ? ['PURGED']
      : ['MISSING', 'it is gone, and no purge that is vouched for covers it'];
  if (isBound(line)) return ['VALID'];
  if (line.payload !== null) return ['TAMPERED', 'its payload is not the one that it was recorded with'];
  if (line.salt !== null) return ['TAMPERED', 'it has a salt without a payload'];
  return isCovered(index, 'erase', removals)
    ? ['ERASED']
    : ['MISSING', 'its payload is gone, and no erasure that is vouched for covers it'];
}

/** In the order of leaves, or of ids: so that nothing can be there twice, or be missing from between. */
function outOfPlace(
  { id, index }: EventLine,
  at: number,
  lastId: string,
  { is_whole: isWhole }: BundleManifest,
): Judgement | undefined {
  if (isWhole && index !== at) return ['MISSING', `leaf ${at} should stand here`];
  return isWhole || id > lastId ? undefined : ['TAMPERED', 'it stands there twice, or out of its order'];
}

function checkCount(
  { findings, manifest, checkpoint }: EventContext,
  count: number,
  isLeftOver: boolean,
): void {
  const expected = manifest.is_whole ? Number(checkpoint.size) : manifest.counts.events;
  const found = `${count} of ${expected} events are here`;
  if (count !== expected) findings.add({ verdict: 'MISSING', file: FILES.events, message: found });
  const message = 'there are proofs of events that are not here';
  if (isLeftOver) findings.add({ verdict: 'MISSING', file: FILES.proofs, message });
}

function tell(findings: Findings, { id, index }: EventLine, [verdict, message]: Judgement): void {
  findings.events[verdict] += 1;
  if (message === undefined) return;
  findings.add({ verdict, file: FILES.events, id, ...(index !== null && { index }), message });
}

/** The members of a canonical text; none for what is none. */
function membersOf(core: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(core);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    // Then it is the core of no event, and is judged as such.
    return {};
  }
}
