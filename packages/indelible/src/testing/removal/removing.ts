import assert from 'node:assert/strict';

import { HOLD_ACTIONS, KEPT_ACTIONS, type Removal, type Selection } from '../../stores/removal.js';
import { idsOf } from '../contract/question.js';
import { sample, samples } from '../contract/sample.js';
import { addedUp } from '../seal-log/sealed.js';
import { byId, counted, decided, someLife, split, storeAndSeal, take } from './filled.js';
import { REFUSED, type RemovalContract, type RemovalUnderTest } from './under-test.js';

const KINDS = ['purge', 'erase'] as const;

/** What holds for both kinds of removal. */
export function describeRemoving(contract: RemovalContract): void {
  contract.runner.describe('remove', () => {
    describeCounting(contract);
    describeRefusing(contract);
    describeHolds(contract);
    describeClosed(contract);
  });
}

function describeCounting({ runner: { it }, alone }: RemovalContract): void {
  it('says how many it removed, and passes over what is gone, repeated or nowhere', async () => {
    for (const kind of KINDS) {
      await alone(async ({ store }) => {
        const entries = samples(6, () => ({ search: { role: 'dentist' } }));
        await storeAndSeal(store, entries);
        const [a = '', b = '', c = '', ...rest] = idsOf(entries);
        const eventId = await decided(store, kind);
        assert.equal(await take(store, eventId, [a, b, a]), 2);
        assert.equal(await take(store, eventId, [b, c, sample().core.id, c]), 1);
        assert.equal(await take(store, eventId, [a, b, c]), 0);
        assert.equal(await take(store, eventId, []), 0);
        const other = await decided(store, kind);
        assert.equal(await take(store, other, [a, ...rest, b]), rest.length);
      });
    }
  });

  it('removes once, and counts once, what several remove at the same time', async () => {
    for (const kind of KINDS) {
      await alone(async ({ store, another, rawTallies }) => {
        const entries = someLife(20);
        await storeAndSeal(store, entries);
        const { gone, left } = split(entries, 2);
        const eventId = await decided(store, kind);
        const stores = await Promise.all([another(), another(), another()]);
        const counts = await Promise.all(
          stores.map((one, n) => take(one, eventId, n === 1 ? idsOf(gone).toReversed() : idsOf(gone))),
        );
        assert.equal(
          counts.reduce<number>((sum, count) => sum + (count ?? 0), 0),
          gone.length,
        );
        const emptied = gone.map(({ search: { subjects }, ...entry }) => ({
          ...entry,
          search: { subjects },
        }));
        const expected = counted(kind === 'purge' ? left : [...left, ...emptied]);
        assert.deepEqual(addedUp(await rawTallies()), expected);
      });
    }
  });

  it('takes a thousand events in one batch', async () => {
    await alone(async ({ store, rawEvents }) => {
      const entries = samples(1_000, () => ({}));
      await storeAndSeal(store, entries);
      assert.equal(await take(store, await decided(store, 'purge'), idsOf(entries)), 1_000);
      assert.deepEqual(await rawEvents(), []);
    });
  });
}

function describeRefusing({ runner: { it }, alone }: RemovalContract): void {
  it('P34: removes nothing of a batch with an event that stays for ever', async () => {
    await alone(async (subject) => {
      const others = someLife(3);
      const kept = KEPT_ACTIONS.map((action) => sample({ core: { action } }));
      await storeAndSeal(subject.store, [...others, ...kept]);
      for (const { core } of kept) await assertRefused(subject, [...idsOf(others), core.id]);
    });
  });

  it('P34: removes nothing of a batch with an event that has no leaf yet', async () => {
    await alone(async (subject) => {
      const others = someLife(3);
      await storeAndSeal(subject.store, others);
      const unsealed = sample();
      await subject.store.append([unsealed]);
      await assertRefused(subject, [...idsOf(others), unsealed.core.id]);
    });
  });

  it('removes nothing of a batch with something that is no id', async () => {
    await alone(async (subject) => {
      const others = someLife(3);
      await storeAndSeal(subject.store, others);
      for (const id of ['', 'all', '*', `${idsOf(others)[0]}0`])
        await assertRefused(subject, [...idsOf(others), id]);
    });
  });
}

async function assertRefused(subject: RemovalUnderTest, ids: readonly string[]): Promise<void> {
  const { store, rawEvents, rawTallies, rawSealed, rawSubjects } = subject;
  const raw = async (): Promise<unknown> =>
    Promise.all([rawEvents().then(byId), rawTallies(), rawSealed(), rawSubjects()]);
  const before = await raw();
  for (const kind of KINDS) {
    const eventId = await decided(store, kind);
    await assert.rejects(take(store, eventId, ids), REFUSED, ids.at(-1));
    await assert.rejects(take(store, eventId, ids.toReversed()), REFUSED, ids.at(-1));
    await store.retention.finish(eventId);
  }
  assert.deepEqual(await raw(), before);
}

function describeHolds({ runner: { it }, alone }: RemovalContract): void {
  it('P49: removes nothing when a hold was placed or released since the batch was chosen', async () => {
    for (const action of HOLD_ACTIONS)
      for (const kind of KINDS) {
        await alone(async ({ store, another, rawEvents }) => {
          const entries = someLife(3);
          await storeAndSeal(store, entries);
          const eventId = await decided(store, kind);
          const before = await store.retention.holdChanges();
          await (await another()).append([sample({ core: { action, tenant_id: 'zeta' } })]);
          assert.equal(await store.retention.holdChanges(), before + 1);
          assert.equal(await store.retention.remove(eventId, idsOf(entries), before), undefined);
          const left = (await rawEvents()).filter(({ payload }) => payload !== null);
          assert.equal(left.length, entries.length + 1);
          assert.equal(await take(store, eventId, idsOf(entries)), entries.length);
        });
      }
  });
}

function describeClosed({ runner: { it }, alone }: RemovalContract): void {
  it('is refused with all other questions once the store is closed', async () => {
    await alone(async ({ store }) => {
      await storeAndSeal(
        store,
        samples(2, () => ({})),
      );
      const eventId = await decided(store, 'purge');
      await store.close();
      const removal: Removal = { eventId, kind: 'purge', manifest: '{}', note: 'somebody' };
      const selection: Selection = { clauses: [], holds: [] };
      const asked: readonly (() => Promise<unknown>)[] = [
        () => store.retention.preview(selection),
        () => store.retention.select(selection, null, 1),
        () => store.retention.decide(removal),
        () => take(store, eventId, []),
        () => store.retention.finish(eventId),
        () => store.retention.removals(),
        () => store.retention.exclusively(async () => assert.fail('it ran')),
        () => store.retention.manifestOf(eventId),
        () => store.retention.holdChanges(),
      ];
      for (const ask of asked) await assert.rejects(ask, { code: 'CLOSED' });
    });
  });
}
