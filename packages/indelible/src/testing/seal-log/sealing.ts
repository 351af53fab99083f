import assert from 'node:assert/strict';

import type { SealBatch } from '../../stores/seal-log.js';
import { idsOf } from '../contract/question.js';
import { clinicLife, samples } from '../contract/sample.js';
import { addedUp, assertHead, Sealed, sealAll, sealNext, talliesOf } from './sealed.js';
import type { SealLogContract, SealLogUnderTest } from './under-test.js';

const RIVALS = 4;
const LONG = Buffer.alloc(33);

/** What cannot be a batch after three leaves, each by one member alone. */
const MISFITS: readonly (readonly [name: string, of: (batch: SealBatch) => Partial<SealBatch>])[] = [
  ['an id without its leaf', ({ leaves }) => ({ leaves: leaves.slice(1) })],
  ['a leaf without its id', ({ ids }) => ({ ids: ids.slice(1) })],
  ['an id that is none', ({ ids }) => ({ ids: ['not-an-id', ...ids.slice(1)] })],
  ['a leaf of another length', ({ leaves }) => ({ leaves: [LONG, ...leaves.slice(1)] })],
  ['a head of another size', ({ head }) => ({ head: { ...head, size: head.size + 1 } })],
  ['a root of another length', ({ head }) => ({ head: { ...head, root: LONG } })],
  ['a frontier of another size', ({ head }) => ({ head: { ...head, frontier: [] } })],
  ['a node of another length', () => ({ nodes: [{ level: 1, index: 0, hash: LONG }] })],
  ['a place that is none', () => ({ place: 'behind the house' })],
];

export function describeSealing(contract: SealLogContract): void {
  contract.runner.describe('seal', () => {
    describeAppending(contract);
    describeSwapping(contract);
    describeRefusing(contract);
  });
}

function describeAppending({ runner: { it }, alone }: SealLogContract): void {
  it('appends a batch, and the log stands at its head for whoever opens it', async () => {
    await alone(async ({ store, another }) => {
      await store.append(samples(5, () => ({})));
      const sealed = await sealAll(store, new Sealed(), 2);
      const other = await another();
      for (const log of [store, other]) {
        assertHead(await log.head(), sealed.head);
        assertHead((await log.pending(1)).head, sealed.head);
        assert.deepEqual(
          (await log.leaves(0, 10)).map(({ id }) => id),
          sealed.ids,
        );
      }
      await other.append(samples(3, () => ({})));
      await sealNext(other, sealed, 10);
    });
  });

  it('adds no more than its checkpoint when nothing has happened, in an empty log, too', async () => {
    await alone(async ({ store, rawTallies }) => {
      let sealed = await sealNext(store, new Sealed(), 10);
      await store.append(samples(3, () => ({})));
      sealed = await sealNext(store, sealed, 10);
      const before = await Promise.all([store.head(), store.leaves(0, 10), rawTallies()]);
      await sealNext(store, sealed, 10);
      assert.deepEqual(await Promise.all([store.head(), store.leaves(0, 10), rawTallies()]), before);
      const sizes = (await store.checkpoints(0, 10)).map(({ size }) => size);
      assert.deepEqual(sizes, [0, 3, 3]);
      await store.append(samples(1, () => ({})));
      await sealNext(store, sealed, 10);
    });
  });

  it('seals nothing more than a sign of life while events wait', async () => {
    await alone(async ({ store }) => {
      const entries = samples(3, () => ({}));
      await store.append(entries);
      const pending = await store.pending(0);
      assert.deepEqual([pending.entries, pending.hasMore], [[], true]);
      assert.equal(await store.seal(new Sealed().batch(pending)), true);
      assert.deepEqual((await sealAll(store)).ids, idsOf(entries));
    });
  });

  it('adds tallies up, quarter of an hour by quarter of an hour and tenant by tenant', async () => {
    await alone(async ({ store, rawTallies }) => {
      const entries = ['', 'acme'].flatMap((tenant) => clinicLife(tenant, 40));
      for (const entry of entries) await store.append([entry]);
      assert.deepEqual(await rawTallies(), []);
      await sealAll(store, new Sealed(), 7);
      const stored = (await store.leaves(0, 100)).flatMap(({ entry }) => entry ?? []);
      assert.equal(stored.length, entries.length);
      assert.deepEqual(addedUp(await rawTallies()), talliesOf(stored));
      assert.equal((await rawTallies()).length, talliesOf(stored).length);
    });
  });
}

