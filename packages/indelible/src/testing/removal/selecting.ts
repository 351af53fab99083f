import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';

import type { Entry } from '../../event/entry.js';
import type { StoredEntry } from '../../event/read.js';
import {
  type Clause,
  type EventMatch,
  KEPT_ACTIONS,
  type Selection,
  type SelectionPreview,
} from '../../stores/removal.js';
import { idsOf } from '../contract/question.js';
import { idsAt, sample, samples } from '../contract/sample.js';
import { removeAll, someLife, split, storeAndSeal } from './filled.js';
import { previewOf, selected } from './oracle.js';
import { REFUSED, type RemovalContract, type RemovalUnderTest, type RemovingStore } from './under-test.js';

/** No event is stored after it. */
const LATER = '9999-01-01T00:00:00.000Z';
const EARLIER = '2000-01-01T00:00:00.000Z';

interface Filled {
  readonly subject: RemovalUnderTest;
  /** The events that have a leaf. */
  readonly sealed: readonly StoredEntry[];
}

export function describeSelecting(contract: RemovalContract): void {
  contract.runner.describe('a selection', () => {
    let filled: Promise<Filled> | undefined;
    const open = (): Promise<Filled> => (filled ??= fill(contract));
    describeMatching(contract, open);
    describePaging(contract, open);
    describeTimes(contract);
    describeGone(contract);
  });
}

const clause = (match: EventMatch, more: Partial<Clause> = {}): Clause => ({
  match,
  except: [],
  recordedBefore: LATER,
  ...more,
});
const only = (match: EventMatch, more: Partial<Clause> = {}): Selection => ({
  clauses: [clause(match, more)],
  holds: [],
});

const SELECTIONS: readonly (readonly [name: string, selection: Selection])[] = [
  ['every event', only({})],
  ['nothing without a clause', { clauses: [], holds: [] }],
  ['nothing that nobody has', only({ actorId: 'nobody' })],
  ['one tenant', only({ tenantId: 'acme' })],
  ['what has no tenant', only({ tenantId: '' })],
  ['an action', only({ action: 'READ' })],
  ['an action that stays for ever', only({ action: 'HOLD_PLACED' })],
  ['a model', only({ targetType: 'Patient' })],
  ['a record', only({ targetType: 'Patient', targetId: '7' })],
  ['a record whose model has wildcards in its name', only({ targetType: '100%_real' })],
  ['an actor', only({ actorId: 'u1' })],
  ['a person of all tenants, by lists, too', only({ subjectId: 's1' })],
  ['a person of one tenant, by lists, too', only({ tenantId: 'zeta', subjectId: 's1' })],
  ['a person of no tenant, by lists, too', only({ tenantId: '', subjectId: 's1' })],
  ['what a person has of one action', only({ tenantId: 'acme', subjectId: 's1', action: 'UPDATE' })],
  ['members that are undefined as if they were not there', only({ tenantId: 'acme', action: undefined })],
  ['what has a subject, or several', only({}, { hasSubject: true })],
  ['what has none', only({}, { hasSubject: false })],
  ['what has none, of one action', only({ action: 'READ' }, { hasSubject: false })],
  ['no exception', only({}, { except: [{ action: 'READ' }, { targetType: 'Invoice' }] })],
  ['no exception of a person', only({}, { except: [{ subjectId: 's1' }] })],
  [
    'no exception of two members',
    only({ tenantId: 'acme' }, { except: [{ actorId: 'u1', action: 'LIST' }] }),
  ],
  ['no exception of everything', only({}, { except: [{}] })],
  ['what is not held', { clauses: [clause({})], holds: [{ tenantId: 'acme' }, { targetType: 'Patient' }] }],
  ['no person that is held', { clauses: [clause({})], holds: [{ subjectId: 's3' }] }],
  [
    'no person that is held in one tenant',
    { clauses: [clause({})], holds: [{ tenantId: 'zeta', subjectId: 's3' }] },
  ],
  ['nothing when all is held', { clauses: [clause({})], holds: [{}] }],
  ['nothing before its time', only({}, { recordedBefore: EARLIER })],
  [
    'what any of the clauses asks for, once',
    {
      clauses: [clause({ action: 'READ' }), clause({ tenantId: 'acme' }), clause({ subjectId: 's4' })],
      holds: [],
    },
  ],
  [
    'by each clause with its own exceptions and its own time',
    {
      clauses: [
        clause({ tenantId: 'acme' }, { except: [{ action: 'READ' }] }),
        clause({ action: 'READ' }, { hasSubject: true, except: [{ tenantId: 'zeta' }] }),
        clause({ tenantId: 'zeta' }, { recordedBefore: EARLIER }),
      ],
      holds: [{ actorId: 'u2' }, { subjectId: 's5' }],
    },
  ],
];

