import assert from 'node:assert/strict';

import type { Removal } from '../../stores/removal.js';
import { idsOf } from '../contract/question.js';
import { sample, samples } from '../contract/sample.js';
import { decided, storeAndSeal, take } from './filled.js';
import { REFUSED, type RemovalContract } from './under-test.js';

const [EARLIEST, LATEST] = [new Date(Date.now() - 86_400_000), new Date(Date.now() + 86_400_000)];

export function describeDeciding(contract: RemovalContract): void {
  contract.runner.describe('a removal', () => {
    describeDecision(contract);
    describeRefusals(contract);
    describeOrder(contract);
    describeEnd(contract);
    describeOneRunner(contract);
  });
}

function removal(more: Partial<Removal> = {}): Removal {
  return {
    eventId: sample().core.id,
    kind: 'purge',
    manifest: '{"leaves":[[0,2]],"reason":"é😀"}',
    note: '— key é\nsigned\n',
    ...more,
  };
}

function describeDecision({ runner: { it }, alone }: RemovalContract): void {
  it('is written down as it was decided, the oldest first, and removes nothing yet', async () => {
    await alone(async ({ store, another, rawEvents }) => {
      await storeAndSeal(
        store,
        samples(3, () => ({})),
      );
      assert.deepEqual(await store.retention.removals(), []);
      const given = [removal(), removal({ kind: 'erase' }), removal({ manifest: '{}' })];
      for (const one of given.toReversed()) await store.retention.decide(one);
      const found = await (await another()).retention.removals();
      assert.deepEqual(
        found.map(({ eventId, kind, note, doneAt }) => ({ eventId, kind, note, doneAt })),
        given.toReversed().map(({ eventId, kind, note }) => ({ eventId, kind, note, doneAt: null })),
      );
      for (const { eventId, manifest } of given)
        assert.equal(await store.retention.manifestOf(eventId), manifest);
      assert.equal(await store.retention.manifestOf(sample().core.id), undefined);
      for (const { decidedAt } of found) {
        assert.match(decidedAt, /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
        assert.ok(new Date(decidedAt) > EARLIEST && new Date(decidedAt) < LATEST, decidedAt);
      }
      assert.equal((await rawEvents()).length, 3);
    });
  });

  it('is decided once, however often it is said, and also when it is over', async () => {
    await alone(async ({ store, another }) => {
      const one = removal();
      const other = await another();
      await Promise.all([
        store.retention.decide(one),
        other.retention.decide(one),
        store.retention.decide(one),
      ]);
      const [first] = await store.retention.removals();
      await store.retention.finish(one.eventId);
      const before = await store.retention.removals();
      await other.retention.decide(one);
      assert.deepEqual(await store.retention.removals(), before);
      assert.deepEqual([before.length, before[0]?.decidedAt], [1, first?.decidedAt]);
    });
  });
}

function describeRefusals({ runner: { it }, alone }: RemovalContract): void {
  it('is refused another manifest, kind or signature than it was decided with, which stay', async () => {
    await alone(async ({ store }) => {
      const one = removal();
      await store.retention.decide(one);
      const before = await store.retention.removals();
      await assert.rejects(store.retention.decide({ ...one, manifest: '{"leaves":[[0,3]]}' }), REFUSED);
      await assert.rejects(store.retention.decide({ ...one, kind: 'erase' }), REFUSED);
      await assert.rejects(store.retention.decide({ ...one, note: 'another' }), REFUSED);
      assert.equal(await store.retention.manifestOf(one.eventId), one.manifest);
      assert.deepEqual(await store.retention.removals(), before);
    });
  });

  it('is refused when it is none', async () => {
    await alone(async ({ store }) => {
      await assert.rejects(store.retention.decide(removal({ eventId: 'purge-1' })), REFUSED);
      await assert.rejects(store.retention.decide(removal({ kind: 'shred' as 'purge' })), REFUSED);
      await assert.rejects(store.retention.decide(removal({ manifest: '' })), REFUSED);
      await assert.rejects(store.retention.decide(removal({ note: '' })), REFUSED);
      assert.deepEqual(await store.retention.removals(), []);
    });
  });
}

function describeOrder({ runner: { it }, alone }: RemovalContract): void {
  it('removes nothing before it is decided, and nothing once it is over', async () => {
    await alone(async ({ store, another, rawEvents, rawTallies }) => {
      const entries = samples(4, () => ({}));
      await storeAndSeal(store, entries);
      const ids = idsOf(entries);
      const before = await Promise.all([rawEvents(), rawTallies()]);
      for (const kind of ['purge', 'erase'] as const) {
        const one = removal({ kind });
        for (const some of [ids, []]) await assert.rejects(take(store, one.eventId, some), REFUSED);
        await store.retention.decide(one);
        await (await another()).retention.finish(one.eventId);
        for (const some of [ids, []]) await assert.rejects(take(store, one.eventId, some), REFUSED);
      }
      assert.deepEqual(await Promise.all([rawEvents(), rawTallies()]), before);
      await take(store, await decided(store, 'purge'), ids);
      assert.deepEqual(await rawEvents(), []);
    });
  });
}

function describeEnd({ runner: { it }, alone }: RemovalContract): void {
  it('ends once, and only when it was decided', async () => {
    await alone(async ({ store }) => {
      const one = removal();
      await assert.rejects(store.retention.finish(one.eventId), REFUSED);
      const other = await decided(store, 'erase');
      await store.retention.decide(one);
      await store.retention.finish(one.eventId);
      const before = await store.retention.removals();
      await store.retention.finish(one.eventId);
      assert.deepEqual(await store.retention.removals(), before);
      const ends = before.map(({ eventId, doneAt }) => [eventId, doneAt !== null]);
      assert.deepEqual(ends, [
        [other, false],
        [one.eventId, true],
      ]);
      assert.ok(before.every(({ decidedAt, doneAt }) => doneAt === null || doneAt >= decidedAt));
    });
  });
}

function describeOneRunner({ runner: { it }, alone }: RemovalContract): void {
  it('P49: has one runner at a time, whoever opened the store, and the next when that one has ended', async () => {
    await alone(async ({ store, another }) => {
      const other = await another();
      const refused = async (): Promise<string> => assert.fail('two of them ran');
      const inner = await store.retention.exclusively(async () => [
        await other.retention.exclusively(refused),
        await store.retention.exclusively(refused),
        await Promise.all([other.retention.exclusively(refused), other.retention.exclusively(refused)]),
      ]);
      assert.deepEqual(inner, [undefined, undefined, [undefined, undefined]]);
      assert.equal(await other.retention.exclusively(async () => 7), 7);
      assert.equal(await store.retention.exclusively(async () => 8), 8);
    });
  });

  it('P49: lets the next one run when its runner fails, whose failure is passed on', async () => {
    await alone(async ({ store, another }) => {
      const boom = new Error('boom');
      const failing = store.retention.exclusively(() => Promise.reject(boom));
      await assert.rejects(failing, (error) => error === boom);
      assert.equal(await (await another()).retention.exclusively(async () => 'next'), 'next');
    });
  });

  it('can store, seal and read all the same', async () => {
    await alone(async ({ store, another }) => {
      const other = await another();
      const found = await store.retention.exclusively(async () => {
        await storeAndSeal(
          other,
          samples(2, () => ({})),
        );
        await storeAndSeal(
          store,
          samples(2, () => ({})),
        );
        return (await other.head()).size;
      });
      assert.equal(found, 4);
    });
  });
}
