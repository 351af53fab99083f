import { describe, expect, it } from 'vitest';

import type { Event } from './client.js';
import { openForTests } from './running-clinic.js';
import { makeSomebody } from './somebody.js';

const clinic = await openForTests();
const owner = await clinic.as('owner');
const dentist = await clinic.as('dentist');
const reception = await clinic.as('reception');
const patient = await clinic.as('patient');

interface Plan {
  readonly id: number;
  readonly items: readonly { readonly id: number; readonly service: string; readonly status: string }[];
}

const THREE = ['Preparation', 'Temporary crown', 'Crown'].map((service) => ({
  service,
  tooth: 36,
  price: 12_500,
}));

async function propose(fields: object = {}): Promise<Plan> {
  const { status, body } = await dentist.post('/api/treatment-plans/', {
    patient: patient.id,
    dentist: dentist.id,
    title: 'A new crown',
    items: THREE,
    ...fields,
  });
  expect(status).toBe(201);
  return body as unknown as Plan;
}

/** The events of one plan and its items, oldest first. */
async function eventsOf(plan: Plan, ...items: readonly number[]): Promise<Event[]> {
  const all = await clinic.trail(
    'model=TreatmentPlan&action=CREATE,UPDATE,DELETE&page_size=500&ordering=timestamp',
  );
  const ofItems = await clinic.trail('model=TreatmentPlanItem&page_size=500&ordering=timestamp');
  const ids = new Set([...plan.items.map(({ id }) => id), ...items].map(String));
  return [
    ...all.filter(({ target }) => target?.id === String(plan.id)),
    ...ofItems.filter(({ target }) => ids.has(String(target?.id))),
  ];
}

function transactionsOf(events: readonly Event[]): Set<unknown> {
  return new Set(events.map((event) => event['transaction_id']));
}

