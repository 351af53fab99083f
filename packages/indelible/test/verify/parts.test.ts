import { describe, expect, it } from 'vitest';

import type { Entry } from '../../src/event/entry.js';
import { signCheckpoint } from '../../src/integrity/checkpoint.js';
import { createMemoryStore } from '../../src/memory.js';
import type { SealedLeaf } from '../../src/stores/seal-log.js';
import type { Store } from '../../src/stores/store.js';
import { readResumeState, type ResumeState } from '../../src/verify/resume.js';
import type { Verification } from '../../src/verify/verification.js';
import type { VerifyOptions } from '../../src/verify/options.js';
import { verifyEvent } from '../../src/verify/verify-event.js';
import { verifyTrail } from '../../src/verify/verify.js';
import { someEntries, someEntry } from '../entries.js';
import { KEY, sealEntries } from './bed.js';
import { changed } from './changed.js';

const KEYS = [KEY.verifierKey];
const FIRST = Date.parse('2026-03-01T00:00:00Z');
const DAY_MS = 86_400_000;

/** A log of a thousand leaves, of which a hundred were sealed each day. */
async function tenDays(): Promise<{ store: Store; entries: Entry[] }> {
  const store = createMemoryStore();
  const entries = someEntries(1_000);
  await sealEntries(store, entries, 100);
  return { store: changed(store, { checkpoints: dated(store) }), entries };
}

function dated(store: Store): Store['checkpoints'] {
  return async (after, limit) =>
    (await store.checkpoints(after, limit)).map((checkpoint) => ({
      ...checkpoint,
      sealedAt: new Date(FIRST + checkpoint.place * DAY_MS).toISOString(),
    }));
}

function altering(store: Store, change: (leaf: SealedLeaf) => SealedLeaf): Store {
  return changed(store, { leaves: async (from, limit) => (await store.leaves(from, limit)).map(change) });
}

function withoutPayload(at: number): (leaf: SealedLeaf) => SealedLeaf {
  return (leaf) =>
    leaf.index === at && leaf.entry ? { ...leaf, entry: { ...leaf.entry, payload: '{}' } } : leaf;
}

function verify(store: Store, options: Partial<VerifyOptions> = {}): Promise<Verification> {
  return verifyTrail(store, { keys: KEYS, ...options });
}

describe('verifying what was sealed in a span of time', () => {
  it('looks at no more than that, from one checkpoint to another, and proves that it is part of the whole', async () => {
    const { store } = await tenDays();
    const found = await verify(store, { from: '2026-03-05', to: '2026-03-07' });
    expect(found).toMatchObject({
      isGood: true,
      from: 300,
      to: 600,
      proved: 600,
      checkpoints: 3,
      numbering: null,
    });
    expect(found.counts.VALID).toBe(300);
  });

  it('takes an open end, and a span behind the log', async () => {
    const { store } = await tenDays();
    expect(await verify(store, { from: '2026-03-09' })).toMatchObject({ isGood: true, from: 700, to: 1_000 });
    expect(await verify(store, { to: '2026-03-03' })).toMatchObject({ isGood: true, from: 0, to: 200 });
    expect(await verify(store, { from: '2027-01-01' })).toMatchObject({
      isGood: true,
      from: 1_000,
      to: 1_000,
    });
  });

  it('sees what was altered in it, and nothing of what was altered beside it', async () => {
    const { store } = await tenDays();
    const span = { from: '2026-03-05', to: '2026-03-07' };
    const inside = await verify(altering(store, withoutPayload(450)), span);
    expect(inside.violations).toMatchObject([{ verdict: 'TAMPERED', index: 450 }]);
    expect((await verify(altering(store, withoutPayload(20)), span)).isGood).toBe(true);
  });

  it('sees that the hashes before it are not those that were signed', async () => {
    const { store } = await tenDays();
    const leafHashes: Store['leafHashes'] = async (from, to) =>
      (await store.leafHashes(from, to)).map((hash, n) => (from + n === 290 ? Buffer.alloc(32) : hash));
    const found = await verify(changed(store, { leafHashes }), { from: '2026-03-05', to: '2026-03-07' });
    expect(found).toMatchObject({ isGood: false, log: 'FORK' });
    expect(found.counts.VALID).toBe(300);
  });

  it('is held against a later checkpoint from elsewhere by a proof', async () => {
    const { store } = await tenDays();
    const span = { from: '2026-03-05', to: '2026-03-07' };
    const last = await store.lastCheckpoint();
    expect(await verify(store, { ...span, knownCheckpoints: [last?.note ?? ''] })).toMatchObject({
      isGood: true,
      assurance: 'tamper-evident',
      known: 1,
    });
    const { root } = await store.head();
    const longer = signCheckpoint({ origin: KEY.name, size: 1_200, root }, KEY);
    expect((await verify(store, { ...span, knownCheckpoints: [longer] })).log).toBe('ROLLBACK');
    const other = signCheckpoint({ origin: KEY.name, size: 1_000, root: Buffer.alloc(32) }, KEY);
    expect((await verify(store, { ...span, knownCheckpoints: [other] })).log).toBe('FORK');
  });
});

