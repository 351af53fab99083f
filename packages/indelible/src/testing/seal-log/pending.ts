import assert from 'node:assert/strict';

import { entryLeaf, type Entry } from '../../event/entry.js';
import { idsOf } from '../contract/question.js';
import { clinicLife, idsAt, sample, samples } from '../contract/sample.js';
import { Sealed, sealAll, sealNext } from './sealed.js';
import type { SealedStore, SealLogContract } from './under-test.js';

const WRITERS = 4;
const APPENDS = 12;

export function describePending(contract: SealLogContract): void {
  const { describe } = contract.runner;
  describe('pending', () => {
    describeOrder(contract);
    describeCompleteness(contract);
  });
}

function describeOrder({ runner: { it }, alone }: SealLogContract): void {
  it('gives committed events in the order they were stored in, up to the limit, and says if there are more', async () => {
    await alone(async ({ store }) => {
      const ids = await appendOneByOne(store, 7);
      const some = await store.pending(3);
      assert.deepEqual([idsOf(some.entries), some.hasMore], [ids.slice(0, 3), true]);
      const all = await store.pending(7);
      assert.deepEqual([idsOf(all.entries), all.hasMore], [ids, false]);
      const allowed = await store.pending(100);
      assert.deepEqual([idsOf(allowed.entries), allowed.hasMore], [ids, false]);
    });
  });

  it('gives the events of all tenants, and those with an old id where they were stored', async () => {
    await alone(async ({ store }) => {
      const late = sample({ core: { id: idsAt(() => Date.parse('1999-12-31T23:59:59Z'))() } });
      const others = ['', 'acme', 'zeta'].map((tenant) =>
        sample({ core: { tenant_id: tenant || undefined } }),
      );
      for (const entry of [...others, late]) await store.append([entry]);
      assert.deepEqual(idsOf((await store.pending(10)).entries), idsOf([...others, late]));
    });
  });

  it('gives entries that their leaves can be made of', async () => {
    await alone(async ({ store }) => {
      const entries = clinicLife('acme', 60);
      await store.append(entries);
      const expected = new Map(entries.map((entry) => [entry.core.id, entryLeaf(entry)]));
      const { entries: found } = await store.pending(100);
      assert.equal(found.length, entries.length);
      for (const entry of found) {
        assert.deepEqual(entryLeaf(entry), expected.get(entry.core.id));
        assert.ok(entry.recordedAt !== null);
      }
    });
  });

  it('gives the subjects of events that concern many, for these are counted for each', async () => {
    await alone(async ({ store }) => {
      const many = sample({ search: { subjects: ['s1', 's2', 's3'] } });
      const others = ['acme', 'zeta'].map((tenant) =>
        sample({ core: { tenant_id: tenant }, search: { subjects: [tenant] } }),
      );
      await store.append([many, ...others, sample()]);
      const { entries } = await store.pending(10);
      const subjects = entries.map(({ search }) => [...(search.subjects ?? [])].sort());
      assert.deepEqual(subjects, [['s1', 's2', 's3'], ['acme'], ['zeta'], []]);
    });
  });

  it('changes nothing: asked again it gives the same', async () => {
    await alone(async ({ store, rawLog }) => {
      await store.append(samples(5, () => ({})));
      const before = await rawLog();
      // The place is the store's own affair, and may move with what others do in the same database server.
      const { place: _, ...first } = await store.pending(4);
      const { place: __, ...again } = await store.pending(4);
      assert.deepEqual(again, first);
      assert.deepEqual(await rawLog(), before);
    });
  });
}

function describeCompleteness({ runner: { it }, alone }: SealLogContract): void {
  it('gives nothing that was sealed again, and passes nothing over from batch to batch', async () => {
    await alone(async ({ store }) => {
      const ids = await appendOneByOne(store, 5);
      let sealed = await sealNext(store, new Sealed(), 3);
      ids.push(...(await appendOneByOne(store, 6)));
      sealed = await sealNext(store, sealed, 1);
      ids.push(...(await appendOneByOne(store, 2)));
      sealed = await sealAll(store, sealed, 4);
      assert.deepEqual(sealed.ids, ids);
      const rest = await store.pending(10);
      assert.deepEqual([rest.entries, rest.hasMore], [[], false]);
      const [late = ''] = await appendOneByOne(store, 1);
      assert.deepEqual(idsOf((await store.pending(10)).entries), [late]);
    });
  });

  it('gives an event once that is appended again, sealed or not', async () => {
    await alone(async ({ store }) => {
      const entries = samples(4, () => ({}));
      await store.append(entries);
      const sealed = await sealNext(store, new Sealed(), 2);
      await store.append(entries);
      assert.deepEqual((await sealAll(store, sealed)).ids, idsOf(entries));
    });
  });

  it('P31: passes nothing over and repeats nothing while many write from several stores', async () => {
    await alone(async ({ store, another }) => {
      const stores = await Promise.all(Array.from({ length: WRITERS }, () => another()));
      const state = { isOver: false };
      const writing = Promise.all(stores.map(appendMany)).finally(() => (state.isOver = true));
      let sealed = new Sealed();
      while (!state.isOver) sealed = await sealNext(store, sealed, 7);
      const ids = (await writing).flat();
      sealed = await sealAll(store, sealed);
      assert.equal(sealed.ids.length, ids.length);
      assert.deepEqual(sealed.ids.toSorted(), ids.toSorted());
      assert.deepEqual(await store.strays(10), []);
    });
  });
}

async function appendOneByOne(store: SealedStore, count: number): Promise<string[]> {
  const entries = samples(count, (n) => ({ payload: { n } }));
  for (const entry of entries) await store.append([entry]);
  return idsOf(entries);
}

async function appendMany(store: SealedStore): Promise<string[]> {
  const batches: Entry[][] = Array.from({ length: APPENDS }, (_, n) => samples(1 + (n % 5), () => ({})));
  for (const batch of batches) await store.append(batch);
  return idsOf(batches.flat());
}
