import { createHash } from 'node:crypto';

import { describe, expect, it } from 'vitest';

import { someEntries } from '../../../test/entries.js';
import type { StoredEntry } from '../../event/read.js';
import { canonicalize } from '../../integrity/canonical.js';
import { openCheckpoint } from '../../integrity/checkpoint.js';
import { Frontier } from '../../integrity/frontier.js';
import { SigningKey, VerifierKey } from '../../integrity/note-key.js';
import type { LogHead, SealBatch } from '../../stores/seal-log.js';
import { NaiveTree } from '../../testing/seal-log/naive-tree.js';
import { sealBatch, sealBatchGently } from './seal-batch.js';

function naiveRoot(leaves: readonly Uint8Array[]): Buffer {
  return Buffer.from(new NaiveTree(leaves).root());
}

const KEY = SigningKey.create('example.com/audit');
const VERIFIER = VerifierKey.parse(KEY.verifierKey);
const EMPTY: LogHead = { size: 0, root: new Frontier().root(), frontier: [] };

function pendingEntries(count: number): StoredEntry[] {
  return someEntries(count).map((entry) => ({ ...entry, recordedAt: null }));
}

function sealed(entries: readonly StoredEntry[], head: LogHead = EMPTY): SealBatch {
  const pending = { head, entries, place: '7', hasMore: false };
  const frontier = new Frontier(head.size, head.frontier);
  return sealBatch({ pending, frontier, origin: 'example.com/audit', keys: [KEY] });
}

/** The leaf as the format has it, without any of our own code but the canonical form. */
function leafOf({ core }: StoredEntry): Buffer {
  return createHash('sha256').update(Uint8Array.of(0)).update(canonicalize(core)).digest();
}

describe('a batch', () => {
  it('has a leaf for each event in its order, and a signed head over all of them', () => {
    const entries = pendingEntries(11);
    const batch = sealed(entries);
    const leaves = entries.map(leafOf);
    expect(batch.ids).toEqual(entries.map(({ core }) => core.id));
    expect(batch.leaves.map((leaf) => Buffer.from(leaf))).toEqual(leaves);
    expect(batch.from).toBe(EMPTY);
    expect(batch.place).toBe('7');
    expect(batch.head.size).toBe(11);
    expect(Buffer.from(batch.head.root)).toEqual(naiveRoot(leaves));
    expect(batch.tallies.find(({ kind }) => kind === 'total')?.count).toBe(11);
    const opened = openCheckpoint(batch.checkpoint, [VERIFIER]);
    expect(opened).toMatchObject({ origin: 'example.com/audit', size: 11n });
    expect(Buffer.from(opened?.root ?? [])).toEqual(naiveRoot(leaves));
  });

  it('goes on from the head before: the tree is that of all leaves, however they were divided', () => {
    const entries = pendingEntries(700);
    const leaves = entries.map(leafOf);
    let head = EMPTY;
    const nodes = [];
    for (const [from, to] of [
      [0, 1],
      [1, 255],
      [255, 256],
      [256, 700],
    ] as const) {
      const batch = sealed(entries.slice(from, to), head);
      expect(Buffer.from(batch.head.root)).toEqual(naiveRoot(leaves.slice(0, to)));
      nodes.push(...batch.nodes);
      head = batch.head;
    }
    expect(nodes.map(({ level, index }) => [level, index])).toEqual([
      [1, 0],
      [1, 1],
    ]);
    expect(nodes.map(({ hash }) => Buffer.from(hash))).toEqual([
      naiveRoot(leaves.slice(0, 256)),
      naiveRoot(leaves.slice(256, 512)),
    ]);
  });

  it('without events is a checkpoint over the same head, and nothing else', () => {
    const { head } = sealed(pendingEntries(3));
    const batch = sealed([], head);
    expect(batch).toMatchObject({ ids: [], leaves: [], nodes: [], tallies: [], head: { size: 3 } });
    expect(batch.head.root).toEqual(head.root);
    expect(openCheckpoint(batch.checkpoint, [VERIFIER])?.size).toBe(3n);
  });

  it('is the same when others have their turn in between, again and again', async () => {
    const pending = { head: EMPTY, entries: pendingEntries(1_000), place: '7', hasMore: false };
    const parts = { pending, origin: 'example.com/audit', keys: [KEY] };
    let pauses = 0;
    const gently = await sealBatchGently({ ...parts, frontier: new Frontier() }, async () => (pauses += 1));
    expect(gently).toEqual(sealBatch({ ...parts, frontier: new Frontier() }));
    expect(pauses).toBe(5);
  });

  it('is signed by every key that it is given', () => {
    const other = SigningKey.create('example.com/audit');
    const pending = { head: EMPTY, entries: pendingEntries(1), place: '1', hasMore: false };
    const parts = { pending, frontier: new Frontier(), origin: 'example.com/audit' };
    const { checkpoint } = sealBatch({ ...parts, keys: [KEY, other] });
    const keys = [VERIFIER, VerifierKey.parse(other.verifierKey)];
    expect(openCheckpoint(checkpoint, keys)?.signedBy).toEqual([KEY.id, other.id]);
  });

  it('names the event that was spoilt in the database, when it has no canonical form any more', () => {
    const [entry] = pendingEntries(1) as [StoredEntry];
    const spoilt = { ...entry, core: { ...entry.core, count: Number.NaN } };
    expect(() => sealed([spoilt])).toThrow(new RegExp(`The event ${entry.core.id} cannot be sealed`));
  });
});
