import assert from 'node:assert/strict';

import { entryLeaf, type Entry } from '../../event/entry.js';
import { NASTY_TEXTS } from '../contract/nasty.js';
import { idsOf } from '../contract/question.js';
import { clinicLife, idsAt, sample, samples } from '../contract/sample.js';
import { Sealed, sealAll, sealNext } from './sealed.js';
import type { SealedStore, SealLogContract } from './under-test.js';

const WRITERS = 4;
const APPENDS = 12;
/** More than any store reads, or keeps in a row, at a time. */
const MANY = 2_500;
/** No id is longer than an index can hold. */
const NASTY = NASTY_TEXTS.filter((text) => text.length < 500);

export function describePending(contract: SealLogContract): void {
  const { describe } = contract.runner;
  describe('pending', () => {
    describeOrder(contract);
    describeContents(contract);
    describeCompleteness(contract);
    describeThousands(contract);
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

function describeContents({ runner: { it }, alone }: SealLogContract): void {
  it('gives entries that their leaves can be made of', async () => {
    await alone(async ({ store }) => {
      const entries = clinicLife('acme', 60);
      await store.append(entries);
      const expected = new Map(entries.map((entry) => [entry.core.id, entryLeaf(entry)]));
      const { entries: found } = await store.pending(100);
      assert.equal(found.length, entries.length);
      for (const entry of found) assert.deepEqual(entryLeaf(entry), expected.get(entry.core.id));
    });
  });

  it('gives what is hashed and what is counted, and nothing that could be heavy', async () => {
    await alone(async ({ store }) => {
      const entries = [
        sample({ search: { role: 'dentist', ip: '10.0.0.1', subjects: ['s1'] }, payload: { note: 'long' } }),
        sample(),
      ];
      for (const entry of entries) await store.append([entry]);
      const { entries: found } = await store.pending(10);
      assert.deepEqual(
        found.map((entry) => Object.keys(entry).sort()),
        found.map(() => ['core', 'search']),
      );
      assert.deepEqual(
        found.map(({ search }) => search),
        [{ role: 'dentist' }, { role: undefined }],
      );
    });
  });

  it('gives the leaves of ids that are hard to write', async () => {
    await alone(async ({ store }) => {
      const entries = NASTY.map((text) =>
        sample({
          core: { actor: { type: 'user', id: text }, subject_id: text, target: { type: text, id: text } },
          search: { role: text },
        }),
      );
      for (const entry of entries) await store.append([entry]);
      const { entries: found } = await store.pending(100);
      assert.deepEqual(found.map(entryLeaf), entries.map(entryLeaf));
      assert.deepEqual(
        found.map(({ search }) => search.role),
        NASTY,
      );
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

function describeThousands({ runner: { it }, alone }: SealLogContract): void {
  it('gives thousands at once in their order, and each of their leaves is found where it was put', async () => {
    await alone(async ({ store }) => {
      const entries = samples(MANY, () => ({}));
      for (let at = 0; at < MANY; at += 500) await store.append(entries.slice(at, at + 500));
      const ids = idsOf(entries);
      const most = await store.pending(MANY - 100);
      assert.deepEqual([idsOf(most.entries), most.hasMore], [ids.slice(0, MANY - 100), true]);
      assert.deepEqual((await sealNext(store, new Sealed(), MANY * 2)).ids, ids);
      for (const from of [0, 1_020, 2_045, MANY - 10]) {
        const leaves = await store.leaves(from, 10);
        assert.deepEqual(
          leaves.map(({ id, entry }) => [id, entry?.core.id]),
          ids.slice(from, from + 10).map((id) => [id, id]),
        );
        assert.equal(await store.indexOf(ids[from] ?? ''), from);
      }
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
