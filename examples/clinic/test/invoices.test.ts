import { describe, expect, it } from 'vitest';

import { openForTests } from './running-clinic.js';
import { makeSomebody } from './somebody.js';

const clinic = await openForTests();
const owner = await clinic.as('owner');
const dentist = await clinic.as('dentist');
const reception = await clinic.as('reception');
const patient = await clinic.as('patient');

interface Drawn {
  readonly id: number;
  readonly appointment: number;
}

async function draw(fields: object = {}, of = patient.id): Promise<Drawn> {
  const booking = { patient: of, date: '2030-05-06', time: '09:30', type: 'Filling' };
  const { body: appointment } = await reception.post('/api/appointments/', booking);
  const { status, body } = await reception.post('/api/invoices/', {
    appointment: appointment['id'],
    amount: 8_000,
    due_date: '2030-06-01',
    ...fields,
  });
  expect(status).toBe(201);
  return body as unknown as Drawn;
}

describe('the life of an invoice', () => {
  it('is told by the trail, payments and all, about the patient of the appointment', async () => {
    const { id } = await draw();
    const path = `/api/invoices/${id}`;
    expect((await reception.patch(path, { amount: 9_000, status: 'sent' })).status).toBe(200);
    const { body: half } = await reception.post(`${path}/pay/`, { amount: 4_000, method: 'cash' });
    expect(half).toMatchObject({ status: 'sent', payments: [{ amount: 4_000, method: 'cash' }] });
    const { body: paid } = await reception.post(`${path}/pay/`, { amount: 5_000, method: 'card' });
    expect(paid).toMatchObject({ status: 'paid', patient: patient.id });
    const refund = { amount: 9_000, reason: 'the filling came out' };
    expect((await reception.post(`${path}/refund/`, refund)).body).toMatchObject({ status: 'refunded' });

    const invoice = await clinic.trail(`model=Invoice&object_id=${id}&ordering=timestamp`);
    expect(invoice.map(({ action, changes }) => [action, changes?.['status']])).toEqual([
      ['CREATE', { new: 'draft' }],
      ['UPDATE', { old: 'draft', new: 'sent' }],
      ['UPDATE', { old: 'sent', new: 'paid' }],
      ['UPDATE', { old: 'paid', new: 'refunded' }],
    ]);
    const payments = await clinic.trail('model=Payment&ordering=timestamp');
    expect(payments.map(({ target }) => target?.label)).toEqual([
      'Payment of 40.00',
      'Payment of 50.00',
      'Refund of 90.00',
    ]);
    for (const event of [...invoice, ...payments]) {
      expect(event).toMatchObject({ subject_id: String(patient.id), actor: { role: 'receptionist' } });
    }
    expect(invoice[3]).toMatchObject({ reason: 'the filling came out' });
    expect(payments[1]?.['transaction_id']).toBe(invoice[2]?.['transaction_id']);
    expect(payments[2]?.['transaction_id']).toBe(invoice[3]?.['transaction_id']);
  });

  it('allows at each step only what fits it', async () => {
    const { id } = await draw();
    const path = `/api/invoices/${id}`;
    const money = { amount: 100, method: 'cash' };
    expect((await reception.post(`${path}/pay/`, money)).status).toBe(409);
    await reception.patch(path, { status: 'sent' });
    expect((await reception.patch(path, { amount: 1 })).status).toBe(409);
    expect((await reception.delete(path)).status).toBe(409);
    expect((await reception.post(`${path}/refund/`, { amount: 1, reason: 'none' })).status).toBe(409);
    const { status, body } = await reception.post(`${path}/pay/`, { ...money, amount: 8_001 });
    expect([status, body['errors']]).toMatchObject([400, [{ field: 'amount' }]]);
    expect((await reception.post(`${path}/pay/`, money)).status).toBe(200);
    expect((await reception.patch(path, { status: 'void' })).status).toBe(409);

    const other = await draw({ status: 'sent' });
    expect((await reception.patch(`/api/invoices/${other.id}`, { status: 'void' })).body).toMatchObject({
      status: 'void',
    });
    const draft = await draw();
    expect((await reception.delete(`/api/invoices/${draft.id}`)).status).toBe(204);
    const [deleted] = await clinic.trail(`action=DELETE&model=Invoice&object_id=${draft.id}`);
    expect(deleted).toMatchObject({
      before: { amount: 8_000 },
      target: { label: 'Invoice of 80.00 due 2030-06-01' },
    });
  });

  it('is refused with what is wrong about it', async () => {
    const { appointment } = await draw();
    const valid = { appointment, amount: 8_000, due_date: '2030-06-01' };
    for (const field of [
      { appointment: 999_999 },
      { amount: 0 },
      { amount: 10.5 },
      { due_date: 'soon' },
      { status: 'paid' },
    ]) {
      const { status, body } = await reception.post('/api/invoices/', { ...valid, ...field });
      expect(status).toBe(400);
      expect(body['errors']).toMatchObject([{ field: Object.keys(field)[0] }]);
    }
  });
});

describe('what was invoiced', () => {
  it('stays, its patient too: the refusal is answered, and recorded once', async () => {
    const { id } = await makeSomebody(owner, {});
    const { appointment } = await draw({}, id);
    for (const [model, path] of [
      ['Appointment', `/api/appointments/${appointment}/`],
      ['User', `/api/users/${id}/`],
    ] as const) {
      expect((await reception.delete(path)).status).toBe(409);
      expect((await reception.get(path)).status).toBe(200);
      const refused = await clinic.trail(`model=${model}&outcome=failure`);
      expect(refused).toMatchObject([
        {
          action: 'DELETE',
          operation: `${model}.delete`,
          actor: { role: 'receptionist' },
          request: { path },
          error: { code: 'SQLITE_CONSTRAINT_FOREIGNKEY' },
        },
      ]);
    }
    expect(await clinic.trail('action=DELETE&model=User&outcome=success')).toEqual([]);
  });
});

describe('who may what with invoices', () => {
  it('lets the office write them, patients read their own, and keeps them from those who treat', async () => {
    const own = await draw({ status: 'sent' });
    const other = await draw({}, (await clinic.as('canine')).id);
    expect((await patient.get(`/api/invoices/${own.id}/`)).body).toMatchObject({ id: own.id, payments: [] });
    const { body } = await patient.get('/api/invoices/');
    const patients = (body['results'] as { patient: number }[]).map((found) => found.patient);
    expect(new Set(patients)).toEqual(new Set([patient.id]));
    const mine = await reception.get(`/api/invoices/?appointment=${own.appointment}`);
    expect(mine.body).toMatchObject({ count: 1, results: [{ id: own.id }] });
    const money = { amount: 1, method: 'cash' };
    const attempts = [
      patient.get(`/api/invoices/${other.id}/`),
      patient.post(`/api/invoices/${own.id}/pay/`, money),
      patient.patch(`/api/invoices/${own.id}/`, { status: 'void' }),
      dentist.get('/api/invoices/'),
      dentist.get(`/api/invoices/${own.id}/`),
      dentist.post('/api/invoices/', { appointment: own.appointment, amount: 1, due_date: '2030-06-01' }),
    ];
    expect((await Promise.all(attempts)).map(({ status }) => status)).toEqual(Array(6).fill(403));
    const [denied] = await clinic.trail(`action=ACCESS_DENIED&object_id=${other.id}&model=Invoice`);
    expect(denied).toMatchObject({
      subject_id: String((await clinic.as('canine')).id),
      metadata: { attempted: 'READ' },
    });
  });
});
