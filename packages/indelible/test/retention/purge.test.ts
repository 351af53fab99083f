import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';

import { IdGenerator } from '../../src/event/id.js';
import { readEvent } from '../../src/event/read.js';
import { SigningKey } from '../../src/integrity/note-key.js';
import { signRemoval } from '../../src/integrity/removal-note.js';
import { manifestDigest } from '../../src/integrity/manifest-digest.js';
import { removeTemporaryFolders } from '../test-trail.js';
import {
  type Bed,
  type BedOptions,
  daysAgo,
  KEY,
  type Old,
  openMemoryBed,
  openSqliteBed,
  verified,
} from './bed.js';

const BEDS = [
  ['SQLite', openSqliteBed],
  ['memory', openMemoryBed],
] as const;

const beds: Bed[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const bed of beds.splice(0)) await bed.close();
});
afterAll(removeTemporaryFolders);

const INVOICE = { target: { type: 'Invoice', id: '1' } };
const SIGN_IN = { action: 'LOGIN_SUCCESS', source: 'auth' } as const;
const YEARS = 2_190;

/** One event a millisecond before midnight of the day, one at midnight, one after. */
function around(days: number, core: NonNullable<Old['core']>): Old[] {
  return [-1, 0, 1].map((ms) => ({ at: daysAgo(days, ms), core }));
}