/** Leaves of all sorts, then an event that waits for its leaf, and one that was slipped in behind the log. */
async function fill(contract: RemovalContract): Promise<Filled> {
  const subject = await contract.kept();
  const kept = KEPT_ACTIONS.map((action) =>
    sample({ core: { action, tenant_id: 'acme', subject_id: 's1' } }),
  );
  const old = idsAt(() => Date.parse('1999-12-31T23:59:59Z'));
  const future = idsAt(() => Date.parse('2200-01-01T00:00:00Z'));
  const skewed = [old, future].flatMap((id) => samples(2, () => ({ core: { id: id(), tenant_id: 'acme' } })));
  const entries = [...kept, ...skewed, ...someLife(60)];
  await storeAndSeal(subject.store, entries);
  await subject.store.append(someUnsealed(old()));
  await subject.slipIn(sample({ core: { tenant_id: 'acme', subject_id: 's1' } }));
  return { subject, sealed: await withTimes(subject.store, entries) };
}

function someUnsealed(id: string): Entry[] {
  return [sample({ core: { id } }), sample({ core: { tenant_id: 'acme' }, search: { subjects: ['s1'] } })];
}

/** The entries as they were given, and when they were stored. */
async function withTimes(store: RemovingStore, entries: readonly Entry[]): Promise<StoredEntry[]> {
  const leaves = await store.leaves(0, entries.length * 2);
  const times = new Map(leaves.map(({ id, entry }) => [id, entry?.recordedAt ?? null]));
  return entries.map((entry) => ({ ...entry, recordedAt: times.get(entry.core.id) ?? null }));
}

async function assertSelected({ subject: { store }, sealed }: Filled, selection: Selection): Promise<number> {
  const expected = selected(selection, sealed);
  const found = await store.retention.select(selection, null, sealed.length + 10);
  assert.deepEqual(
    found.map(({ id }) => id),
    idsOf(expected),
  );
  assert.deepEqual(shown(await store.retention.preview(selection)), shown(previewOf(expected)));
  return expected.length;
}

/** Whatever order its counts come in. */
function shown({ byAction, byModel, ...preview }: SelectionPreview): unknown {
  return { ...preview, byAction: { ...byAction }, byModel: { ...byModel } };
}

function describeMatching({ runner: { it } }: RemovalContract, open: () => Promise<Filled>): void {
  for (const [name, selection] of SELECTIONS) {
    it(`P49: holds, and counts, ${name}`, async () => {
      await assertSelected(await open(), selection);
    });
  }

  it('is told apart from every other by the events of this test', async () => {
    const { sealed } = await open();
    const sizes = SELECTIONS.map(([name, selection]) => [name, selected(selection, sealed).length] as const);
    const empty = sizes.filter(([, size]) => size === 0).map(([name]) => name);
    assert.ok(
      empty.every((name) => /nothing|for ever|everything/.test(name)),
      empty.join(),
    );
    assert.ok(new Set(sizes.map(([, size]) => size)).size > 15);
  });

  it('changes nothing, by being asked for or counted', async () => {
    const { subject } = await open();
    const raw = (): Promise<unknown> =>
      Promise.all([
        subject.rawSealed(),
        subject.rawEvents(),
        subject.rawTallies(),
        subject.store.retention.removals(),
      ]);
    const before = await raw();
    await subject.store.retention.preview(only({}));
    await subject.store.retention.select(only({}), null, 1_000);
    assert.deepEqual(await raw(), before);
  });

  it('is refused when its cut-off is no time', async () => {
    const { store } = (await open()).subject;
    for (const recordedBefore of ['', 'yesterday', '2026-13-40T00:00:00Z']) {
      await assert.rejects(store.retention.preview(only({}, { recordedBefore })), REFUSED);
      await assert.rejects(store.retention.select(only({}, { recordedBefore }), null, 1), REFUSED);
    }
  });
}

