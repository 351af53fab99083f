import assert from 'node:assert/strict';

import type { Entry } from '../../event/entry.js';
import type { SummaryQuery } from '../../stores/query.js';
import type { Store } from '../../stores/store.js';
import { talliesOf } from '../../stores/tallies.js';
import { decided, removeAll, take } from '../removal/filled.js';
import { Sealed } from '../seal-log/sealed.js';
import type { Contract } from './contract.js';
import { Chance } from './sample.js';
import { naiveSummary } from './summary-oracle.js';
import { MONTHS, someEvent, someQuestion } from './summary-questions.js';

const ROUNDS = 20;
const QUESTIONS = 8;
const WRITERS = 3;
/** Events that go at a time. */
const PURGED = 10;

/** Seals what is pending, counted by the rule that all stores and the sealer keep. */
export class Sealing {
  readonly #store: Store;
  #sealed = new Sealed();

  constructor(store: Store) {
    this.#store = store;
  }

  /** Up to so many of the events that are pending; true when there are more. */
  async next(limit: number): Promise<boolean> {
    const pending = await this.#store.pending(limit);
    const batch = this.#sealed.batch(pending);
    assert.equal(await this.#store.seal({ ...batch, tallies: talliesOf(pending.entries) }), true);
    this.#sealed = this.#sealed.after(pending.entries);
    return pending.hasMore;
  }

  async all(): Promise<void> {
    while (await this.next(100));
  }
}

/** What a summary counts must not depend on what of it is sealed. */
export function describeSumming(contract: Contract): void {
  describeSealed(contract);
  describeWriting(contract);
  describeRemoved(contract);
}

function describeSealed({ runner: { it }, alone }: Contract): void {
  it('counts the same in every zone, whatever is sealed of the events', async () => {
    await alone(async ({ store }) => {
      const [chance, sealing] = [new Chance(2_026), new Sealing(store)];
      const entries: Entry[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        entries.push(...(await someMore(store, chance, 1 + chance.below(60))));
        if (round > 0) await sealing.next(chance.below(40));
        if (round === ROUNDS - 1) await sealing.all();
        for (let n = 0; n < QUESTIONS; n += 1) await assertSummary(store, someQuestion(chance), entries);
      }
    });
  });

  it('counts every event once while all of them are being sealed', async () => {
    await alone(async ({ store }) => {
      const [chance, sealing] = [new Chance(7), new Sealing(store)];
      const entries = await someMore(store, chance, 400);
      await sealing.next(1);
      const state = { isOver: false };
      const sealed = sealAll(sealing).finally(() => (state.isOver = true));
      while (!state.isOver) await assertSummary(store, MONTHS, entries);
      await sealed;
      await assertSummary(store, MONTHS, entries);
    });
  });
}

function describeWriting({ runner: { it }, alone }: Contract): void {
  it('counts at least what was stored before it was asked, while many write and one seals', async () => {
    await alone(async ({ store }) => {
      const [chance, sealing] = [new Chance(8), new Sealing(store)];
      await store.append([someEvent(chance)]);
      await sealing.next(1);
      const written = { begun: 1, done: 1, isOver: false };
      const writing = Promise.all(
        Array.from({ length: WRITERS }, () => write(store, chance, written)),
      ).finally(() => (written.isOver = true));
      while (!written.isOver) {
        await sealing.next(20);
        const { done } = written;
        const summary = await store.summarize(MONTHS);
        assert.ok(summary.total >= done && summary.total <= written.begun, `${summary.total} of ${done}`);
        assert.equal(added(summary.byAction), summary.total);
        assert.equal(added(summary.byOutcome), summary.total);
      }
      await writing;
      await sealing.all();
      assert.equal((await store.summarize(MONTHS)).total, written.done);
    });
  });
}

function describeRemoved({ runner: { it }, alone }: Contract): void {
  it('counts what is left when events are purged, and nothing of what is erased', async () => {
    await alone(async ({ store }) => {
      const [chance, sealing] = [new Chance(9), new Sealing(store)];
      const entries = await someMore(store, chance, 120);
      await sealing.next(80);
      const sealed = new Set((await store.leaves(0, 80)).map(({ id }) => id));
      const [gone, blank] = [first(entries, sealed, 0, 30), first(entries, sealed, 30, 50)];
      await removeAll(store, 'purge', gone);
      const left = entries.filter((entry) => !gone.includes(entry));
      await assertSummaries(store, chance, left);
      await removeAll(store, 'erase', blank);
      const rest = left.map((entry) => (blank.includes(entry) ? withoutRole(entry) : entry));
      await assertSummaries(store, chance, rest);
      await sealing.all();
      await assertSummaries(store, chance, rest);
    });
  });

  it('counts an event or does not, and nothing between, while many are purged', async () => {
    await alone(async ({ store }) => {
      const chance = new Chance(10);
      const entries = await someMore(store, chance, 200);
      await new Sealing(store).all();
      const state = { isOver: false };
      const purging = purge(store, entries).finally(() => (state.isOver = true));
      for (let last = entries.length; !state.isOver;) {
        const { total, byAction, byOutcome } = await store.summarize(MONTHS);
        assert.ok(total <= last && total % PURGED === 0, `${total} after ${last}`);
        assert.deepEqual([added(byAction), added(byOutcome)], [total, total]);
        last = total;
      }
      await purging;
      await assertSummary(store, MONTHS, []);
    });
  });
}

async function purge(store: Store, entries: readonly Entry[]): Promise<void> {
  const eventId = await decided(store, 'purge');
  const ids = entries.map(({ core }) => core.id);
  for (let at = 0; at < ids.length; at += PURGED) await take(store, eventId, ids.slice(at, at + PURGED));
  await store.retention.finish(eventId);
}

function first(entries: readonly Entry[], among: ReadonlySet<string>, from: number, to: number): Entry[] {
  return entries.filter(({ core }) => among.has(core.id)).slice(from, to);
}

function withoutRole(entry: Entry): Entry {
  return { ...entry, search: { ...entry.search, role: undefined } };
}

async function assertSummaries(store: Store, chance: Chance, entries: readonly Entry[]): Promise<void> {
  await assertSummary(store, MONTHS, entries);
  for (let n = 0; n < QUESTIONS; n += 1) await assertSummary(store, someQuestion(chance), entries);
}

async function someMore(store: Store, chance: Chance, count: number): Promise<Entry[]> {
  const entries = Array.from({ length: count }, () => someEvent(chance));
  await store.append(entries);
  return entries;
}

async function sealAll(sealing: Sealing): Promise<void> {
  while (await sealing.next(9));
}

async function write(store: Store, chance: Chance, written: { begun: number; done: number }): Promise<void> {
  for (let n = 0; n < 25; n += 1) {
    const entries = Array.from({ length: 1 + (n % 4) }, () => someEvent(chance));
    written.begun += entries.length;
    await store.append(entries);
    written.done += entries.length;
  }
}

async function assertSummary(store: Store, query: SummaryQuery, entries: readonly Entry[]): Promise<void> {
  assert.deepEqual(await store.summarize(query), naiveSummary(query, entries), JSON.stringify(query));
}

function added(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}
