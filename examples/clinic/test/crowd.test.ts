import { describe, expect, it } from 'vitest';

import type { Client, Event } from './client.js';
import { places } from './databases.js';
import { FreshRecords } from './fresh-records.js';
import { openForTests } from './running-clinic.js';

const PEOPLE = 50;
const APPOINTMENTS = 5;

describe.each(places())('fifty people at once, on %s', async (_name, make) => {
  const clinic = await openForTests(await make());
  const fresh = await FreshRecords.in(clinic);
  const reception = await clinic.as('reception');

  it('change the same appointments, and each change is recorded once, under its own name, joined to the one before', async () => {
    const ids: number[] = [];
    for (let i = 0; i < APPOINTMENTS; i += 1) ids.push(await fresh.appointment());
    const people: Client[] = [];
    for (let i = 0; i < PEOPLE; i += 1) people.push(await clinic.signedIn(await fresh.practitioner()));
    const changes = people.flatMap((by) =>
      ids.map((id) => by.patch(`/api/appointments/${id}/`, { notes: `by ${by.id}` })),
    );
    for (const { status } of await Promise.all(changes)) expect(status).toBe(200);

    for (const id of ids) {
      const events = await clinic.trail(
        `model=Appointment&object_id=${id}&action=UPDATE&page_size=500&ordering=timestamp`,
      );
      expect(events).toHaveLength(PEOPLE);
      expect(new Set(events.map(({ actor }) => actor.id)).size).toBe(PEOPLE);
      for (const { actor, changes: told } of events)
        expect(told).toMatchObject({ notes: { new: `by ${actor.id}` } });
      const { body } = await reception.get(`/api/appointments/${id}/`);
      expect(endOf(events, PEOPLE)).toBe(body['notes']);
    }
  }, 120_000);

  it('pay the same invoice, and nobody pays what is paid already', async () => {
    const id = await fresh.sentInvoice();
    const money = { amount: 1_000, method: 'cash' };
    const paying = Array.from({ length: 20 }, () => reception.post(`/api/invoices/${id}/pay/`, money));
    const statuses = (await Promise.all(paying)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(8);
    const { body } = await reception.get(`/api/invoices/${id}/`);
    expect(body).toMatchObject({ status: 'paid' });
    expect(body['payments']).toHaveLength(8);
    const told = (await clinic.trail('model=Payment&action=CREATE&page_size=500')).filter(
      ({ after }) => after?.['invoice'] === id,
    );
    expect(told).toHaveLength(8);
  });

  it('cancel the same appointment, and one of them has cancelled it', async () => {
    const id = await fresh.appointment();
    const cancelling = Array.from({ length: 20 }, () =>
      reception.post(`/api/appointments/${id}/cancel/`, { reason: 'all at once' }),
    );
    const statuses = (await Promise.all(cancelling)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(await clinic.trail(`action=APPOINTMENT_CANCELLED&object_id=${id}`)).toHaveLength(1);
  });
});

/** Where the notes end when each change goes on from what another left; they must not part, nor stop on the way. */
function endOf(events: readonly Event[], most: number): unknown {
  const steps = new Map(events.map(({ changes }) => [changes?.['notes']?.old, changes?.['notes']?.new]));
  expect(steps.size).toBe(most);
  let notes: unknown = '';
  for (let step = 0; step < most; step += 1) notes = steps.get(notes);
  return notes;
}
