import { messageOf } from '../event/errors.js';
import { StoredTree } from '../integrity/stored-tree.js';
import { verifyConsistency } from '../integrity/verify-proof.js';
import type { SealLog } from '../stores/seal-log.js';
import type { KnownCheckpoint } from './checkpoint-check.js';
import type { Findings } from './findings.js';
import type { SignedHead, Trust } from './trust.js';

interface Parts {
  readonly log: Pick<SealLog, 'leafHashes' | 'nodes' | 'lastCheckpoint'>;
  /** The tree that was looked at last. */
  readonly edge: { readonly size: number; readonly root: Uint8Array };
  readonly trust: Trust;
  /** Checkpoints from elsewhere, of larger trees. */
  readonly known: readonly KnownCheckpoint[];
  /** Of the log. */
  readonly size: number;
  readonly findings: Findings;
}

/** Proves that the part of a log that was gone through is part of what was signed last, and of what is known of it. */
export async function checkLinks(parts: Parts): Promise<number> {
  const { log, trust, known, findings } = parts;
  const last = await log.lastCheckpoint();
  const newest = last && trust.open(last.note);
  if (last !== undefined && newest === undefined)
    findings.add(
      'BAD_SIGNATURE',
      `the last checkpoint, at ${last.size} leaves, is signed by none of the keys given`,
    );
  if (newest) await link(parts, newest, 'the last checkpoint');
  let linked = 0;
  for (const one of known) if (await link(parts, one, `the checkpoint of ${one.name}`)) linked += 1;
  return linked;
}

async function link({ log, edge, size, findings }: Parts, later: SignedHead, name: string): Promise<boolean> {
  if (later.size > size) {
    const what = `${name} was signed for ${later.size} leaves, and there are ${size}`;
    findings.add('ROLLBACK', what, { index: size, last: later.size - 1 });
    return false;
  }
  try {
    const proof = await new StoredTree(log).consistency(edge.size, later.size);
    const claim = { size1: edge.size, root1: edge.root, size2: later.size, root2: later.root, proof };
    if (verifyConsistency(claim)) return true;
    findings.add('FORK', `what was looked at, up to ${edge.size} leaves, is not what ${name} was signed for`);
  } catch (cause) {
    findings.add('FORK', `no proof leads to ${name}: ${messageOf(cause)}`);
  }
  return false;
}