describe('going on with a verification that was broken off', () => {
  async function stateAt(store: Store, place: number): Promise<ResumeState> {
    const part = createMemoryStore();
    const leaves = await store.leaves(0, place * 100);
    await sealEntries(
      part,
      leaves.map(({ entry }) => entry).filter((entry) => entry !== undefined),
      100,
    );
    const frontier = (await part.head()).frontier.map((hash) => Buffer.from(hash).toString('base64'));
    return { v: 1, size: place * 100, place, frontier };
  }

  it('begins where a checkpoint was signed for the tree so far, and says so', async () => {
    const { store } = await tenDays();
    const resume = await stateAt(store, 4);
    const found = await verify(store, { resume });
    expect(found).toMatchObject({ isGood: true, from: 400, to: 1_000, proved: 1_000, numbering: null });
    expect(found.counts.VALID).toBe(600);
  });

  it('begins anew where nobody signed for it', async () => {
    const { store } = await tenDays();
    const sound = await stateAt(store, 4);
    for (const spoilt of [
      { ...sound, size: 300 },
      { ...sound, place: 5 },
      { ...sound, place: 99 },
      { ...sound, frontier: sound.frontier.toReversed() },
      { ...sound, frontier: [] },
    ])
      expect(await verify(store, { resume: spoilt })).toMatchObject({ isGood: true, from: 0, to: 1_000 });
  });

  it.each([
    '',
    '{',
    'null',
    '[]',
    '{"v":2}',
    '{"v":1,"size":1,"place":1,"frontier":[1]}',
    '{"v":1,"size":"1"}',
  ])('takes %j for no state', (text) => {
    expect(readResumeState(text)).toBeUndefined();
  });

  it('tells how far it has come, over and over', async () => {
    const { store } = await tenDays();
    const told: number[] = [];
    await verify(store, { onProgress: (verified, of) => told.push(verified, of) });
    expect(told.at(-2)).toBe(1_000);
    expect(told.length).toBeGreaterThan(2);
  });
});