function describePaging({ runner: { it } }: RemovalContract, open: () => Promise<Filled>): void {
  it('gives its leaves page by page, each once, with the index it has in the log', async () => {
    const { subject, sealed } = await open();
    const selection = only({ action: 'READ' });
    const ids: string[] = [];
    for (let after: string | null = null; ; after = ids.at(-1) ?? null) {
      const page = await subject.store.retention.select(selection, after, 7);
      for (const { id, index } of page) assert.equal(await subject.store.indexOf(id), index);
      ids.push(...page.map(({ id }) => id));
      assert.ok(page.length <= 7);
      if (page.length === 0) break;
    }
    assert.deepEqual(ids, idsOf(selected(selection, sealed)));
  });

  it('gives nothing behind its last id, and none where none is asked for', async () => {
    const { subject, sealed } = await open();
    const last = selected(only({}), sealed).at(-1)?.core.id ?? null;
    assert.deepEqual(await subject.store.retention.select(only({}), last, 10), []);
    assert.deepEqual(await subject.store.retention.select(only({}), null, 0), []);
  });
}

function describeTimes({ runner: { it }, alone }: RemovalContract): void {
  it('P49: ends strictly before its cut-off, by when events were stored and not by their own time', async () => {
    await alone(async (subject) => {
      const { store } = subject;
      const old = idsAt(() => Date.parse('1999-12-31T23:59:59Z'));
      const entries: Entry[] = [];
      for (let batch = 0; batch < 4; batch += 1) {
        const some = [...samples(2, () => ({})), sample({ core: { id: old() } })];
        await storeAndSeal(store, some);
        entries.push(...some);
        await sleep(5);
      }
      const sealed = await withTimes(store, entries);
      const times = [...new Set(sealed.map(({ recordedAt }) => Date.parse(recordedAt ?? '')))];
      assert.ok(times.length >= 4);
      for (const at of times.flatMap((time) => [time - 1, time, time + 1])) {
        const recordedBefore = new Date(at).toISOString();
        await assertSelected({ subject, sealed }, only({}, { recordedBefore }));
      }
    });
  });

  it('reads a cut-off in any zone', async () => {
    await alone(async (subject) => {
      await storeAndSeal(
        subject.store,
        samples(2, () => ({})),
      );
      await sleep(5);
      const now = new Date();
      const inIndia = new Date(now.getTime() + 19_800_000).toISOString().replace('Z', '+05:30');
      assert.equal((await subject.store.retention.preview(only({}, { recordedBefore: inIndia }))).count, 2);
      const anHourAgo = inIndia.replace('+05:30', '+06:30');
      assert.equal((await subject.store.retention.preview(only({}, { recordedBefore: anHourAgo }))).count, 0);
    });
  });
}

function describeGone({ runner: { it }, alone }: RemovalContract): void {
  it('holds no event that is gone, and still those that were only emptied', async () => {
    await alone(async (subject) => {
      const entries = someLife(20);
      await storeAndSeal(subject.store, entries);
      const sealed = await withTimes(subject.store, entries);
      const { gone, left } = split(sealed);
      await removeAll(subject.store, 'purge', gone);
      await assertSelected({ subject, sealed: left }, only({}));
      await removeAll(subject.store, 'erase', left.slice(0, 9));
      await assertSelected({ subject, sealed: left }, only({}));
      await assertSelected({ subject, sealed: left }, only({ subjectId: 's1' }));
    });
  });
}
