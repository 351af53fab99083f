import { afterEach, describe, expect, it } from 'vitest';

import { commit, type Entry } from '../../src/event/entry.js';
import { floorId } from '../../src/event/id.js';
import { canonicalize } from '../../src/integrity/canonical.js';
import { formatRanges } from '../../src/integrity/ranges.js';
import { SigningKey } from '../../src/integrity/note-key.js';
import { signRemoval } from '../../src/integrity/removal-note.js';
import type { Removal, Retention, StoredRemoval } from '../../src/stores/removal.js';
import { manifestDigest } from '../../src/integrity/manifest-digest.js';
import type { Verification } from '../../src/verify/verification.js';
import { verifyEvent } from '../../src/verify/verify-event.js';
import { type VerifiableStore, verifyTrail } from '../../src/verify/verify.js';
import { someEntries, someEntry } from '../entries.js';
import { type Bed, BEDS, KEY, openSqliteBed, sealEntries } from './bed.js';
import { changed } from './changed.js';
import { take } from '../../src/testing/removal/filled.js';

const DAY_MS = 86_400_000;
const KEYS = [KEY.verifierKey];
const DECIDED = new Date().toISOString();
const SEVEN_YEARS_AGO = Date.now() - 7 * 365 * DAY_MS;

/** Events of long ago, and what a removal of some of them leaves. */
interface Removed {
  readonly bed: Bed;
  readonly ids: readonly string[];
  readonly vouching: Entry;
  readonly removal: Decided;
}

type Decided = Removal & StoredRemoval;

interface Given {
  readonly kind?: 'purge' | 'erase';
  readonly indexes?: readonly number[];
  readonly manifest?: Readonly<Record<string, unknown>>;
  readonly metadata?: Readonly<Record<string, unknown>>;
  readonly action?: string;
  readonly isSealed?: boolean;
  readonly age?: number;
}

const PURGED = [2, 3, 4, 9];

function oldEntry(at: number, n: number): Entry {
  const base = someEntry({ payload: { reason: `check-up ${n}` } });
  const { payload_digest: _, ...core } = base.core;
  const id = floorId(at + n * 1000).replace('-0000-0000-', '-7000-8000-');
  return commit({ ...core, id }, { reason: `check-up ${n}` }, {});
}

