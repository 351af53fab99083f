import assert from 'node:assert/strict';

import type { Entry } from '../../event/entry.js';
import { floorId } from '../../event/id.js';
import type { Contract } from './contract.js';
import { collect, question } from './question.js';
import { idsAt, sample, samples } from './sample.js';
import { describeSumming, Sealing } from './summing.js';

const MANY = 5_200;

/** The first ids of days and the end of the last, as the clocks of a place have them. */
interface Days {
  readonly zone: string;
  readonly bounds: readonly string[];
  /** Moments, each with the day it falls on; none for one outside. */
  readonly moments: readonly (readonly [moment: string, day: number | undefined])[];
}

const DAYS: readonly Days[] = [
  {
    zone: 'UTC',
    bounds: ['2026-03-13T00:00:00Z', '2026-03-14T00:00:00Z', '2026-03-15T00:00:00Z'],
    moments: [
      ['2026-03-12T23:59:59.999Z', undefined],
      ['2026-03-13T00:00:00.000Z', 0],
      ['2026-03-13T23:59:59.999Z', 0],
      ['2026-03-14T00:00:00.000Z', 1],
      ['2026-03-14T23:59:59.999Z', 1],
      ['2026-03-15T00:00:00.000Z', undefined],
    ],
  },
  {
    zone: 'Europe/Berlin, over the night in which a clock is put forward',
    bounds: ['2026-03-27T23:00:00Z', '2026-03-28T23:00:00Z', '2026-03-29T22:00:00Z', '2026-03-30T22:00:00Z'],
    moments: [
      ['2026-03-28T22:59:59.999Z', 0],
      ['2026-03-28T23:00:00.000Z', 1],
      ['2026-03-29T21:59:59.999Z', 1],
      ['2026-03-29T22:00:00.000Z', 2],
      ['2026-03-30T21:59:59.999Z', 2],
      ['2026-03-30T22:00:00.000Z', undefined],
    ],
  },
  {
    zone: 'Asia/Kolkata, half an hour off',
    bounds: ['2026-03-13T18:30:00Z', '2026-03-14T18:30:00Z'],
    moments: [
      ['2026-03-13T18:29:59.999Z', undefined],
      ['2026-03-13T18:30:00.000Z', 0],
      ['2026-03-14T18:29:59.999Z', 0],
      ['2026-03-14T18:30:00.000Z', undefined],
    ],
  },
];

export function describeCounting(contract: Contract): void {
  const { describe } = contract.runner;
  describe('count', () => describeBudget(contract));
  describe('stream', () => describeStream(contract));
  describe('summarize', () => {
    describeDays(contract);
    describeSealedDays(contract);
    describeGroups(contract);
    describeSumming(contract);
  });
}

function describeBudget({ runner: { it }, shared }: Contract): void {
  it('is exact, or null when the budget is too small, and never a guess', async () => {
    const { store } = await shared();
    await store.append(samples(2_000, () => ({ core: { tenant_id: 'budget' } })));
    for (const budgetMs of [0, 0.01, 1, 5, 60_000]) {
      const count = await store.count(question('budget'), budgetMs);
      assert.ok(count === null || count === 2_000, `${count} within ${budgetMs} ms`);
    }
    assert.equal(await store.count(question('budget'), 60_000), 2_000);
  });
}

function describeStream({ runner: { it }, shared }: Contract): void {
  const half = { subject_id: 's1' };
  const made = (tenant_id: string): Entry[] =>
    samples(MANY, (n) => ({ core: { tenant_id, ...(n % 2 === 0 && half) } }));

  it('gives everything that matches, in order, whatever the limit and place of the question', async () => {
    const { store } = await shared();
    const entries = made('stream');
    await store.append(entries);
    const ids = entries.map(({ core }) => core.id);
    const after = { value: ids[9] ?? '', id: ids[9] ?? '' };
    const narrow = question('stream', { limit: 3, after, backwards: true });
    assert.deepEqual(await collect(store, narrow), ids.toReversed());
    const order = { column: 'timestamp', descending: false } as const;
    const everySecond = question('stream', { where: { subjectId: 's1' }, order });
    assert.deepEqual(
      await collect(store, everySecond),
      ids.filter((_id, n) => n % 2 === 0),
    );
  });

  it('reads no further than its reader, and can be left', async () => {
    const { store } = await shared();
    await store.append(made('left'));
    const seen: string[] = [];
    for await (const { core } of store.stream(question('left'))) {
      seen.push(core.id);
      if (seen.length === 10) break;
    }
    assert.equal(seen.length, 10);
    assert.equal((await store.find(question('left', { limit: 1 }))).entries.length, 1);
  });
}

