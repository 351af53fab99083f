import assert from 'node:assert/strict';

import type { Hold, Policy } from '../../stores/removal.js';
import { REFUSED, type RemovalContract } from './under-test.js';

const POLICIES: readonly Policy[] = [
  { id: 'reads', match: { action: 'READ' }, days: 730, reason: 'Nobody asks for them later' },
  { id: 'images', match: { tenantId: 'acme', targetType: 'X-Ray "left"' }, days: 3_653, reason: null },
  { id: 'no tenant', match: { tenantId: '' }, days: 1, reason: '' },
  { id: 'everything', match: {}, days: 36_500, reason: "it's the law; DROP TABLE" },
];
const HOLDS: readonly Omit<Hold, 'placedAt'>[] = [
  { id: 'court-1', match: { tenantId: 'acme', subjectId: 's1' }, reason: 'A claim of 2026' },
  {
    id: 'court-2',
    match: { actorId: 'u1', action: 'DELETE', targetType: 'Patient', targetId: '7' },
    reason: 'é😀',
  },
  { id: 'all', match: {}, reason: 'A raid' },
];

export function describeRules(contract: RemovalContract): void {
  contract.runner.describe('rules', () => {
    describePolicies(contract);
    describeHolds(contract);
  });
}

function byId<T extends { readonly id: string }>(rules: readonly T[]): T[] {
  return rules.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

function describePolicies({ runner: { it }, alone }: RemovalContract): void {
  it('keep policies as they were given, for whoever opens the store', async () => {
    await alone(async ({ store, another }) => {
      assert.deepEqual(await store.policies(), []);
      for (const policy of POLICIES) await store.savePolicy(policy);
      for (const one of [store, await another()])
        assert.deepEqual(byId(await one.policies()), byId(POLICIES));
    });
  });

  it('replace a policy whole, and take one away, and leave the others', async () => {
    await alone(async ({ store }) => {
      for (const policy of POLICIES) await store.savePolicy(policy);
      const [reads, images, ...others] = POLICIES as [Policy, Policy, ...Policy[]];
      const next: Policy = {
        id: reads.id,
        match: { tenantId: 'zeta', targetType: undefined },
        days: 90,
        reason: null,
      };
      await store.savePolicy(next);
      await store.removePolicy(images.id);
      const expected = { ...next, match: { tenantId: 'zeta' } };
      assert.deepEqual(byId(await store.policies()), byId([expected, ...others]));
    });
  });

  it('know nothing of a policy that is not there, and so take it away as often as it is said', async () => {
    await alone(async ({ store }) => {
      const [policy] = POLICIES as [Policy];
      await store.savePolicy(policy);
      await store.removePolicy('nobody');
      assert.deepEqual(await store.policies(), [policy]);
      await store.removePolicy(policy.id);
      await store.removePolicy(policy.id);
      assert.deepEqual(await store.policies(), []);
    });
  });
}

function describeHolds({ runner: { it }, alone }: RemovalContract): void {
  const bare = (holds: readonly Hold[]): unknown =>
    byId(holds).map(({ id, match, reason }) => ({ id, match, reason }));

  it('keep holds as they were placed, with the time, for whoever opens the store', async () => {
    await alone(async ({ store, another }) => {
      assert.deepEqual(await store.holds(), []);
      for (const hold of HOLDS) await store.placeHold(hold);
      const found = await (await another()).holds();
      assert.deepEqual(bare(found), byId(HOLDS));
      assert.deepEqual(found, await store.holds());
      for (const { placedAt } of found) {
        assert.match(placedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
        assert.ok(Math.abs(Date.parse(placedAt) - Date.now()) < 86_400_000, placedAt);
      }
    });
  });

  it('place a hold once, however often it is said, and refuse another of its id', async () => {
    await alone(async ({ store, another }) => {
      const [hold] = HOLDS as [Omit<Hold, 'placedAt'>];
      await store.placeHold(hold);
      const before = await store.holds();
      await (await another()).placeHold(hold);
      await assert.rejects(store.placeHold({ ...hold, match: {} }), REFUSED);
      await assert.rejects(store.placeHold({ ...hold, reason: 'another' }), REFUSED);
      assert.deepEqual(await store.holds(), before);
    });
  });

  it('release the hold that is named, and know nothing of one that is not there', async () => {
    await alone(async ({ store }) => {
      for (const hold of HOLDS) await store.placeHold(hold);
      const [first, ...others] = HOLDS as [Omit<Hold, 'placedAt'>];
      await store.releaseHold('nobody');
      assert.deepEqual(bare(await store.holds()), byId(HOLDS));
      await store.releaseHold(first.id);
      await store.releaseHold(first.id);
      assert.deepEqual(bare(await store.holds()), byId(others));
    });
  });
}
