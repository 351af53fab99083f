import assert from 'node:assert/strict';

import type { Entry } from '../../event/entry.js';
import { floorId } from '../../event/id.js';
import type { EventConditions } from '../../stores/query.js';
import type { FacetValue, Store } from '../../stores/store.js';
import type { Contract } from './contract.js';
import { collect, idsOf, pageForward, question } from './question.js';
import { samples } from './sample.js';

const TENANTS = ['', 'acme', 'Acme', 'globex'];
const MARK = 'tenants-kept-apart';
const WHERES: readonly EventConditions[] = [
  {},
  { actorId: MARK },
  { subjectId: MARK },
  { subjectId: `${MARK}-among` },
  { targetType: 'Patient', targetId: MARK },
  { actorText: MARK },
  { actions: ['READ', 'LIST'] },
];
const DAY = [floorId(Date.now() - 3_600_000), floorId(Date.now() + 3_600_000)];

interface Tenant {
  readonly tenant: string;
  readonly entries: readonly Entry[];
}

export function describeTenants(contract: Contract): void {
  const everyone = TENANTS.map((tenant) => ({ tenant, entries: alike(tenant) }));
  contract.runner.describe('tenants', () => {
    describeApart(contract, everyone);
    describeSums(contract, everyone);
    describeTogether(contract, everyone);
  });
}

async function storeWith({ shared }: Contract, everyone: readonly Tenant[]): Promise<Store> {
  const { store } = await shared();
  for (const { entries } of everyone) await store.append(entries);
  return store;
}

function describeApart(contract: Contract, everyone: readonly Tenant[]): void {
  const { it } = contract.runner;

  it('P47: see their own events only, whatever they ask', async () => {
    const store = await storeWith(contract, everyone);
    for (const { tenant, entries } of everyone) {
      const own = new Set(idsOf(entries));
      for (const where of WHERES) {
        const query = question(tenant, { where: { ...where, fromId: DAY[0] } });
        const seen = await collect(store, query);
        const isOwn = seen.length > 0 && seen.every((id) => own.has(id));
        assert.ok(isOwn, `${tenant}: ${JSON.stringify(where)}`);
        assert.equal(await store.count(query, 60_000), seen.length);
      }
      const search = { text: MARK, exact: MARK };
      assert.deepEqual((await collect(store, question(tenant, { search }))).sort(), [...own].sort());
    }
  });

  it("P47: cannot get another's event by its id", async () => {
    const store = await storeWith(contract, everyone);
    for (const { tenant, entries } of everyone) {
      const [id = ''] = idsOf(entries);
      const seenBy = async (other: string | null): Promise<string | undefined> =>
        (await store.get(id, other))?.core.id;
      for (const other of TENANTS)
        assert.equal(await seenBy(other), other === tenant ? id : undefined, `${tenant}, ${other}`);
      assert.equal(await seenBy(null), id);
    }
    assert.equal(await store.get('019c0000-0000-7000-8000-00000000dead', null), undefined);
  });
}

function describeSums(contract: Contract, everyone: readonly Tenant[]): void {
  contract.runner.it("P47: do not count another's events in a summary", async () => {
    const store = await storeWith(contract, everyone);
    const rest = { where: { actorId: MARK }, dayBounds: DAY, top: 5 };
    for (const { tenant, entries } of everyone) {
      const summary = await store.summarize({ tenantId: tenant, ...rest });
      assert.equal(summary.total, entries.length);
      assert.deepEqual(summary.byActor, [{ id: MARK, count: entries.length }]);
      const asked = { tenantId: tenant, where: rest.where };
      const { among, values } = await store.facets({ ...asked, facets: ['actorId'], among: 1_000, top: 5 });
      assert.deepEqual([among, values.actorId], [entries.length, summary.byActor.map(named)]);
      assert.deepEqual(await store.histogram({ ...asked, bounds: DAY }), [entries.length]);
    }
    const { total } = await store.summarize({ tenantId: null, ...rest });
    assert.equal(total, everyone.flatMap(({ entries }) => entries).length);
  });
}

function describeTogether(contract: Contract, everyone: readonly Tenant[]): void {
  contract.runner.it('are looked at together when nobody is named', async () => {
    const store = await storeWith(contract, everyone);
    const ids = idsOf(everyone.flatMap(({ entries }) => entries)).sort();
    const byActor = question(null, { where: { actorId: MARK } });
    assert.deepEqual(await collect(store, byActor), ids.toReversed());
    const bySubject = question(null, { where: { subjectId: MARK }, limit: 3 });
    assert.deepEqual((await pageForward(store, bySubject)).ids, ids.toReversed());
    assert.equal(await store.count(byActor, 60_000), ids.length);
  });
}

function named({ id, count }: { readonly id: string; readonly count: number }): FacetValue {
  return { value: id, count };
}

/** The same acts by the same people under the same ids: nothing but the tenant tells them apart. */
function alike(tenant: string): Entry[] {
  return samples(6, (n) => ({
    core: {
      action: n === 0 ? 'LIST' : 'READ',
      tenant_id: tenant === '' ? undefined : tenant,
      actor: { type: 'user', id: MARK },
      target: { type: 'Patient', id: MARK },
      subject_id: MARK,
    },
    search: { actorText: MARK, text: MARK, subjects: n === 0 ? [MARK, `${MARK}-among`] : undefined },
  }));
}