describe('verifying a trail that something was removed from', () => {
  const opened: Bed[] = [];

  async function removed(given: Given = {}): Promise<Removed> {
    const { kind = 'purge', indexes = PURGED, age = SEVEN_YEARS_AGO, isSealed = true } = given;
    const bed = await openSqliteBed();
    opened.push(bed);
    const entries = Array.from({ length: 20 }, (_, n) => oldEntry(age, n));
    await sealEntries(bed.store, entries);
    const ids = entries.map(({ core }) => core.id);
    const manifest = manifestOf(kind, indexes, given.manifest);
    const vouching = someEntry({
      core: { action: given.action ?? (kind === 'purge' ? 'RETENTION_PURGE' : 'SUBJECT_ERASED') },
      payload: { metadata: { manifest: manifestDigest(manifest), count: indexes.length, ...given.metadata } },
    });
    await bed.store.append([vouching]);
    if (isSealed) await sealEntries(bed.store, []);
    for (const index of indexes) await bed.run(taken(bed, kind, ids[index] ?? ''));
    const removal = signed({ eventId: vouching.core.id, kind, manifest });
    return { bed, ids, vouching, removal };
  }

  function verify({ bed }: Removed, removals: readonly Decided[], floorDays = 0): Promise<Verification> {
    return verifyTrail(withRemovals(bed, removals), { keys: KEYS, floorDays });
  }

  afterEach(async () => {
    for (const bed of opened.splice(0)) await bed.close();
  });

  it('P34: accepts what a purge explains, counts it, and says by which event', async () => {
    const all = await removed();
    expect(await verify(all, [all.removal])).toMatchObject({
      isGood: true,
      log: 'CONSISTENT',
      counts: { VALID: 17, PURGED: 4, MISSING: 0 },
      removals: [{ eventId: all.removal.eventId, kind: 'purge', index: 20, explained: 4, problem: null }],
    });
    const one = await verifyEvent(withRemovals(all.bed, [all.removal]), all.ids[3] ?? '', { keys: KEYS });
    expect(one).toMatchObject({ verdict: 'PURGED', index: 3, isGood: true });
  });

  it('P34: refuses a purge whose event has no leaf, since nothing is removed before it is sealed', async () => {
    const all = await removed({ isSealed: false });
    expect(await verify(all, [all.removal])).toMatchObject({
      isGood: false,
      counts: { VALID: 16, MISSING: 4, PENDING: 1 },
      removals: [{ index: null, explained: 0, problem: 'its event has no leaf yet' }],
    });
  });

  it('P34: accepts what an erasure explains, and no missing row by it', async () => {
    const all = await removed({ kind: 'erase' });
    expect(await verify(all, [all.removal])).toMatchObject({
      isGood: true,
      counts: { VALID: 17, ERASED: 4 },
    });
    await all.bed.run(`DELETE FROM indelible_event WHERE id = ${all.bed.id(all.ids[3] ?? '')}`);
    const result = await verify(all, [all.removal]);
    expect(result.violations).toMatchObject([{ verdict: 'MISSING', index: 3, id: all.ids[3] }]);
  });

  it('P34: tells of an erased event whose core was changed besides', async () => {
    const all = await removed({ kind: 'erase' });
    await all.bed.run(
      `UPDATE indelible_event SET actor_id = 'u2' WHERE id = ${all.bed.id(all.ids[4] ?? '')}`,
    );
    const result = await verify(all, [all.removal]);
    expect(result.violations).toMatchObject([{ verdict: 'TAMPERED', index: 4, id: all.ids[4] }]);
    expect(result.counts).toMatchObject({ ERASED: 3, TAMPERED: 1 });
  });

  it('P34: finds what is gone beside a purge', async () => {
    const all = await removed();
    await all.bed.run(`DELETE FROM indelible_event WHERE id = ${all.bed.id(all.ids[5] ?? '')}`);
    expect((await verify(all, [all.removal])).violations).toMatchObject([
      { verdict: 'MISSING', index: 5, id: all.ids[5] },
    ]);
  });

  const FORGED: readonly (readonly [string, Given, string])[] = [
    ['with another manifest', { metadata: { manifest: manifestDigest('{}') } }, 'another manifest'],
    ['whose event tells another number', { metadata: { count: 3 } }, 'another number'],
    ['by an event of another action', { action: 'READ' }, 'of the action READ'],
    ['with more in its count than in its ranges', { manifest: { count: 9 } }, 'cannot be read'],
    ['of a later form', { manifest: { v: 2 } }, 'cannot be read'],
    ['without a cut-off', { manifest: { recorded_before: undefined } }, 'cannot be read'],
    ['with ranges that nobody writes', { manifest: { ranges: '2-4,3,9' } }, 'cannot be read'],
    ['below its own floor', { manifest: { recorded_before: DECIDED } }, 'not yet 2190 days old'],
    [
      'that was decided in the future',
      { manifest: { decided_at: '2999-01-01T00:00:00.000Z', recorded_before: '2990-01-01T00:00:00.000Z' } },
      'decided later than its event',
    ],
  ];

  it.each(FORGED)('P34: refuses a purge %s', async (_, given, problem) => {
    const all = await removed(given);
    const result = await verify(all, [all.removal]);
    expect(result.removals).toMatchObject([
      { problem: expect.stringContaining(problem) as string, explained: 0 },
    ]);
    expect(result.violations.map(({ verdict, index, id }) => [verdict, index, id])).toEqual(
      PURGED.map((index) => ['MISSING', index, all.ids[index]]),
    );
    const named = problem === 'cannot be read' ? 'no purge explains it' : problem;
    expect(result.violations[0]?.what).toContain(named);
  });

  it('P34: refuses a purge that no event vouches for, and one whose event was altered', async () => {
    const all = await removed();
    const stranger = signed({ ...all.removal, eventId: someEntry().core.id });
    expect((await verify(all, [stranger])).counts).toMatchObject({ MISSING: 4, PURGED: 0 });
    await all.bed.run(
      `UPDATE indelible_event SET actor_id = 'u2' WHERE id = ${all.bed.id(all.vouching.core.id)}`,
    );
    const result = await verify(all, [all.removal]);
    expect(result.counts).toMatchObject({ MISSING: 4, TAMPERED: 1 });
    expect(result.removals[0]?.problem).toContain('altered');
  });

  it('P34: refuses a purge that no key of the log has signed, whatever its event says', async () => {
    const all = await removed();
    const { eventId, kind, manifest } = all.removal;
    const other = { eventId: all.ids[0] ?? '', kind, manifest };
    const stranger = SigningKey.create(KEY.name);
    for (const note of [
      '',
      'signed',
      signRemoval(all.removal, [stranger]),
      signRemoval(other, [KEY]),
      signRemoval({ eventId, kind: 'erase', manifest }, [KEY]),
      signRemoval({ eventId, kind, manifest: `${manifest} ` }, [KEY]),
    ]) {
      const result = await verify(all, [{ ...all.removal, note }]);
      expect(result.counts).toMatchObject({ MISSING: 4, PURGED: 0 });
      expect(result.removals).toMatchObject([{ problem: 'it is signed by no key given here', explained: 0 }]);
    }
  });

  it('P34: refuses a purge of what came after its event', async () => {
    const all = await removed({ indexes: [9, 21] });
    await sealEntries(all.bed.store, someEntries(5));
    const result = await verify(all, [all.removal]);
    expect(result.removals[0]?.problem).toContain('which came after its event');
    expect(result.violations).toMatchObject([{ verdict: 'MISSING', index: 9 }]);
  });

  it('P34: refuses the cut-off of a manifest for what bears a later time in its id', async () => {
    const all = await removed({ age: Date.now() - 30 * DAY_MS });
    const result = await verify(all, [all.removal]);
    expect(result.removals).toMatchObject([{ problem: null, explained: 0 }]);
    expect(result.counts).toMatchObject({ MISSING: 4, PURGED: 0 });
  });

  it('P34: holds a purge to the age that its verifier insists on', async () => {
    const all = await removed();
    expect((await verify(all, [all.removal], 2190)).isGood).toBe(true);
    const result = await verify(all, [all.removal], 3650);
    expect(result.removals[0]?.problem).toContain('not yet 3650 days old');
  });

  it('takes rules with ranges of their own, each with its cut-off', async () => {
    const rule = { recorded_before: new Date(Date.now() - 2191 * DAY_MS).toISOString(), floor_days: 2190 };
    const rules = [
      { ...rule, ranges: '2-4' },
      { ...rule, recorded_before: new Date(SEVEN_YEARS_AGO - 9 * DAY_MS).toISOString(), ranges: '9' },
    ];
    const all = await removed({ manifest: { rules } });
    expect((await verify(all, [all.removal])).violations).toMatchObject([{ verdict: 'MISSING', index: 9 }]);
  });

  it.each(BEDS)(
    'P34: stays green in $name after the store has removed what was decided',
    async ({ open }) => {
      const bed = await open();
      opened.push(bed);
      const entries = Array.from({ length: 20 }, (_, n) => oldEntry(SEVEN_YEARS_AGO, n));
      await sealEntries(bed.store, entries);
      const ids = entries.map(({ core }) => core.id);
      for (const [kind, indexes] of [
        ['purge', PURGED],
        ['erase', [0, 19]],
      ] as const) {
        const manifest = manifestOf(kind, indexes);
        const action = kind === 'purge' ? 'RETENTION_PURGE' : 'SUBJECT_ERASED';
        const metadata = { manifest: manifestDigest(manifest), count: indexes.length };
        const vouching = someEntry({ core: { action }, payload: { metadata } });
        await sealEntries(bed.store, [vouching]);
        const eventId = vouching.core.id;
        await bed.store.retention.decide(signed({ eventId, kind, manifest }));
        const gone = indexes.map((index) => ids[index] ?? '');
        expect(await take(bed.store, eventId, gone)).toBe(gone.length);
        await bed.store.retention.finish(eventId);
      }
      const result = await verifyTrail(bed.fresh(), { keys: KEYS });
      expect(result.violations).toEqual([]);
      expect(result).toMatchObject({ isGood: true, counts: { VALID: 16, PURGED: 4, ERASED: 2 } });
      await bed.run('DELETE FROM indelible_deletion');
      const forged = await verifyTrail(bed.fresh(), { keys: KEYS });
      expect(forged.violations.map(({ verdict, index }) => [verdict, index])).toEqual(
        [0, 2, 3, 4, 9, 19].map((index) => [PURGED.includes(index) ? 'MISSING' : 'TAMPERED', index]),
      );
    },
  );

  it('sees a removal that was decided while it was verifying', async () => {
    const all = await removed();
    let asked = 0;
    const store = withRemovals(all.bed, () => ((asked += 1) > 1 ? [all.removal] : []));
    expect((await verifyTrail(store, { keys: KEYS })).counts).toMatchObject({ PURGED: 4, MISSING: 0 });
  });
});

