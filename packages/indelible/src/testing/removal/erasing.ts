import assert from 'node:assert/strict';

import { type Entry, entryLeaf } from '../../event/entry.js';
import { idsOf, question } from '../contract/question.js';
import { sample, samples } from '../contract/sample.js';
import { addedUp, hex } from '../seal-log/sealed.js';
import { byId, counted, decided, removeAll, someLife, split, storeAndSeal, take } from './filled.js';
import { emptied, type RemovalContract, type RemovingStore, whole } from './under-test.js';

const NAME = 'quintessa';

export function describeErasing(contract: RemovalContract): void {
  contract.runner.describe('erase', () => {
    describeReaders(contract);
    describeRows(contract);
    describeLog(contract);
    describeAgain(contract);
  });
}

function named(count: number): Entry[] {
  return samples(count, (n) => ({
    core: { tenant_id: 'acme', subject_id: `s${n}`, target: { type: 'Patient', id: '7' } },
    payload: { target: { label: NAME }, request: { ip: '10.0.0.1' }, reason: 'check-up' },
    search: { role: 'dentist', ip: '10.0.0.1', actorText: NAME, text: `patient ${NAME}`, subjects: ['s9'] },
  }));
}

async function found(store: RemovingStore, more: Parameters<typeof question>[1]): Promise<string[]> {
  return idsOf((await store.find(question('acme', more))).entries);
}

function describeReaders({ runner: { it }, alone }: RemovalContract): void {
  it('P39: leaves events to be found by what their core holds, and by nothing that was erased', async () => {
    await alone(async ({ store }) => {
      const { gone, left } = split(named(9));
      await storeAndSeal(store, [...gone, ...left]);
      await removeAll(store, 'erase', gone);
      const every = idsOf([...gone, ...left]).toSorted();
      for (const where of [{}, { targetId: '7' }, { subjectId: 's9' }, { actions: ['READ'] }])
        assert.deepEqual((await found(store, { where })).toSorted(), every, JSON.stringify(where));
      const readable = idsOf(left).toSorted();
      for (const where of [{ role: 'dentist' }, { ip: '10.0.0.1' }, { actorText: NAME }, { actorText: 'qu' }])
        assert.deepEqual((await found(store, { where })).toSorted(), readable, JSON.stringify(where));
      const search = { text: NAME, exact: NAME };
      assert.deepEqual((await found(store, { search })).toSorted(), readable);
      assert.equal(await store.count(question('acme', { search }), 10_000), readable.length);
    });
  });

  it('P39: gives what is left of an event: its core, and nothing else', async () => {
    await alone(async ({ store }) => {
      const { gone, left } = split(named(4));
      await storeAndSeal(store, [...gone, ...left]);
      await removeAll(store, 'erase', gone);
      for (const { core } of gone) {
        const entry = await store.get(core.id, 'acme');
        assert.deepEqual([entry?.payload, entry?.salt], [null, null]);
        assert.deepEqual(
          Object.entries(entry?.search ?? {}).filter(
            ([name, value]) => name !== 'subjects' && value !== undefined,
          ),
          [],
        );
        assert.equal(entry && hex(entryLeaf(entry)), hex(entryLeaf({ core })));
      }
      for (const { core, payload } of left)
        assert.equal((await store.get(core.id, 'acme'))?.payload, payload);
    });
  });
}

function describeRows({ runner: { it }, alone }: RemovalContract): void {
  it('P39: empties payload, salt and search columns, and takes nothing from any other event', async () => {
    await alone(async ({ store, rawEvents, rawSubjects }) => {
      const { gone, left } = split(someLife());
      await storeAndSeal(store, [...gone, ...left]);
      const subjects = await rawSubjects();
      assert.ok(subjects.length > 0);
      await removeAll(store, 'erase', gone);
      assert.deepEqual(byId(await rawEvents()), byId([...gone.map(emptied), ...left.map(whole)]));
      // Ids alone, as the core has them.
      assert.deepEqual(await rawSubjects(), subjects);
    });
  });

  it('takes out of the tallies what it takes from the columns, and no more', async () => {
    await alone(async ({ store, rawTallies }) => {
      const { gone, left } = split(someLife());
      await storeAndSeal(store, [...gone, ...left]);
      await removeAll(store, 'erase', gone);
      const without = gone.map((entry) => ({ ...entry, search: { subjects: entry.search.subjects } }));
      assert.notDeepEqual(counted([...without, ...left]), counted([...gone, ...left]));
      assert.deepEqual(addedUp(await rawTallies()), counted([...without, ...left]));
      await removeAll(store, 'purge', gone);
      assert.deepEqual(addedUp(await rawTallies()), counted(left));
      assert.equal((await rawTallies()).length, counted(left).length);
    });
  });
}

function describeLog({ runner: { it }, alone }: RemovalContract): void {
  it('P39: leaves the log as it was: every leaf is still that of its event', async () => {
    await alone(async ({ store, rawSealed }) => {
      const { gone, left } = split(someLife(), 2);
      await storeAndSeal(store, [...gone, ...left]);
      const sealed = await rawSealed();
      await removeAll(store, 'erase', gone);
      assert.deepEqual(await rawSealed(), sealed);
      const erased = new Set(idsOf(gone));
      for (const { id, hash, entry } of await store.leaves(0, 1_000)) {
        assert.equal(entry && hex(entryLeaf(entry)), hex(hash));
        assert.equal(entry?.payload === null, erased.has(id));
      }
      assert.deepEqual(await store.strays(10), []);
      assert.deepEqual((await store.pending(10)).entries, []);
    });
  });
}

function describeAgain({ runner: { it }, alone }: RemovalContract): void {
  it('P39: stays when the event is brought once more, as a repeat that says nothing new', async () => {
    await alone(async ({ store, another, rawEvents }) => {
      const [erased, other] = named(2) as [Entry, Entry];
      await storeAndSeal(store, [erased, other]);
      await removeAll(store, 'erase', [erased]);
      const repeat = await (await another()).append([erased, sample()]);
      assert.deepEqual(repeat, { conflicts: [] });
      const row = (await rawEvents()).find(({ id }) => id === erased.core.id);
      assert.deepEqual(row, emptied(erased));
    });
  });

  it('leaves events to a purge later on', async () => {
    await alone(async ({ store, rawEvents, rawSubjects, rawTallies }) => {
      const entries = named(5);
      await storeAndSeal(store, entries);
      await removeAll(store, 'erase', entries);
      const eventId = await decided(store, 'purge');
      assert.equal(await take(store, eventId, idsOf(entries)), entries.length);
      assert.deepEqual(await Promise.all([rawEvents(), rawSubjects(), rawTallies()]), [[], [], []]);
    });
  });
}
