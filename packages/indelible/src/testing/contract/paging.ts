import assert from 'node:assert/strict';

import type { Entry } from '../../event/entry.js';
import type { StoredEntry } from '../../event/read.js';
import { idBeside, placeOf } from '../../stores/place.js';
import type { EventQuery } from '../../stores/query.js';
import type { Contract } from './contract.js';
import { answerTo } from './oracle.js';
import { idsOf, pageBack, pageForward, question } from './question.js';
import { clinicLife, idsAt, sample } from './sample.js';

const ORDERS: readonly EventQuery['order'][] = (['timestamp', 'action', 'actor'] as const).flatMap(
  (column) => [
    { column, descending: true },
    { column, descending: false },
  ],
);

export function describePaging(contract: Contract): void {
  contract.runner.describe('paging', () => {
    describeThere(contract);
    describeWhileWriting(contract);
    describeEnds(contract);
  });
}

function describeThere({ runner: { it }, shared }: Contract): void {
  const life = clinicLife('paging', 230, 11);

  for (const order of ORDERS) {
    it(`goes through everything and back by ${told(order)}, without loss or repeat`, async () => {
      const { store } = await shared();
      await store.append(life);
      for (const limit of [3, 50, 115, 230, 500]) {
        const query = question('paging', { order, limit });
        const expected = answerTo(query, life);
        const { ids, last } = await pageForward(store, query);
        assert.deepEqual(ids, expected, `forward by ${limit}`);
        const back = [...(await pageBack(store, query, last)), ...idsOf(last.entries)];
        assert.deepEqual(back, expected, `back by ${limit}`);
      }
    });
  }

  it('goes on between two events, at a place where no event stands', async () => {
    const { store } = await shared();
    await store.append(life);
    const at = idBeside(life[150]?.core.id ?? '', 1n);
    const query = question('paging', { after: { value: at, id: at }, limit: 500 });
    const expected = answerTo({ ...query, where: { toId: at } }, life);
    assert.deepEqual(idsOf((await store.find(query)).entries), expected);
    const earlier = { ...query, where: { toId: life[100]?.core.id } };
    assert.deepEqual(
      idsOf((await store.find(earlier)).entries),
      answerTo({ ...earlier, after: undefined }, life),
    );
    const { entries } = await store.find({ ...query, backwards: true });
    assert.deepEqual(idsOf(entries), answerTo({ ...query, where: { fromId: at } }, life));
  });
}

function describeWhileWriting({ runner: { it }, shared }: Contract): void {
  it('loses and repeats nothing that was there, while new events arrive', async () => {
    const { store } = await shared();
    const tenant = 'arriving';
    const life = clinicLife(tenant, 90, 12);
    await store.append(life);
    const query = question(tenant, { limit: 8 });
    const nextId = idsAt(() => Date.parse('2030-01-01T00:00:00Z'));
    const newcomer = (): Entry => sample({ core: { tenant_id: tenant, id: nextId() } });
    const arrive = async (): Promise<void> => void (await store.append([newcomer(), newcomer()]));
    const { ids, last } = await pageForward(store, query, arrive);
    assert.deepEqual(ids, answerTo(query, life));
    const back = [...(await pageBack(store, query, last)), ...idsOf(last.entries)];
    assert.deepEqual(back.slice(-life.length), ids, 'what was there comes in the same order');
    assert.equal(
      back.length,
      life.length + 2 * Math.ceil(life.length / 8),
      'and what arrived comes before it',
    );
  });
}

function describeEnds({ runner: { it }, shared }: Contract): void {
  const life = clinicLife('ends', 20, 13);

  it('has no next page after the last and no previous one before the first', async () => {
    const { store } = await shared();
    await store.append(life);
    for (const order of ORDERS) {
      const whole = await store.find(question('ends', { order, limit: life.length }));
      assert.deepEqual([whole.next, whole.previous], [null, null], told(order));
      const first = await store.find(question('ends', { order, limit: life.length - 1 }));
      assert.notEqual(first.next, null);
      const back = await store.find(
        question('ends', { order, limit: 5, after: first.next ?? undefined, backwards: true }),
      );
      assert.notEqual(back.next, null);
    }
    const none = await store.find(question('nobody was here'));
    assert.deepEqual(none, { entries: [], next: null, previous: null });
  });

  it('leads back from an empty page, its last event included', async () => {
    const { store } = await shared();
    await store.append(life);
    for (const order of ORDERS) {
      const query = question('ends', { order, limit: 6 });
      const expected = answerTo(query, life);
      const { entries: all } = await store.find({ ...query, limit: life.length });
      const beyond = await store.find({ ...query, after: place(order, all.at(-1)) });
      assert.deepEqual([beyond.entries, beyond.next], [[], null]);
      assert.deepEqual(await pageBack(store, query, beyond), expected, told(order));
      const before = await store.find({ ...query, after: place(order, all[0]), backwards: true });
      assert.deepEqual([before.entries, before.previous], [[], null]);
      const again = await pageForward(store, { ...query, after: before.next ?? undefined });
      assert.deepEqual(again.ids, expected, told(order));
    }
  });
}

function place(order: EventQuery['order'], entry: StoredEntry | undefined): EventQuery['after'] {
  assert.ok(entry);
  return placeOf({ order }, entry);
}

function told({ column, descending }: EventQuery['order']): string {
  return `${column}, ${descending ? 'greatest' : 'least'} first`;
}