describe('verifying a log that grows meanwhile', () => {
  it('takes it as it stood at the beginning, and what was sealed since for no violation', async () => {
    const { store } = await tenDays();
    let calls = 0;
    const growing = changed(store, {
      leaves: async (from, limit) => {
        if ((calls += 1) <= 5) await sealEntries(store, someEntries(3), 2);
        return store.leaves(from, limit);
      },
      checkpoints: async (after, limit) => {
        await sealEntries(store, someEntries(1));
        return store.checkpoints(after, limit);
      },
    });
    const found = await verify(growing);
    expect(found.violations).toEqual([]);
    expect(found).toMatchObject({ isGood: true, to: 1_000, proved: 1_000 });
    expect((await store.head()).size).toBeGreaterThan(1_010);
  });

  it('goes on behind a checkpoint from elsewhere that it does not continue', async () => {
    const { store } = await tenDays();
    const sound = await store.checkpoints(1, 1);
    const forged = signCheckpoint({ origin: KEY.name, size: 450, root: Buffer.alloc(32) }, KEY);
    const found = await verify(store, { knownCheckpoints: [forged, sound[0]?.note ?? ''] });
    expect(found.violations).toMatchObject([{ verdict: 'FORK', index: 200, last: 449 }]);
    expect(found).toMatchObject({ proved: 1_000, known: 1, checkpoints: 10 });
  });
});

describe('verifying a store that lies about its log', () => {
  it('does not follow a head that claims leaves without end', async () => {
    const { store } = await tenDays();
    const head = { ...(await store.head()), size: Number.MAX_SAFE_INTEGER };
    const found = await verify(changed(store, { head: async () => head }));
    expect(found).toMatchObject({ log: 'ROLLBACK', proved: 1_000 });
  });

  it('tells of leaves that come twice', async () => {
    const { store } = await tenDays();
    const found = await verify(
      altering(store, (leaf) => (leaf.index === 50 ? { ...leaf, index: 49 } : leaf)),
    );
    expect(found.violations).toContainEqual(expect.objectContaining({ verdict: 'FORK', index: 49 }));
  });

  it('tells of leaves that its head does not count', async () => {
    const { store } = await tenDays();
    const part = createMemoryStore();
    await sealEntries(
      part,
      (await store.leaves(0, 300)).flatMap(({ entry }) => entry ?? []),
      100,
    );
    const head = await part.head();
    const found = await verify(changed(store, { head: async () => head }));
    expect(found.violations).toContainEqual(expect.objectContaining({ verdict: 'FORK', index: 300 }));
    expect(found.log).toBe('FORK');
  });

  it('takes an event whose columns cannot be hashed for an altered one', async () => {
    const { store } = await tenDays();
    const found = await verify(
      altering(store, (leaf) =>
        leaf.index === 7 && leaf.entry
          ? { ...leaf, entry: { ...leaf.entry, core: { ...leaf.entry.core, action: '\uD800' } } }
          : leaf,
      ),
    );
    expect(found.violations).toMatchObject([{ verdict: 'TAMPERED', index: 7 }]);
  });

  it('rejects when it cannot be read, and does not call that a violation', async () => {
    const { store } = await tenDays();
    const away = changed(store, { leaves: () => Promise.reject(new Error('away')) });
    await expect(verify(away)).rejects.toThrow('away');
  });
});

describe('verifying one event', () => {
  it('says which events it knows nothing of, and what is no id', async () => {
    const { store } = await tenDays();
    const { id } = someEntry().core;
    expect(await verifyEvent(store, id, { keys: KEYS })).toMatchObject({
      verdict: 'MISSING',
      isGood: false,
      index: null,
    });
    await expect(verifyEvent(store, 'x', { keys: KEYS })).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
  });

  it('proves it by the newest checkpoint that is signed for its log, and by no other', async () => {
    const { store, entries } = await tenDays();
    const id = entries[123]?.core.id ?? '';
    expect(await verifyEvent(store, id, { keys: KEYS, origin: KEY.name })).toMatchObject({
      verdict: 'VALID',
      isGood: true,
      checkpoint: { size: 1_000 },
    });
    expect((await verifyEvent(store, id, { keys: KEYS, origin: 'example.com/other' })).log).toBe('FORK');
    const unsigned = changed(store, { lastCheckpoint: async () => undefined });
    expect(await verifyEvent(unsigned, id, { keys: KEYS })).toMatchObject({
      log: 'BAD_SIGNATURE',
      isGood: false,
    });
  });
});
