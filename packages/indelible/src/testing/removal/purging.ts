import assert from 'node:assert/strict';

import type { Entry } from '../../event/entry.js';
import { collect, idsOf, question } from '../contract/question.js';
import { forged, sample, samples } from '../contract/sample.js';
import { addedUp, hex } from '../seal-log/sealed.js';
import { byId, counted, removeAll, someLife, split, storeAndSeal } from './filled.js';
import { type RemovalContract, type RemovingStore, whole } from './under-test.js';

export function describePurging(contract: RemovalContract): void {
  contract.runner.describe('purge', () => {
    describeReaders(contract);
    describeRows(contract);
    describeLog(contract);
    describeReplay(contract);
  });
}

const NAME = 'quintessa';
const SEARCH = { text: NAME, exact: NAME };

function named(count: number): Entry[] {
  return samples(count, (n) => ({
    core: { tenant_id: 'acme', subject_id: `s${n}`, actor: { type: 'user', id: 'u9' } },
    search: { actorText: `${NAME} park`, text: `patient ${NAME}`, subjects: [`s${n}`, 's9'] },
  }));
}

/** Every way there is to come by an event. */
async function foundBy(store: RemovingStore): Promise<Record<string, readonly string[]>> {
  const all = question('acme');
  const ask = async (more: Parameters<typeof question>[1]): Promise<string[]> =>
    idsOf((await store.find(question('acme', more))).entries);
  return {
    find: await ask({}),
    stream: await collect(store, all),
    search: await ask({ search: SEARCH }),
    actor: await ask({ where: { actorText: NAME } }),
    subject: await ask({ where: { subjectId: 's9' } }),
    'all tenants': idsOf((await store.find({ ...all, tenantId: null })).entries),
  };
}

function describeReaders({ runner: { it }, alone }: RemovalContract): void {
  it('takes events from every reader, and leaves the others to all of them', async () => {
    await alone(async ({ store }) => {
      const entries = named(9);
      await storeAndSeal(store, entries);
      const { gone, left } = split(entries);
      await removeAll(store, 'purge', gone);
      const expected = idsOf(left).toReversed();
      for (const [way, ids] of Object.entries(await foundBy(store))) assert.deepEqual(ids, expected, way);
      assert.equal(await store.count(question('acme'), 10_000), left.length);
      assert.equal(await store.count(question('acme', { search: SEARCH }), 10_000), left.length);
      for (const { core } of gone) assert.equal(await store.get(core.id, null), undefined);
      for (const { core } of left) assert.equal((await store.get(core.id, null))?.core.id, core.id);
    });
  });
}

function describeRows({ runner: { it }, alone }: RemovalContract): void {
  it('takes the rows of events and of their subjects, and no others', async () => {
    await alone(async ({ store, rawEvents, rawSubjects }) => {
      const { gone, left } = split(someLife());
      await storeAndSeal(store, [...gone, ...left]);
      await removeAll(store, 'purge', gone);
      assert.deepEqual(byId(await rawEvents()), byId(left.map(whole)));
      const ids = new Set(idsOf(left));
      const subjects = await rawSubjects();
      assert.deepEqual(
        subjects.filter(({ eventId }) => !ids.has(eventId)),
        [],
      );
      const expected = left.reduce((sum, { search }) => sum + new Set(search.subjects).size, 0);
      assert.equal(subjects.length, expected);
      assert.ok(expected > 0);
    });
  });

  it('takes events out of the tallies, where one that comes to nothing is no more', async () => {
    await alone(async ({ store, rawTallies }) => {
      const { gone, left } = split(someLife());
      await storeAndSeal(store, [...gone, ...left]);
      assert.deepEqual(addedUp(await rawTallies()), counted([...gone, ...left]));
      await removeAll(store, 'purge', gone);
      assert.deepEqual(addedUp(await rawTallies()), counted(left));
      assert.equal((await rawTallies()).length, counted(left).length);
      await removeAll(store, 'purge', left);
      assert.deepEqual(await rawTallies(), []);
    });
  });
}

function describeLog({ runner: { it }, alone }: RemovalContract): void {
  it('P34: leaves the log as it was: the leaves stay, and say that their events are gone', async () => {
    await alone(async ({ store, rawSealed }) => {
      const { gone, left } = split(someLife(), 2);
      await storeAndSeal(store, [...gone, ...left]);
      const [sealed, leaves] = [await rawSealed(), await store.leaves(0, 1_000)];
      await removeAll(store, 'purge', gone);
      assert.deepEqual(await rawSealed(), sealed);
      const found = await store.leaves(0, 1_000);
      assert.deepEqual(
        found.map(({ id, index, hash }) => [id, index, hex(hash)]),
        leaves.map(({ id, index, hash }) => [id, index, hex(hash)]),
      );
      const missing = found.filter(({ entry }) => entry === undefined).map(({ id }) => id);
      assert.deepEqual(missing.toSorted(), idsOf(gone).toSorted());
      assert.deepEqual(await store.strays(10), []);
      for (const { id, index } of found) assert.equal(await store.indexOf(id), index);
    });
  });

  it('lets the log go on', async () => {
    await alone(async ({ store, rawTallies }) => {
      const first = someLife(10);
      await storeAndSeal(store, first);
      await removeAll(store, 'purge', first);
      assert.deepEqual((await store.pending(10)).entries, []);
      const second = samples(5, () => ({}));
      await storeAndSeal(store, second);
      assert.equal((await store.head()).size, first.length + second.length);
      assert.deepEqual(addedUp(await rawTallies()), counted(second));
    });
  });
}

function describeReplay({ runner: { it }, alone }: RemovalContract): void {
  it('P34: lets no event come back unnoticed: it is a conflict or a stray, and never sealed a second time', async () => {
    await alone(async ({ store, another }) => {
      const entries = samples(6, () => ({}));
      await storeAndSeal(store, entries);
      const [a, b, c] = entries as [Entry, Entry, Entry];
      await removeAll(store, 'purge', [a, b]);
      const fresh = sample();
      const { conflicts } = await (await another()).append([a, fresh, forged(b), c]);
      const strays = await store.strays(10);
      for (const { core } of [a, b])
        assert.ok(conflicts.includes(core.id) || strays.includes(core.id), core.id);
      for (const id of conflicts) assert.equal(await store.get(id, null), undefined);
      assert.ok(![...conflicts, ...strays].some((id) => [fresh.core.id, c.core.id].includes(id)));
      assert.deepEqual(idsOf((await store.pending(10)).entries), [fresh.core.id]);
    });
  });
}