describe('a plan and its items', () => {
  it('are one save: an event for each row, all with one transaction id, all about the patient', async () => {
    const plan = await propose();
    const events = await eventsOf(plan);
    expect(events.map(({ target }) => `${target?.type}: ${target?.label}`)).toEqual([
      'TreatmentPlan: A new crown',
      'TreatmentPlanItem: Preparation on tooth 36',
      'TreatmentPlanItem: Temporary crown on tooth 36',
      'TreatmentPlanItem: Crown on tooth 36',
    ]);
    expect([...transactionsOf(events)]).toEqual([expect.any(String)]);
    for (const event of events) {
      expect(event).toMatchObject({
        action: 'CREATE',
        subject_id: String(patient.id),
        actor: { name: 'Dana Dentist' },
        request: { path: '/api/treatment-plans/' },
      });
    }
  });

  it('are changed together: what is kept, what is new and what has gone', async () => {
    const plan = await propose();
    const [first, second, third] = plan.items;
    const items = [{ ...first, price: 20_000 }, second, { service: 'Polish', tooth: null, price: 0 }];
    const { status, body } = await dentist.patch(`/api/treatment-plans/${plan.id}/`, {
      title: 'A gold crown',
      items,
    });
    expect(status).toBe(200);
    const changed = body as unknown as Plan;
    expect(changed.items.map(({ service }) => service)).toEqual(['Preparation', 'Temporary crown', 'Polish']);

    const added = changed.items.at(-1)?.id ?? 0;
    const [created] = transactionsOf(await eventsOf(plan));
    const events = (await eventsOf(plan, added)).filter((event) => event['transaction_id'] !== created);
    expect(transactionsOf(events).size).toBe(1);
    expect(events.map(({ action, target, changes }) => [action, target?.id, changes]).slice(0, 1)).toEqual([
      ['UPDATE', String(plan.id), { title: { old: 'A new crown', new: 'A gold crown' } }],
    ]);
    expect(events.slice(1).map(({ action, target }) => [action, target?.id])).toEqual([
      ['DELETE', String(third?.id)],
      ['UPDATE', String(first?.id)],
      ['CREATE', String(added)],
    ]);
    expect(events[2]).toMatchObject({
      changes: { price: { old: 12_500, new: 20_000 } },
      target: { label: 'Preparation on tooth 36' },
    });
    expect(events[3]).toMatchObject({
      target: { label: 'Polish' },
      after: { tooth: null, status: 'planned' },
    });
  });

  it('are changed wholly or not at all, and what was rolled back left no event', async () => {
    const plan = await propose();
    const [foreign] = (await propose()).items;
    const before = (await eventsOf(plan)).length;
    const { status, body } = await dentist.patch(`/api/treatment-plans/${plan.id}/`, {
      title: 'Never seen',
      items: [{ ...THREE[0], id: foreign?.id }],
    });
    expect([status, body['errors']]).toMatchObject([400, [{ field: 'items' }]]);
    expect((await dentist.get(`/api/treatment-plans/${plan.id}/`)).body).toMatchObject({ ...plan });
    expect(await eventsOf(plan)).toHaveLength(before);
    expect(await clinic.trail('search=Never')).toEqual([]);
  });

  it('are completed by one statement over all that is planned, with an event for each of them', async () => {
    const plan = await propose({ items: [...THREE, { service: 'Fluoride', price: 0, status: 'done' }] });
    const other = await propose();
    const [created] = transactionsOf(await eventsOf(plan));
    const { body } = await dentist.patch(`/api/treatment-plans/${plan.id}/`, { status: 'completed' });
    expect((body as unknown as Plan).items.map(({ status }) => status)).toEqual(Array(4).fill('done'));
    expect((await dentist.get(`/api/treatment-plans/${other.id}/`)).body).toEqual(other);
    const events = (await eventsOf(plan)).filter((event) => event['transaction_id'] !== created);
    expect(transactionsOf(events).size).toBe(1);
    expect(events.map(({ target, changes }) => [target?.id, changes])).toEqual([
      [String(plan.id), { status: { old: 'proposed', new: 'completed' } }],
      ...plan.items
        .slice(0, 3)
        .map(({ id }) => [String(id), { status: { old: 'planned', new: 'done' } }] as const),
    ]);
  });

  it('go together: what the database takes along is recorded, still about the patient', async () => {
    const plan = await propose();
    expect((await dentist.delete(`/api/treatment-plans/${plan.id}/`)).status).toBe(204);
    expect((await dentist.get(`/api/treatment-plans/${plan.id}/`)).status).toBe(404);
    const deleted = (await eventsOf(plan)).filter(({ action }) => action === 'DELETE');
    expect(deleted).toHaveLength(4);
    expect(transactionsOf(deleted).size).toBe(1);
    for (const event of deleted) {
      expect(event).toMatchObject({ subject_id: String(patient.id), actor: { name: 'Dana Dentist' } });
    }
    expect(deleted[1]).toMatchObject({ before: { service: 'Preparation', price: 12_500 } });
  });

  it('go with their patient, over two cascades, and stay without a dentist who leaves', async () => {
    const gone = await makeSomebody(owner, {});
    const leaver = await makeSomebody(owner, { user_type: 'staff', role: 'dentist' });
    const plan = await propose({ patient: gone.id, dentist: leaver.id });

    expect((await owner.delete(`/api/users/${leaver.id}/`)).status).toBe(204);
    const updates = (await eventsOf(plan)).filter(({ action }) => action === 'UPDATE');
    expect(updates).toMatchObject([
      { changes: { dentist: { old: leaver.id, new: null } }, actor: { role: 'owner' } },
    ]);

    expect((await owner.delete(`/api/users/${gone.id}/`)).status).toBe(204);
    const deleted = (await eventsOf(plan)).filter(({ action }) => action === 'DELETE');
    expect(deleted.map(({ target }) => target?.type)).toEqual([
      'TreatmentPlan',
      ...Array<string>(3).fill('TreatmentPlanItem'),
    ]);
    expect(new Set(deleted.map((event) => event['subject_id']))).toEqual(new Set([String(gone.id)]));
    const [person] = await clinic.trail(`action=DELETE&model=User&object_id=${gone.id}`);
    expect([...transactionsOf(deleted)]).toEqual([person?.['transaction_id']]);
  });

  it('are refused with what is wrong about them', async () => {
    const valid = { patient: patient.id, dentist: dentist.id, title: 'A plan', items: THREE };
    const wrong: [object, string][] = [
      [{ patient: dentist.id }, 'patient'],
      [{ dentist: reception.id }, 'dentist'],
      [{ title: '' }, 'title'],
      [{ status: 'lost' }, 'status'],
      [{ items: [{ ...THREE[0], tooth: 39 }] }, 'items.0.tooth'],
      [{ items: [{ ...THREE[0], price: -1 }] }, 'items.0.price'],
      [{ items: [{ ...THREE[0], id: 1 }] }, 'id'],
    ];
    for (const [fields, field] of wrong) {
      const { status, body } = await dentist.post('/api/treatment-plans/', { ...valid, ...fields });
      expect([field, status]).toEqual([field, 400]);
      expect(body['errors']).toMatchObject([{ field }]);
    }
  });
});

describe('who may what with treatment plans', () => {
  it('lets those who treat write them, patients read their own, and keeps them from the reception', async () => {
    const plan = await propose();
    const other = await propose({ patient: (await clinic.as('canine')).id });
    expect((await patient.get(`/api/treatment-plans/${plan.id}/`)).body).toMatchObject({ ...plan });
    const { body } = await patient.get('/api/treatment-plans/?status=proposed');
    const patients = (body['results'] as { patient: number }[]).map((found) => found.patient);
    expect(new Set(patients)).toEqual(new Set([patient.id]));
    expect((await dentist.get('/api/treatment-plans/?patient=x')).status).toBe(400);
    const attempts = [
      patient.get(`/api/treatment-plans/${other.id}/`),
      patient.patch(`/api/treatment-plans/${plan.id}/`, { status: 'accepted' }),
      patient.delete(`/api/treatment-plans/${plan.id}/`),
      reception.get('/api/treatment-plans/'),
      reception.get(`/api/treatment-plans/${plan.id}/`),
      reception.post('/api/treatment-plans/', { patient: patient.id, dentist: dentist.id, title: 'A plan' }),
    ];
    expect((await Promise.all(attempts)).map(({ status }) => status)).toEqual(Array(6).fill(403));
    const denied = (await clinic.trail('action=ACCESS_DENIED&model=TreatmentPlan')).filter(
      ({ actor }) => actor.id !== String(dentist.id),
    );
    expect(denied.map(({ metadata }) => String(metadata?.['attempted'])).toSorted()).toEqual([
      'CREATE',
      'DELETE',
      'LIST',
      'READ',
      'READ',
      'UPDATE',
    ]);
  });
});
