import { afterAll, afterEach, describe, expect, it } from 'vitest';

import { SubjectErasure } from '../../src/erasure/subject-erasure.js';
import { readEvent } from '../../src/event/read.js';
import { manifestDigest } from '../../src/integrity/manifest-digest.js';
import { removeTemporaryFolders } from '../test-trail.js';
import { type Bed, daysAgo, openMemoryBed, openSqliteBed, verified } from './bed.js';
import { tracesIn } from './traces.js';

const BEDS = [
  ['SQLite', openSqliteBed],
  ['memory', openMemoryBed],
] as const;
const WHY = { reason: 'asked for by the person', request: 'GDPR-2026-014' };
const PATIENT = { type: 'Patient', id: '42', label: 'Zebedee Quux' };

const beds: Bed[] = [];
afterEach(async () => {
  for (const bed of beds.splice(0)) await bed.close();
});
afterAll(removeTemporaryFolders);

/** What a clinic records around one patient, and around others. */
async function liveThrough({ audit }: Bed): Promise<Record<'own' | 'lists' | 'others', string[]>> {
  const subject = { subjectId: '42', subjectLabel: 'Zebedee Quux' };
  const record = async (event: Parameters<typeof audit.record>[0]): Promise<string> =>
    (await audit.record(event)) ?? '';
  const own = [
    await record({
      action: 'CREATE',
      target: PATIENT,
      ...subject,
      after: { name: 'Zebedee Quux', email: 'zebedee@quux.test', phone: '0612345678' },
    }),
    await record({
      action: 'UPDATE',
      target: PATIENT,
      ...subject,
      before: { city: 'Quuxville' },
      after: { city: 'Quuxtown' },
    }),
    await record({
      action: 'READ',
      target: { type: 'Invoice', id: '7', label: 'Invoice of Zebedee Quux' },
      ...subject,
      reason: 'Quux called',
    }),
    await record({
      action: 'LIST',
      target: { type: 'Patient' },
      subjects: ['42'],
      metadata: { count: 1, ids: ['42'] },
    }),
    await record({
      action: 'SEARCH',
      target: { type: 'Patient' },
      subjects: ['42', '43'],
      request: { path: '/api/patients/', query: { search: 'zebed' } },
      metadata: { count: 2, ids: ['42', '43'] },
    }),
    await record({
      action: 'EXPORT',
      target: { type: 'Patient' },
      subjects: ['43', '42'],
      request: { query: { q: 'zebedee@quux.test' } },
    }),
  ];
  const lists = [
    await record({
      action: 'LIST',
      target: { type: 'Patient' },
      subjects: ['42', '43', '44'],
      request: { path: '/api/patients/', query: { page: '2' } },
      metadata: { count: 3, ids: ['42', '43', '44'] },
    }),
  ];
  const others = [
    await record({
      action: 'READ',
      target: { type: 'Patient', id: '43', label: 'Bob Brown' },
      subjectId: '43',
      subjectLabel: 'Bob Brown',
    }),
    await record({ action: 'LOGIN_SUCCESS', actor: { type: 'user', id: '3', name: 'Dr. Lee' } }),
  ];
  await audit.seal();
  return { own, lists, others };
}