describe.each(BEDS)('a clean-up on %s', (_name, open) => {
  async function bedOf(options: BedOptions = {}): Promise<Bed> {
    const bed = await open(options);
    beds.push(bed);
    return bed;
  }

  it('P49: removes just what is older than midnight of the day, and the preview has counted it', async () => {
    const bed = await bedOf();
    const [before, at, after] = await bed.add(around(YEARS, { subject_id: '42' }));
    const kept = await bed.ids();
    const preview = await bed.retention.preview();
    expect(preview).toMatchObject({
      count: 1,
      byAction: { READ: 1 },
      byModel: { '': 1 },
      oldest: new Date(daysAgo(YEARS, -1)).toISOString(),
      newest: new Date(daysAgo(YEARS, -1)).toISOString(),
      cutOff: new Date(daysAgo(YEARS)).toISOString(),
      keptByFloor: 0,
      keptByHolds: 0,
      unfinished: 0,
    });
    expect(await bed.ids()).toEqual(kept);
    const { removed, isDone, events } = await bed.retention.purge({ reason: 'monthly' });
    expect({ removed, isDone, events }).toEqual({ removed: 1, isDone: true, events: [expect.any(String)] });
    const left = await bed.ids();
    expect(left).not.toContain(before);
    expect(left).toEqual(expect.arrayContaining([at, after]));
    expect(left).toEqual([...kept.filter((id) => id !== before), ...events].toSorted());
    expect(bed.errors).toEqual([]);
  });

  it('lets the longest policy win, and the default where none matches', async () => {
    const bed = await bedOf();
    await bed.retention.setPolicy({ id: 'invoices', match: { targetType: 'Invoice' }, days: 2_555 });
    await bed.retention.setPolicy({ id: 'reads', match: { action: 'READ' }, days: 90 });
    await bed.retention.setPolicy({ id: 'sign-ins', match: { action: 'login_success' }, days: 90 });
    const gone = [
      { at: daysAgo(2_556), core: INVOICE },
      { at: daysAgo(91), core: {} },
      { at: daysAgo(91), core: SIGN_IN },
      { at: daysAgo(YEARS + 1), core: { action: 'UPDATE' } },
      { at: daysAgo(YEARS + 1), core: { ...SIGN_IN, subject_id: '42' } },
    ];
    const stays = [
      { at: daysAgo(2_554), core: INVOICE },
      { at: daysAgo(89), core: {} },
      { at: daysAgo(YEARS - 1), core: { action: 'UPDATE' } },
      { at: daysAgo(YEARS - 1), core: { ...SIGN_IN, subject_id: '42' } },
      { at: daysAgo(YEARS - 1), core: { action: 'READ' }, search: { subjects: ['42', '43'] } },
    ];
    const ids = await bed.add([...gone, ...stays]);
    const { removed } = await bed.retention.purge();
    expect(removed).toBe(gone.length);
    const left = new Set(await bed.ids());
    expect(ids.map((id) => left.has(id))).toEqual([...gone.map(() => false), ...stays.map(() => true)]);
  });

  it('keeps what the floor keeps, and the preview says how much and whose policy is weaker', async () => {
    const bed = await bedOf();
    await bed.retention.setPolicy({ id: 'sign-ins', match: { action: 'LOGIN_SUCCESS' }, days: 90 });
    await bed.add([
      { at: daysAgo(91), core: SIGN_IN },
      { at: daysAgo(91), core: { ...SIGN_IN, subject_id: '42' } },
      { at: daysAgo(91), core: SIGN_IN, search: { subjects: ['42'] } },
    ]);
    const preview = await bed.retention.preview();
    expect(preview).toMatchObject({ count: 1, keptByFloor: 2, underFloor: [{ id: 'sign-ins', days: 90 }] });
    expect((await bed.retention.purge()).removed).toBe(1);
    const unfloored = bed.another({ floor: { withSubject: 0 } });
    expect(await unfloored.preview()).toMatchObject({ count: 2, keptByFloor: 0, underFloor: [] });
    expect((await unfloored.purge()).removed).toBe(2);
  });

  it('P49: under the floor only a preview works, and nothing is removed by another day than today', async () => {
    const bed = await bedOf();
    await bed.add([{ at: daysAgo(400), core: { subject_id: '42' } }, { at: daysAgo(400) }]);
    const all = await bed.ids();
    expect(await bed.retention.preview({ days: 365 })).toMatchObject({ count: 1, keptByFloor: 1 });
    const later = new Date(daysAgo(-YEARS - 1));
    expect(await bed.retention.preview({ asOf: later })).toMatchObject({ count: all.length - 1 });
    await expect(bed.retention.purge({ days: 365 })).rejects.toMatchObject({
      code: 'UNDER_FLOOR',
      message: expect.stringMatching(/365 days .* floor of 2190.*preview\(\).*policy/),
    });
    const dated = { asOf: later } as Parameters<typeof bed.retention.purge>[0];
    await expect(bed.retention.purge(dated)).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
    expect(await bed.ids()).toEqual(all);
    expect(await bed.retention.purge({ days: YEARS })).toMatchObject({
      removed: 0,
      events: [],
      isDone: true,
    });
    expect(await bed.ids()).toEqual(all);
  });

  it('P49: lets nothing go early by a clock of this machine that runs ahead', async () => {
    const bed = await bedOf();
    await bed.add([{ at: daysAgo(YEARS - 30) }]);
    const all = await bed.ids();
    vi.spyOn(Date, 'now').mockReturnValue(daysAgo(-365));
    expect(await bed.retention.preview()).toMatchObject({ count: 0 });
    expect(await bed.retention.purge()).toMatchObject({ removed: 0, events: [] });
    expect(await bed.ids()).toEqual(all);
  });

  it('begins nothing when it is stopped before it has begun', async () => {
    const bed = await bedOf();
    await bed.add([{ at: daysAgo(YEARS + 1) }]);
    const all = await bed.ids();
    const stopped = await bed.retention.purge({ signal: AbortSignal.abort() });
    expect(stopped).toEqual({ removed: 0, isDone: false, events: [] });
    expect(await bed.ids()).toEqual(all);
  });

  it('P49: looks at one model or tenant when it is asked to', async () => {
    const bed = await bedOf();
    const at = daysAgo(YEARS + 1);
    const [north, south, none] = await bed.add([
      { at, core: { ...INVOICE, tenant_id: 'north' } },
      { at, core: { ...INVOICE, tenant_id: 'south' } },
      { at, core: INVOICE },
      { at, core: { tenant_id: 'north', target: { type: 'Patient' } } },
    ]);
    expect(await bed.retention.preview({ tenantId: 'north', model: 'Invoice' })).toMatchObject({ count: 1 });
    await bed.retention.purge({ tenantId: 'north', model: 'Invoice' });
    expect(await bed.ids()).not.toContain(north);
    expect(await bed.ids()).toEqual(expect.arrayContaining([south, none]));
    await bed.retention.purge({ tenantId: '', model: 'Invoice' });
    expect(await bed.ids()).not.toContain(none);
    expect(await bed.retention.preview()).toMatchObject({ count: 2, byModel: { Invoice: 1, Patient: 1 } });
  });

  it('keeps what a hold keeps until it is released', async () => {
    const bed = await bedOf();
    const at = daysAgo(YEARS + 1);
    const [held, listed] = await bed.add([
      { at, core: { subject_id: '42' } },
      { at, search: { subjects: ['41', '42'] } },
      { at, core: { subject_id: '43' } },
    ]);
    const hold = await bed.retention.placeHold({ match: { subjectId: '42' }, reason: 'claim 118' });
    expect(await bed.retention.holds()).toMatchObject([{ id: hold, reason: 'claim 118' }]);
    expect(await bed.retention.preview()).toMatchObject({ count: 1, keptByHolds: 2 });
    expect((await bed.retention.purge()).removed).toBe(1);
    expect(await bed.ids()).toEqual(expect.arrayContaining([held, listed]));
    await bed.retention.releaseHold(hold, 'settled');
    expect((await bed.retention.purge()).removed).toBe(2);
  });

  it('lets a hold win that is placed while it runs: what it keeps is left', async () => {
    const bed = await bedOf();
    const at = daysAgo(YEARS + 1);
    await bed.add(Array.from({ length: 6 }, () => ({ at, core: { subject_id: '41' } })));
    const ids = await bed.add(Array.from({ length: 4 }, () => ({ at: at + 1, core: { subject_id: '42' } })));
    let placed: Promise<string> | undefined;
    const { store } = bed;
    const { retention } = store;
    const remove = retention.remove.bind(retention);
    retention.remove = async (...given) => {
      placed ??= bed.retention.placeHold({ match: { subjectId: '42' }, reason: 'claim' });
      await placed;
      return remove(...given);
    };
    const purged = await bed.retention.purge({ batchSize: 3 });
    expect(purged).toMatchObject({ removed: 6, isDone: true });
    expect(await bed.ids()).toEqual(expect.arrayContaining(ids));
    expect((await store.retention.removals()).map(({ doneAt }) => doneAt === null)).toEqual([false]);
  });

  it('lets a hold win that is placed while a batch is being chosen', async () => {
    const bed = await bedOf();
    const at = daysAgo(YEARS + 1);
    const [held] = await bed.add(
      ['42', '43', '44'].map((subject_id, n) => ({ at: at + n, core: { subject_id } })),
    );
    const { store } = bed;
    const { retention } = store;
    const select = retention.select.bind(retention);
    let isDecided = false;
    const decide = retention.decide.bind(retention);
    retention.decide = async (removal) => {
      await decide(removal);
      isDecided = true;
    };
    retention.select = async (...given) => {
      const leaves = await select(...given);
      if (isDecided)
        await bed.retention.placeHold({ id: 'late', match: { subjectId: '42' }, reason: 'claim' });
      isDecided = false;
      return leaves;
    };
    expect(await bed.retention.purge()).toMatchObject({ removed: 2, isDone: true });
    expect(await bed.ids()).toContain(held);
    expect((await verified(bed)).isGood).toBe(true);
  });

  it('P34: records what it removed: the manifest names each leaf, and the event has its digest', async () => {
    const bed = await bedOf();
    const at = daysAgo(YEARS + 1);
    await bed.retention.setPolicy({ id: 'all', match: {}, days: YEARS, reason: 'law' });
    const ids = await bed.add([
      { at, core: INVOICE },
      { at: daysAgo(1) },
      { at: at + 1, core: { subject_id: '42' } },
    ]);
    const indexes = await Promise.all([ids[0], ids[2]].map((id) => bed.store.indexOf(id ?? '')));
    const actor = { type: 'user', id: '3', username: 'owner' } as const;
    const { events } = await bed.audit.run({ actor }, () => bed.retention.purge({ reason: 'monthly' }));
    const [removal] = await bed.store.retention.removals();
    const text = (await bed.store.retention.manifestOf(events[0] ?? '')) ?? '';
    const manifest = JSON.parse(text) as Record<string, unknown>;
    expect(removal).toMatchObject({ eventId: events[0], kind: 'purge', doneAt: expect.any(String) });
    expect(manifest).toMatchObject({
      v: 1,
      kind: 'purge',
      ranges: indexes.join(','),
      count: 2,
      reason: 'monthly',
      policies: [{ id: 'all', days: YEARS, match: {} }],
      rules: [
        {
          floor_days: YEARS,
          match: {},
          recorded_before: new Date(daysAgo(YEARS)).toISOString(),
          ranges: indexes.join(','),
        },
      ],
    });
    const entry = await bed.store.get(events[0] ?? '', null);
    expect(entry && readEvent(entry)).toMatchObject({
      action: 'RETENTION_PURGE',
      actor,
      reason: 'monthly',
      metadata: {
        manifest: manifestDigest(text),
        count: 2,
        recorded_before: new Date(daysAgo(YEARS)).toISOString(),
        of: { count: 2, by_action: { READ: 2 }, by_model: { Invoice: 1, '': 1 } },
      },
    });
    expect(await bed.store.indexOf(events[0] ?? '')).toBeGreaterThan(Math.max(...indexes.map(Number)));
  });

  it('P34: verifies afterwards: the purged are counted as purged, by the events that vouch for them', async () => {
    const bed = await bedOf({ runSize: 5 });
    await bed.retention.setPolicy({ match: { action: 'UPDATE' }, days: 90 });
    const young = Array.from({ length: 4 }, (_, n) => ({ at: daysAgo(91, n), core: { action: 'UPDATE' } }));
    const old = Array.from({ length: 4 }, (_, n) => ({
      at: daysAgo(YEARS + 1, n),
      core: { subject_id: '42' },
    }));
    await bed.add([...young, { at: daysAgo(5) }, ...old]);
    const { events } = await bed.retention.purge({ reason: 'monthly' });
    expect(events).toHaveLength(2);
    const found = await verified(bed);
    expect(found).toMatchObject({ isGood: true, log: 'CONSISTENT', counts: { PURGED: 8, MISSING: 0 } });
    expect(found.removals.map(({ eventId, explained, problem }) => [eventId, explained, problem])).toEqual([
      [events[0], 5, null],
      [events[1], 3, null],
    ]);
  });

  it('decides run by run, each under an event of its own, and tells how far it is', async () => {
    const bed = await bedOf({ runSize: 4 });
    const at = daysAgo(YEARS + 1);
    await bed.retention.setPolicy({ id: 'a', match: { action: 'UPDATE' }, days: 3_000 });
    await bed.add(
      Array.from({ length: 11 }, (_, n) => ({
        at: at + n,
        core: { subject_id: n % 2 === 0 ? '1' : undefined },
      })),
    );
    await bed.add(Array.from({ length: 3 }, () => ({ at: daysAgo(3_001), core: { action: 'UPDATE' } })));
    const progress: unknown[] = [];
    const onProgress = (told: unknown): void => void progress.push(told);
    const { removed, events } = await bed.retention.purge({ batchSize: 3, onProgress });
    expect(removed).toBe(14);
    expect(events).toHaveLength(4);
    const removals = await bed.store.retention.removals();
    expect(removals.map(({ eventId }) => eventId).toSorted()).toEqual([...events].toSorted());
    const manifests = await Promise.all(events.map((id) => bed.store.retention.manifestOf(id)));
    const counts = manifests.map((text) => (JSON.parse(text ?? '') as { count: number }).count);
    expect(counts).toEqual([4, 4, 4, 2]);
    expect(progress.at(-1)).toEqual({ removed: 14, total: 14 });
    expect((await bed.retention.preview()).count).toBe(0);
  });

  it('decides each run by the policies of its moment', async () => {
    const bed = await bedOf({ runSize: 2 });
    const at = daysAgo(YEARS + 1);
    await bed.retention.setPolicy({ id: 'updates', match: { action: 'UPDATE' }, days: 3_000 });
    const updates = await bed.add([{ at, core: { action: 'UPDATE' } }]);
    const reads = await bed.add([1, 2, 3, 4].map((n) => ({ at: at + n })));
    const { retention } = bed.store;
    const finish = retention.finish.bind(retention);
    retention.finish = async (eventId) => {
      retention.finish = finish;
      await finish(eventId);
      await bed.retention.removePolicy('updates');
      await bed.retention.setPolicy({ id: 'reads', match: { action: 'READ' }, days: 3_000 });
    };
    expect(await bed.retention.purge()).toMatchObject({ removed: 3, isDone: true });
    const left = new Set(await bed.ids());
    expect([...updates, ...reads].map((id) => left.has(id))).toEqual([false, false, false, true, true]);
  });

  it('stops between batches when it is told to, and goes on the next time with what was decided', async () => {
    const bed = await bedOf();
    const at = daysAgo(YEARS + 1);
    const ids = await bed.add(Array.from({ length: 10 }, (_, n) => ({ at: at + n })));
    const stop = new AbortController();
    const stopped = await bed.retention.purge({
      batchSize: 3,
      signal: stop.signal,
      onProgress: () => stop.abort(),
    });
    expect(stopped).toMatchObject({ removed: 3, isDone: false, events: [expect.any(String)] });
    expect((await bed.retention.preview()).unfinished).toBe(1);
    expect(await bed.ids()).toEqual(expect.arrayContaining(ids.slice(3)));
    // A policy of now does not call back what was decided; only a hold does.
    await bed.retention.setPolicy({ id: 'long', match: {}, days: 3_000 });
    await bed.retention.placeHold({ match: { targetType: 'Nothing' }, reason: 'none' });
    expect(await bed.retention.purge()).toEqual({ removed: 7, isDone: true, events: [] });
    expect(await bed.store.retention.removals()).toMatchObject([
      { eventId: stopped.events[0], doneAt: expect.any(String) },
    ]);
  });

  it('P49: runs alone: a second one is refused, and decides nothing', async () => {
    const bed = await bedOf();
    await bed.add(Array.from({ length: 20 }, (_, n) => ({ at: daysAgo(YEARS + 1, n) })));
    const all = await bed.ids();
    await bed.store.retention.exclusively(async () => {
      await expect(bed.another().purge()).rejects.toMatchObject({ code: 'REMOVAL_RUNNING' });
    });
    expect(await bed.ids()).toEqual(all);
    expect(await bed.store.retention.removals()).toEqual([]);
    expect(await bed.retention.purge()).toMatchObject({ removed: 20 });
  });

  it.each([0, -1, 0.5, Number.NaN, 1e9])('is refused with a batch of %s', async (batchSize) => {
    const bed = await bedOf();
    await bed.add([{ at: daysAgo(YEARS + 1) }]);
    const invalid = { code: 'INVALID_OPTIONS', message: expect.stringMatching(/batchSize/) };
    await expect(bed.retention.purge({ batchSize })).rejects.toMatchObject(invalid);
    const why = { reason: 'asked for', request: '1' };
    await expect(bed.erasure.erase('42', { ...why, batchSize })).rejects.toMatchObject(invalid);
    expect(await bed.store.retention.removals()).toEqual([]);
  });

  it('P34: never removes the events that vouch for removals, holds, policies and keys', async () => {
    const bed = await bedOf();
    const old = [
      'RETENTION_PURGE',
      'SUBJECT_ERASED',
      'KEY_ROTATED',
      'HOLD_PLACED',
      'HOLD_RELEASED',
      'POLICY_CHANGE',
    ];
    const ids = await bed.add(old.map((action) => ({ at: daysAgo(9_000), core: { action } })));
    expect(await bed.retention.purge()).toMatchObject({ removed: 0, events: [] });
    expect(await bed.ids()).toEqual(expect.arrayContaining(ids));
  });

  describe('P34: somebody has written a removal into the database', () => {
    async function forged(isSigned: boolean, digestOf: (manifest: string) => string): Promise<Bed> {
      const bed = await bedOf();
      const ids = await bed.add([{ at: daysAgo(1) }, { at: daysAgo(2) }]);
      const last_id = ids.toSorted().at(-1) ?? '';
      const rules = [{ match: {}, except: [], floor_days: 0, ranges: '0-2', last_id }];
      const manifest = JSON.stringify({ v: 1, kind: 'purge', count: 3, ranges: '0-2', rules });
      const metadata = { manifest: digestOf(manifest), count: 3 };
      const eventId = (await bed.audit.record({ action: 'RETENTION_PURGE', metadata })) ?? '';
      await bed.audit.seal();
      const removal = { eventId, kind: 'purge', manifest } as const;
      const note = isSigned
        ? signRemoval(removal, [KEY])
        : signRemoval(removal, [SigningKey.create(KEY.name)]);
      await bed.store.retention.decide({ ...removal, note });
      return bed;
    }

    it.each([
      ['that no key of the log signed', false, manifestDigest],
      ['whose event does not have its digest', true, () => manifestDigest('{}')],
    ] as const)(
      'one %s is told of and left, and what is over goes all the same',
      async (_what, isSigned, of) => {
        const bed = await forged(isSigned, of);
        const before = await bed.ids();
        const [old] = await bed.add([{ at: daysAgo(YEARS + 1) }]);
        expect((await bed.retention.purge()).removed).toBe(1);
        const ids = await bed.ids();
        expect(ids).toEqual(expect.arrayContaining(before));
        expect(ids).not.toContain(old);
        expect(bed.errors).toMatchObject([{ code: 'LOG_DAMAGED' }]);
        const found = await verified(bed);
        expect(found.removals.map(({ problem }) => problem !== null)).toEqual([true, false]);
      },
    );
  });

  it('P50: lets an event of a clock that ran ahead go only once its id is old enough to prove it', async () => {
    const bed = await bedOf();
    const idOf = (ms: number): string => new IdGenerator(() => ms).next();
    const at = daysAgo(YEARS + 1);
    const [ahead] = await bed.add([
      { at, core: { id: idOf(daysAgo(YEARS - 5)) } },
      { at, core: { id: idOf(daysAgo(YEARS, 3_600_000)) } },
    ]);
    expect((await bed.retention.purge()).removed).toBe(1);
    expect(await bed.ids()).toContain(ahead);
    expect(await verified(bed)).toMatchObject({ isGood: true, counts: { PURGED: 1, MISSING: 0 } });
    const asOf = new Date(Date.now() + 6 * 86_400_000);
    expect((await bed.retention.preview({ asOf })).count).toBe(1);
  });

  it('removes nothing when the event that vouches for it could not be sealed', async () => {
    const bed = await bedOf();
    await bed.add([{ at: daysAgo(YEARS + 1) }]);
    const all = await bed.ids();
    const lost = new (bed.retention.constructor as new (parts: object) => typeof bed.retention)({
      ...bed.parts,
      record: async () => undefined,
    });
    await expect(lost.purge()).rejects.toMatchObject({ code: 'TRAIL_UNAVAILABLE' });
    expect(await bed.ids()).toEqual(all);
    expect(await bed.store.retention.removals()).toEqual([]);
  });

  it('P50: changes no event that stays', async () => {
    const bed = await bedOf();
    const ids = await bed.add([{ at: daysAgo(YEARS + 1) }, { at: daysAgo(3), core: { subject_id: '42' } }]);
    const before = await bed.store.get(ids[1] ?? '', null);
    await bed.retention.purge();
    expect(await bed.store.get(ids[1] ?? '', null)).toEqual(before);
  });
});
