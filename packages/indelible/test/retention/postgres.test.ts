import { afterEach, expect, it } from 'vitest';

import { type Bed, daysAgo, openPostgresBed, verified } from './bed.js';

const YEARS = 2_190;
const WHY = { reason: 'asked for by the person', request: 'GDPR-2026-014' };

const beds: Bed[] = [];
afterEach(async () => {
  for (const bed of beds.splice(0)) await bed.close();
});

async function bedOf(options?: Parameters<typeof openPostgresBed>[0]): Promise<Bed> {
  const bed = await openPostgresBed(options);
  beds.push(bed);
  return bed;
}

it('P34 P49: a clean-up on PostgreSQL removes just what its preview counted, under floor and holds, and verifies', async () => {
  const bed = await bedOf({ runSize: 2 });
  const { retention } = bed;
  await retention.setPolicy({ match: { action: 'LOGIN_SUCCESS' }, days: 90 });
  await retention.setPolicy({ match: { targetType: 'Invoice' }, days: 2_555 });
  const hold = await retention.placeHold({ match: { subjectId: '43' }, reason: 'claim 118' });
  const signIn = { action: 'LOGIN_SUCCESS', source: 'auth' } as const;
  const gone = await bed.add([
    { at: daysAgo(YEARS, -1) },
    { at: daysAgo(91), core: signIn },
    { at: daysAgo(2_556), core: { target: { type: 'Invoice', id: '1' } } },
  ]);
  const stays = await bed.add([
    { at: daysAgo(YEARS) },
    { at: daysAgo(91, 1), core: { ...signIn, subject_id: '42' } },
    { at: daysAgo(2_554), core: { target: { type: 'Invoice', id: '1' } } },
    { at: daysAgo(YEARS + 1), core: { subject_id: '43' } },
    { at: daysAgo(YEARS + 1, 1), payload: { subjects: ['42', '43'] }, search: { subjects: ['42', '43'] } },
  ]);
  const preview = await retention.preview();
  expect(preview).toMatchObject({
    count: 3,
    keptByFloor: 1,
    keptByHolds: 2,
    byAction: { READ: 2, LOGIN_SUCCESS: 1 },
  });
  const { removed, events, isDone } = await retention.purge({ batchSize: 1, reason: 'monthly' });
  expect({ removed, isDone, events: events.length }).toEqual({ removed: 3, isDone: true, events: 2 });
  const left = new Set(await bed.ids());
  expect([...gone, ...stays].map((id) => left.has(id))).toEqual([
    ...gone.map(() => false),
    ...stays.map(() => true),
  ]);
  expect(await verified(bed)).toMatchObject({ isGood: true, counts: { PURGED: 3, MISSING: 0 } });
  await retention.releaseHold(hold);
  expect((await retention.purge()).removed).toBe(2);
  expect(await verified(bed)).toMatchObject({ isGood: true, counts: { PURGED: 5, MISSING: 0 } });
  expect(bed.errors).toEqual([]);
});

it('P39: erasing a person on PostgreSQL empties what is about them, takes nothing from others, and verifies', async () => {
  const bed = await bedOf();
  const { audit, store, erasure } = bed;
  const person = { subjectId: '42', subjectLabel: 'Zebedee Quux' };
  const target = { type: 'Patient' };
  const own = [
    await audit.record({
      action: 'CREATE',
      target: { ...target, id: '42' },
      ...person,
      after: { name: 'Zebedee Quux' },
    }),
    await audit.record({
      action: 'SEARCH',
      target,
      subjects: ['42', '43'],
      request: { query: { search: 'zebed' } },
    }),
  ];
  const list = await audit.record({ action: 'LIST', target, subjects: ['42', '43'], metadata: { count: 2 } });
  await audit.seal();
  const hold = await bed.retention.placeHold({ match: { subjectId: '42' }, reason: 'claim 118' });
  await expect(erasure.erase('42', WHY)).rejects.toMatchObject({ code: 'UNDER_HOLD' });
  await bed.retention.releaseHold(hold);
  expect(await erasure.erase('42', WHY)).toMatchObject({ erased: 2, kept: 1, isDone: true });
  expect(await erasure.erase('42', WHY)).toMatchObject({ erased: 0, event: null });
  const payloads = await Promise.all(
    [...own, list].map(async (id) => (await store.get(id ?? '', null))?.payload),
  );
  expect(payloads).toEqual([null, null, expect.stringContaining('"count":2')]);
  expect((await audit.subject('43')).events).toHaveLength(2);
  expect(await verified(bed)).toMatchObject({ isGood: true, counts: { ERASED: 2, TAMPERED: 0 } });
  expect(bed.errors).toEqual([]);
});
