import assert from 'node:assert/strict';

import { idsOf } from '../contract/question.js';
import { idsAt, sample, samples } from '../contract/sample.js';
import { hex, Sealed, sealAll, sealNext } from './sealed.js';
import type { SealLogContract } from './under-test.js';

export function describeStrays(contract: SealLogContract): void {
  contract.runner.describe('strays', () => {
    describeSlippedIn(contract);
    describeTakenAway(contract);
  });
}

function describeSlippedIn({ runner: { it }, alone }: SealLogContract): void {
  it('P33: are the events that were slipped in behind the log, and no others', async () => {
    await alone(async ({ store, slipIn }) => {
      await store.append(samples(30, () => ({})));
      const sealed = await sealAll(store, new Sealed(), 10);
      await store.append(samples(2, () => ({})));
      assert.deepEqual(await store.strays(10), []);
      const old = sample({ core: { id: idsAt(() => Date.parse('1999-12-31T23:59:59Z'))() } });
      const slipped = [old, ...samples(2, () => ({}))];
      for (const entry of slipped) await slipIn(entry);
      assert.deepEqual((await store.strays(10)).toSorted(), idsOf(slipped).toSorted());
      assert.equal((await store.strays(2)).length, 2);
      assert.deepEqual((await sealNext(store, sealed, 10)).ids.length, 32);
      assert.deepEqual((await store.strays(10)).toSorted(), idsOf(slipped).toSorted());
    });
  });

  it('P33: are found also where as many events were taken away', async () => {
    await alone(async ({ store, slipIn, takeAway }) => {
      await store.append(samples(5, () => ({})));
      const { ids } = await sealAll(store);
      await takeAway(ids[2] ?? '');
      const stranger = sample();
      await slipIn(stranger);
      assert.deepEqual(await store.strays(10), [stranger.core.id]);
    });
  });
}

function describeTakenAway({ runner: { it }, alone }: SealLogContract): void {
  it('P33: are no leaves whose event is gone: these stay, and say so', async () => {
    await alone(async ({ store, takeAway }) => {
      await store.append(samples(5, () => ({})));
      const { ids, tree } = await sealAll(store, new Sealed(), 2);
      await takeAway(ids[2] ?? '');
      const leaves = await store.leaves(0, 5);
      assert.deepEqual(
        leaves.map(({ id }) => id),
        ids,
      );
      assert.deepEqual(
        leaves.map(({ hash }) => hex(hash)),
        tree.leaves.map(hex),
      );
      assert.deepEqual(
        leaves.map(({ entry }) => entry?.core.id),
        [0, 1, -1, 3, 4].map((n) => ids[n]),
      );
      assert.equal(await store.indexOf(ids[2] ?? ''), 2);
      assert.deepEqual(await store.strays(10), []);
    });
  });
}
