import assert from 'node:assert/strict';

import type { Entry } from '../../event/entry.js';
import { floorId, timeOf } from '../../event/id.js';
import { type EventQuery, type Facet, type FacetQuery, FACETS } from '../../stores/query.js';
import type { Facets, Store } from '../../stores/store.js';
import type { Contract } from './contract.js';
import { answerTo } from './oracle.js';
import { question } from './question.js';
import { randomQuestions } from './questions.js';
import { Chance, clinicLife, samples } from './sample.js';

const VALUE_OF: Readonly<Record<Facet, (entry: Entry) => string | undefined>> = {
  action: ({ core }) => core.action,
  outcome: ({ core }) => core.outcome,
  source: ({ core }) => core.source,
  model: ({ core }) => core.target?.type,
  role: ({ search }) => search.role,
  actorId: ({ core }) => core.actor.id,
  subjectId: ({ core }) => core.subject_id,
};
const EVENTS = 300;
const [TENANT, CROWD] = ['facets', 'crowd'];
const CROWDED = 2_500;
const LIFE = clinicLife(TENANT, EVENTS, 11);

export function describeFaceting(contract: Contract): void {
  const { describe } = contract.runner;
  describe('facets', () => describeFacets(contract));
  describe('histogram', () => describeHistogram(contract));
}

async function storeWithLife({ shared }: Contract): Promise<Store> {
  const { store } = await shared();
  await store.append(LIFE);
  return store;
}

function describeFacets(contract: Contract): void {
  const {
    runner: { it },
    shared,
  } = contract;
  it('count the values among the newest matches of any question, and say whether these are all', async () => {
    const store = await storeWithLife(contract);
    const chance = new Chance(12);
    for (const { where, search } of randomQuestions(TENANT, LIFE, 60)) {
      const [among, top] = [chance.pick([1, 20, EVENTS]), 1 + chance.below(6)];
      const query = { tenantId: TENANT, where, search, facets: FACETS, among, top };
      assert.deepEqual(
        await store.facets(query),
        naive(query, LIFE),
        JSON.stringify({ where, search, among }),
      );
    }
  });

  it('are told for what is asked for, and none where nothing matches', async () => {
    const store = await storeWithLife(contract);
    const asked = { tenantId: TENANT, where: { actions: ['NEVER_DONE'] }, among: 10, top: 3 };
    const none = { among: 0, isAll: true };
    assert.deepEqual(await store.facets({ ...asked, facets: [] }), { ...none, values: {} });
    const values = { role: [], model: [] };
    assert.deepEqual(await store.facets({ ...asked, facets: ['role', 'model'] }), { ...none, values });
  });

  it('look at no more matches than they may, the newest of them', async () => {
    const { store } = await shared();
    const crowd = samples(CROWDED, (n) => ({
      core: { tenant_id: CROWD, action: n < CROWDED - 100 ? 'READ' : 'UPDATE' },
    }));
    await store.append(crowd);
    const query = { tenantId: CROWD, where: {}, facets: ['action'], among: 99, top: 5 } as const;
    const values = { action: [{ value: 'UPDATE', count: 100 }] };
    assert.deepEqual(await store.facets(query), { values, among: 100, isAll: false });
  });
}

function describeHistogram(contract: Contract): void {
  const { it } = contract.runner;
  it('counts the matches of any question in each stretch of time', async () => {
    const store = await storeWithLife(contract);
    const times = LIFE.map(({ core }) => timeOf(core.id)).toSorted((a, b) => a - b);
    const [first = 0, last = 0] = [times[0], times.at(-1)];
    const bounds = Array.from({ length: 12 }, (_, n) => floorId(first + ((last - first) * n) / 10));
    for (const query of randomQuestions(TENANT, LIFE, 40)) {
      const ids = answerTo(query, LIFE);
      const expected = bounds
        .slice(1)
        .map((to, n) => ids.filter((id) => id >= (bounds[n] ?? '') && id < to).length);
      const { tenantId, where, search } = query;
      assert.deepEqual(await store.histogram({ tenantId, where, search, bounds }), expected);
    }
  });

  it('has as many stretches as it is asked for, also hundreds', async () => {
    const store = await storeWithLife(contract);
    const bounds = Array.from({ length: 502 }, (_, n) => floorId(Date.UTC(2020, 0, 1) + n * 3_600_000));
    const counts = await store.histogram({ tenantId: TENANT, where: {}, bounds });
    assert.deepEqual(
      counts,
      Array.from({ length: 501 }, () => 0),
    );
    assert.deepEqual(await store.histogram({ tenantId: TENANT, where: {}, bounds: [] }), []);
  });
}

function naive({ facets, among, top, ...asked }: FacetQuery, entries: readonly Entry[]): Facets {
  const query: EventQuery = question(asked.tenantId, { where: asked.where, search: asked.search });
  const byId = new Map(entries.map((entry) => [entry.core.id, entry]));
  const newest = answerTo(query, entries).slice(0, among + 1);
  const found = newest.flatMap((id) => byId.get(id) ?? []);
  const values = facets.map((facet) => [facet, ranked(found.map(VALUE_OF[facet])).slice(0, top)]);
  const told = Object.fromEntries(values) as Facets['values'];
  return { values: told, among: newest.length, isAll: newest.length <= among };
}

function ranked(values: readonly (string | undefined)[]): { value: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const value of values) if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1);
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => b.count - a.count || (a.value < b.value ? -1 : 1));
}