function manifestOf(kind: string, indexes: readonly number[], given: Given['manifest'] = {}): string {
  return canonicalize({
    v: 1,
    kind,
    ranges: formatRanges(indexes),
    count: indexes.length,
    recorded_before: new Date(Date.now() - 2191 * DAY_MS).toISOString(),
    floor_days: 2190,
    decided_at: DECIDED,
    ...given,
  });
}

function signed({ eventId, kind, manifest }: Omit<Removal, 'note'>): Decided {
  const note = signRemoval({ eventId, kind, manifest }, [KEY]);
  return { eventId, kind, manifest, note, decidedAt: DECIDED, doneAt: null };
}

function taken(bed: Bed, kind: 'purge' | 'erase', id: string): string {
  return kind === 'purge'
    ? `DELETE FROM indelible_event WHERE id = ${bed.id(id)}`
    : `UPDATE indelible_event SET payload = NULL, salt = NULL WHERE id = ${bed.id(id)}`;
}

/** The trail as another process opens it, with the removals that are given. */
function withRemovals(bed: Bed, removals: readonly Decided[] | (() => readonly Decided[])): VerifiableStore {
  const list = typeof removals === 'function' ? removals : () => removals;
  const store = bed.fresh();
  return changed(store, {
    retention: Object.assign(Object.create(store.retention) as Retention, {
      removals: async () => list(),
      manifestOf: async (id: string) => list().find(({ eventId }) => eventId === id)?.manifest,
    }),
  });
}