function describeDays({ runner: { it }, shared }: Contract): void {
  for (const { zone, bounds, moments } of DAYS) {
    it(`counts by whole days in ${zone}`, async () => {
      const { store } = await shared();
      await store.append(moments.map(([moment]) => at(zone, moment)));
      const dayBounds = bounds.map((bound) => floorId(Date.parse(bound)));
      const expected = bounds.slice(1).map((_, day) => moments.filter(([, on]) => on === day).length);
      const summary = await store.summarize({ tenantId: zone, where: {}, dayBounds, top: 3 });
      assert.deepEqual(summary.perDay, expected);
      assert.equal(
        summary.total,
        expected.reduce((sum, count) => sum + count),
      );
      assert.deepEqual(summary.byOutcome, { success: summary.total });
    });
  }

  it('counts every day of some years', async () => {
    const { store } = await shared();
    const first = Date.parse('2020-01-01T00:00:00Z');
    const dayBounds = Array.from({ length: 1_201 }, (_, day) => floorId(first + day * 86_400_000));
    await store.append([at('years', '2020-01-01T00:00:00Z'), at('years', '2023-04-14T12:00:00Z')]);
    const { perDay } = await store.summarize({ tenantId: 'years', where: {}, dayBounds, top: 3 });
    assert.deepEqual(
      [perDay.length, perDay[0], perDay[1_199], perDay.filter((count) => count > 0).length],
      [1_200, 1, 1, 2],
    );
  });
}

function describeSealedDays({ runner: { it }, alone }: Contract): void {
  it('counts by the same days when some or all of the events are sealed', async () => {
    await alone(async ({ store }) => {
      await store.append(DAYS.flatMap(({ zone, moments }) => moments.map(([moment]) => at(zone, moment))));
      const sealing = new Sealing(store);
      for (const more of [1, 9, 100]) {
        await sealing.next(more);
        for (const { zone, bounds, moments } of DAYS) {
          const dayBounds = bounds.map((bound) => floorId(Date.parse(bound)));
          const expected = bounds.slice(1).map((_, day) => moments.filter(([, on]) => on === day).length);
          const summary = await store.summarize({ tenantId: zone, where: {}, dayBounds, top: 3 });
          assert.deepEqual(summary.perDay, expected, zone);
          assert.deepEqual(summary.byActor, [{ id: 'u1', count: summary.total }]);
        }
      }
    });
  });
}

function describeGroups({ runner: { it }, shared }: Contract): void {
  const dayBounds = ['2026-03-14T00:00:00Z', '2026-03-15T00:00:00Z'].map((bound) =>
    floorId(Date.parse(bound)),
  );
  const nextId = idsAt(() => Date.parse('2026-03-14T12:00:00Z'));
  const entries = Array.from({ length: 60 }, (_, n) => grouped(n, nextId()));

  it('counts by action, role, model, outcome and actor, the most active actors first', async () => {
    const { store } = await shared();
    await store.append([...entries, at('groups', '2026-03-16T00:00:00Z')]);
    const summary = await store.summarize({ tenantId: 'groups', where: {}, dayBounds, top: 2 });
    assert.deepEqual(summary, {
      total: 60,
      byAction: { READ: 40, UPDATE: 20 },
      byRole: { dentist: 15, constructor: 15 },
      byModel: { Patient: 30, ['__proto__']: 15, toString: 15 },
      byOutcome: { success: 50, denied: 10 },
      byActor: [
        { id: 'u1', count: 30 },
        { id: 'u0', count: 10 },
      ],
      perDay: [60],
    });
  });

  it('counts only what its conditions let through', async () => {
    const { store } = await shared();
    await store.append(entries);
    for (const [where, total] of [
      [{ outcome: 'denied' }, 10],
      [{ subjectId: 's1' }, 20],
      [{ actions: ['READ', 'UPDATE'], targetType: 'Patient' }, 30],
      [{ actorId: 'nobody' }, 0],
      [{ fromId: entries[10]?.core.id }, 50],
      [{ fromId: entries[10]?.core.id, toId: entries[20]?.core.id }, 10],
    ] as const) {
      const summary = await store.summarize({ tenantId: 'groups', where, dayBounds, top: 9 });
      assert.deepEqual([summary.total, ...summary.perDay], [total, total], JSON.stringify(where));
      assert.equal(
        Object.values(summary.byAction).reduce((sum, count) => sum + count, 0),
        total,
      );
    }
  });
}

/** Models named like members of every object must not be taken for them. */
function grouped(n: number, id: string): Entry {
  const model = n % 2 === 0 ? 'Patient' : n % 4 === 1 ? '__proto__' : 'toString';
  return sample({
    core: {
      tenant_id: 'groups',
      id,
      action: n % 3 === 0 ? 'UPDATE' : 'READ',
      outcome: n % 6 === 0 ? 'denied' : 'success',
      actor: n % 2 === 0 ? { type: 'user', id: 'u1' } : { type: 'user', id: `u${n % 6 === 1 ? 0 : n + 100}` },
      target: { type: model },
      subject_id: n % 6 === 0 ? 's1' : undefined,
    },
    search: {
      role: n % 4 === 0 ? 'dentist' : n % 4 === 1 ? 'constructor' : undefined,
      subjects: n % 6 === 1 ? ['s1', 's2'] : undefined,
    },
  });
}

function at(tenant: string, moment: string): Entry {
  return sample({ core: { tenant_id: tenant, id: idsAt(() => Date.parse(moment))() } });
}