describe.each(BEDS)('erasing a person on %s', (_name, open) => {
  async function bedOf(): Promise<Bed> {
    const bed = await open();
    beds.push(bed);
    return bed;
  }

  const erasedOf = async ({ store }: Bed, ids: readonly string[]): Promise<boolean[]> =>
    Promise.all(ids.map(async (id) => (await store.get(id, null))?.payload === null));

  it('P39: empties all that is about the person, and takes nothing from the others', async () => {
    const bed = await bedOf();
    const { own, lists, others } = await liveThrough(bed);
    const before = await Promise.all([...lists, ...others].map((id) => bed.store.get(id, null)));
    const erased = await bed.erasure.erase('42', WHY);
    expect(erased).toEqual({ erased: own.length, kept: 1, event: expect.any(String), isDone: true });
    expect(await erasedOf(bed, own)).toEqual(own.map(() => true));
    expect(await Promise.all([...lists, ...others].map((id) => bed.store.get(id, null)))).toEqual(before);
    // They are still counted, in the history of the person and of those that they were listed with.
    const history = await bed.audit.subject('42');
    expect(history.events.map(({ id }) => id)).toEqual(expect.arrayContaining([...own, ...lists]));
    const other = await bed.audit.subject('43');
    expect(other.events.map(({ action }) => action).toSorted()).toEqual(['EXPORT', 'LIST', 'READ', 'SEARCH']);
    expect(bed.errors).toEqual([]);
  });

  it('P39: is recorded with the id, the request and the digest of its manifest, and no name', async () => {
    const bed = await bedOf();
    const { own } = await liveThrough(bed);
    const indexes = await Promise.all(own.map(async (id) => (await bed.store.indexOf(id)) ?? -1));
    const { event } = await bed.erasure.erase('42', WHY);
    const entry = await bed.store.get(event ?? '', null);
    const [removal] = await bed.store.retention.removals();
    const text = (await bed.store.retention.manifestOf(event ?? '')) ?? '';
    expect(entry && readEvent(entry)).toMatchObject({
      action: 'SUBJECT_ERASED',
      subjectId: '42',
      reason: WHY.reason,
      metadata: {
        manifest: manifestDigest(text),
        count: own.length,
        request: WHY.request,
      },
    });
    expect(`${entry?.payload}${text}`).not.toMatch(/zebedee|quux/i);
    const manifest = JSON.parse(text) as { ranges: string };
    expect(manifest).toMatchObject({ v: 1, kind: 'erase', count: own.length, request: WHY.request });
    expect(manifest.ranges).toBe(`${Math.min(...indexes)}-${Math.max(...indexes)}`);
    expect(removal).toMatchObject({ kind: 'erase', doneAt: expect.any(String) });
  });

  it('P39: finds nothing left the second time, records nothing and says so', async () => {
    const bed = await bedOf();
    await liveThrough(bed);
    await bed.erasure.erase('42', WHY);
    const all = await bed.ids();
    const again = { erased: 0, kept: 1, event: null, isDone: true };
    expect(await bed.erasure.erase('42', WHY)).toEqual(again);
    expect(await bed.ids()).toEqual(all);
    const later = await bed.audit.record({
      action: 'READ',
      target: PATIENT,
      subjectId: '42',
      subjectLabel: 'Zebedee Quux',
    });
    expect(await bed.erasure.erase('42', WHY)).toMatchObject({ erased: 1, isDone: true });
    expect(await erasedOf(bed, [later ?? ''])).toEqual([true]);
  });

  it('P39: waits for nobody: it is refused while something else is removing', async () => {
    const bed = await bedOf();
    const { own } = await liveThrough(bed);
    await bed.store.retention.exclusively(async () => {
      await expect(bed.erasure.erase('42', WHY)).rejects.toMatchObject({ code: 'REMOVAL_RUNNING' });
    });
    expect(await erasedOf(bed, own)).toEqual(own.map(() => false));
    expect(await bed.erasure.erase('42', WHY)).toMatchObject({ erased: own.length });
  });

  it.each([
    ['the person', { subjectId: '42' }],
    ['one of the records', { targetType: 'Invoice', targetId: '7' }],
    ['everything', {}],
  ])('P39: is refused under a hold on %s, which is named, until it is released', async (_what, match) => {
    const bed = await bedOf();
    const { own } = await liveThrough(bed);
    const hold = await bed.retention.placeHold({ match, reason: 'claim 118' });
    await expect(bed.erasure.erase('42', WHY)).rejects.toMatchObject({
      code: 'UNDER_HOLD',
      message: expect.stringMatching(new RegExp(`${hold}.*claim 118.*Release it`)),
    });
    expect(await erasedOf(bed, own)).toEqual(own.map(() => false));
    expect(await bed.store.retention.removals()).toEqual([]);
    await bed.retention.releaseHold(hold);
    expect(await bed.erasure.erase('42', WHY)).toMatchObject({ erased: own.length });
  });

  it('P39: is refused under a hold on the person also when there is nothing to erase', async () => {
    const bed = await bedOf();
    await bed.retention.placeHold({ match: { subjectId: '42', targetType: 'Invoice' }, reason: 'claim 118' });
    await expect(bed.erasure.erase('42', WHY)).rejects.toMatchObject({ code: 'UNDER_HOLD' });
  });

  it('P39: has the local disk settled before it says that it is done, whether or not it found anything', async () => {
    const bed = await bedOf();
    await liveThrough(bed);
    let settled = 0;
    const erasure = new SubjectErasure({ ...bed.parts, settle: async () => void (settled += 1) });
    expect([(await erasure.erase('42', WHY)).erased, settled]).toEqual([6, 1]);
    expect([(await erasure.erase('42', WHY)).erased, settled]).toEqual([0, 2]);
  });

  it('is not kept back by a hold on somebody else, or in another tenant', async () => {
    const bed = await bedOf();
    const { own } = await liveThrough(bed);
    await bed.retention.placeHold({ match: { subjectId: '44' }, reason: 'claim' });
    await bed.retention.placeHold({ match: { subjectId: '42', tenantId: 'north' }, reason: 'claim' });
    expect(await bed.erasure.erase('42', WHY)).toMatchObject({ erased: own.length });
  });

  it('P47: stays in the tenant of the context, unless another or all are named', async () => {
    const bed = await bedOf();
    const at = daysAgo(2);
    const ids = await bed.add(
      ['north', 'south', undefined].map((tenant_id) => ({ at, core: { tenant_id, subject_id: '42' } })),
    );
    expect(await bed.audit.run({ tenantId: 'south' }, () => bed.erasure.erase('42', WHY))).toMatchObject({
      erased: 1,
    });
    expect(await erasedOf(bed, ids)).toEqual([false, true, false]);
    expect(await bed.erasure.erase('42', WHY)).toMatchObject({ erased: 1 });
    expect(await erasedOf(bed, ids)).toEqual([false, true, true]);
    expect(await bed.erasure.erase('42', { ...WHY, tenantId: null })).toMatchObject({ erased: 1 });
  });

  it('takes what the person did, and the record itself, only when it is asked to, and nothing about others', async () => {
    const bed = await bedOf();
    const at = daysAgo(2);
    const actor = { type: 'user', id: '42' } as const;
    const ids = await bed.add([
      { at, core: { actor, action: 'LOGIN_SUCCESS' } },
      { at, core: { actor, subject_id: '43' } },
      { at, core: { target: { type: 'Patient', id: '42' } } },
      { at, core: { target: { type: 'Patient', id: '42' }, subject_id: '43' } },
    ]);
    expect(await bed.erasure.erase('42', WHY)).toEqual({ erased: 0, kept: 0, event: null, isDone: true });
    expect(await bed.erasure.erase('42', { ...WHY, model: 'Patient' })).toMatchObject({ erased: 1 });
    expect(await erasedOf(bed, ids)).toEqual([false, false, true, false]);
    const all = { ...WHY, model: 'Patient', includeActor: true };
    expect(await bed.erasure.erase('42', all)).toMatchObject({ erased: 1 });
    expect(await erasedOf(bed, ids)).toEqual([true, false, true, false]);
  });

  it('empties a list that names the person as only the application knows it', async () => {
    const bed = await bedOf();
    const payload = { metadata: { text: 'Zebedee' }, subjects: ['42', '43'] };
    const ids = await bed.add([{ at: daysAgo(2), payload, search: { subjects: ['42', '43'] } }]);
    expect(await bed.erasure.erase('42', WHY)).toMatchObject({ erased: 0, kept: 1 });
    expect(await bed.erasure.erase('42', { ...WHY, names: ['Zebedee'] })).toMatchObject({
      erased: 1,
      kept: 0,
    });
    expect(await erasedOf(bed, ids)).toEqual([true]);
  });

  it('stops between batches when it is told to; a hold that is placed then keeps what is left', async () => {
    const bed = await bedOf();
    const at = daysAgo(2);
    const ids = await bed.add([1, 2, 3, 4].map((n) => ({ at: at + n, core: { subject_id: '42' } })));
    const stop = new AbortController();
    const options = { ...WHY, batchSize: 2, signal: stop.signal, onProgress: () => stop.abort() };
    const stopped = await bed.erasure.erase('42', options);
    expect(stopped).toMatchObject({ erased: 2, isDone: false, event: expect.any(String) });
    const hold = await bed.retention.placeHold({ match: { subjectId: '42' }, reason: 'claim' });
    await expect(bed.erasure.erase('42', WHY)).rejects.toMatchObject({ code: 'UNDER_HOLD' });
    expect(await erasedOf(bed, ids)).toEqual([true, true, false, false]);
    expect(await bed.store.retention.removals()).toMatchObject([
      { eventId: stopped.event, doneAt: expect.any(String) },
    ]);
    await bed.retention.releaseHold(hold);
    expect(await bed.erasure.erase('42', WHY)).toMatchObject({ erased: 2, isDone: true });
    expect((await verified(bed)).isGood).toBe(true);
  });

  it('begins nothing when it is stopped before it has begun', async () => {
    const bed = await bedOf();
    await liveThrough(bed);
    const all = await bed.ids();
    const stopped = await bed.erasure.erase('42', { ...WHY, signal: AbortSignal.abort() });
    expect(stopped).toMatchObject({ erased: 0, event: null, isDone: false });
    expect(await bed.ids()).toEqual(all);
  });

  it.each([
    ['a reason', { ...WHY, reason: ' ' }, '42'],
    ['a request', { ...WHY, request: '' }, '42'],
    ['a person', WHY, ''],
  ])('is refused without %s', async (_what, options, id) => {
    const bed = await bedOf();
    await expect(bed.erasure.erase(id, options)).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
  });

  it('P39: verifies afterwards: the erased are named as erased, by the event that vouches for them', async () => {
    const bed = await bedOf();
    const { own } = await liveThrough(bed);
    const { event } = await bed.erasure.erase('42', WHY);
    const found = await verified(bed);
    expect(found).toMatchObject({
      isGood: true,
      log: 'CONSISTENT',
      counts: { ERASED: own.length, TAMPERED: 0 },
    });
    expect(found.removals).toMatchObject([
      { eventId: event, kind: 'erase', explained: own.length, problem: null },
    ]);
  });
});

it('P39: leaves nothing of the person in the file or beside it', async () => {
  const bed = await openSqliteBed();
  beds.push(bed);
  await liveThrough(bed);
  // Three letters may stand in any random bytes.
  const person = /zebe|quux|0612345678/;
  expect(tracesIn(bed.file, person)).not.toEqual([]);
  await bed.erasure.erase('42', WHY);
  expect(tracesIn(bed.file, person)).toEqual([]);
  expect(tracesIn(bed.file, /Bob Brown/)).not.toEqual([]);
});