function describeSwapping({ runner: { it }, alone }: SealLogContract): void {
  it('refuses a batch from a head that the log has left, and changes nothing', async () => {
    await alone(async ({ store, rawLog }) => {
      await store.append(samples(6, () => ({})));
      const old = new Sealed().batch(await store.pending(3));
      const sealed = await sealNext(store, new Sealed(), 3);
      const before = await rawLog();
      assert.equal(await store.seal(old), false);
      assert.equal(await store.seal({ ...old, ids: [], leaves: [], head: old.from, nodes: [] }), false);
      assert.deepEqual(await rawLog(), before);
      await sealNext(store, sealed, 3);
    });
  });

  it('refuses a batch from a head of the same size and another root', async () => {
    await alone(async ({ store, rawLog }) => {
      await store.append(samples(6, () => ({})));
      const sealed = await sealNext(store, new Sealed(), 3);
      const batch = sealed.batch(await store.pending(3));
      const before = await rawLog();
      const from = { ...batch.from, root: Buffer.alloc(32, 7) };
      assert.equal(await store.seal({ ...batch, from }), false);
      assert.deepEqual(await rawLog(), before);
      assert.equal(await store.seal(batch), true);
    });
  });

  it('takes exactly one of several batches that are sealed at the same time', async () => {
    await alone(async ({ store, another }) => {
      await store.append(samples(20, () => ({})));
      const logs = await Promise.all(Array.from({ length: RIVALS }, () => another()));
      let sealed = new Sealed();
      for (let round = 0; round < 4; round += 1) {
        const rivals = logs.map(async (log, n) => {
          const pending = await log.pending(1 + ((n + round) % RIVALS));
          return { pending, batch: sealed.batch(pending), log };
        });
        const ready = await Promise.all(rivals);
        const won = await Promise.all(ready.map(({ log, batch }) => log.seal(batch)));
        assert.equal(won.filter(Boolean).length, 1);
        sealed = sealed.after(ready[won.indexOf(true)]?.pending.entries ?? []);
        assertHead(await store.head(), sealed.head);
      }
      assert.deepEqual(
        (await store.leaves(0, 50)).map(({ id }) => id),
        sealed.ids,
      );
    });
  });
}

function describeRefusing({ runner: { it }, alone }: SealLogContract): void {
  it('stores nothing of a batch that does not fit, whichever of its members it is', async () => {
    await alone(async (subject) => {
      const { store } = subject;
      await store.append(samples(6, () => ({})));
      const sealed = await sealNext(store, new Sealed(), 3);
      const batch = sealed.batch(await store.pending(3));
      for (const [name, of] of MISFITS) await assertRefused(subject, name, { ...batch, ...of(batch) });
      assert.equal(await store.seal(batch), true);
    });
  });

  it('stores nothing of a batch whose node is there already', async () => {
    await alone(async (subject) => {
      const { store } = subject;
      await store.append(samples(256, () => ({})));
      const sealed = await sealNext(store, new Sealed(), 256);
      await store.append(samples(2, () => ({})));
      const batch = sealed.batch(await store.pending(3));
      const again = { level: 1, index: 0, hash: Buffer.alloc(32, 7) };
      await assertRefused(subject, 'a node that is there', { ...batch, nodes: [again] });
      assert.equal(await store.seal(batch), true);
    });
  });

  it('is refused with all other questions once the store is closed', async () => {
    await alone(async ({ store }) => {
      await store.append(samples(2, () => ({})));
      const batch = new Sealed().batch(await store.pending(2));
      await store.close();
      const asked: readonly (() => Promise<unknown>)[] = [
        () => store.head(),
        () => store.pending(1),
        () => store.seal(batch),
        () => store.lag(),
        () => store.leaves(0, 1),
        () => store.leafHashes(0, 1),
        () => store.nodes(1, 0, 1),
        () => store.indexOf(batch.ids[0] ?? ''),
        () => store.checkpoints(0, 1),
        () => store.lastCheckpoint(),
        () => store.strays(1),
      ];
      for (const ask of asked) await assert.rejects(ask, { code: 'CLOSED' });
    });
  });
}

async function assertRefused(
  { store, rawLog }: SealLogUnderTest,
  name: string,
  batch: SealBatch,
): Promise<void> {
  const before = await rawLog();
  await assert.rejects(store.seal(batch), { name: 'AuditError' }, name);
  assert.deepEqual(await rawLog(), before, name);
}
