import { describe, expect, it } from 'vitest';

import type { Client } from './client.js';
import { openForTests } from './running-clinic.js';

const clinic = await openForTests();
const owner = await clinic.as('owner');
const dentist = await clinic.as('dentist');
const reception = await clinic.as('reception');
const patient = await clinic.as('patient');

interface Booked {
  readonly id: number;
  readonly [field: string]: unknown;
}

async function book(by: Client, fields: object = {}): Promise<Booked> {
  const answer = await by.post('/api/appointments/', {
    patient: patient.id,
    dentist: dentist.id,
    date: '2030-05-06',
    time: '09:30',
    type: 'Check-up',
    ...fields,
  });
  expect(answer.status).toBe(201);
  return answer.body as Booked;
}

describe('the life of an appointment', () => {
  it('is told by the trail: who, what, which patient, when, from where, before and after', async () => {
    const { id } = await book(reception);
    await reception.patch(`/api/appointments/${id}/`, { notes: 'Nervous: take time.' });
    await reception.post(`/api/appointments/${id}/reschedule/`, {
      date: '2030-05-07',
      time: '10:00',
      reason: 'ill',
    });
    const { body } = await dentist.post(`/api/appointments/${id}/complete/`, {});
    expect(body).toMatchObject({ id, status: 'completed', date: '2030-05-07', time: '10:00' });

    const events = await clinic.trail(`model=Appointment&object_id=${id}&ordering=timestamp`);
    const rows = events.filter(({ changes }) => changes !== null);
    expect(rows.map(({ action, changes }) => [action, Object.keys(changes ?? {}).sort()])).toEqual([
      ['CREATE', expect.arrayContaining(['patient', 'dentist', 'date', 'time', 'type', 'status', 'notes'])],
      ['UPDATE', ['notes']],
      ['UPDATE', ['date', 'time']],
      ['UPDATE', ['status']],
    ]);
    const [created, , moved, completed] = rows;
    const acts = events.filter(({ changes }) => changes === null);
    expect(acts.map(({ action }) => action)).toEqual(['APPOINTMENT_RESCHEDULED']);
    const [act] = acts;
    expect(created).toMatchObject({
      actor: { name: 'Robin Reception', role: 'receptionist' },
      target: { type: 'Appointment', id: String(id), label: 'Check-up on 2030-05-06 09:30' },
      subject_id: String(patient.id),
      operation: 'Appointment.create',
      ip_address: '127.0.0.1',
      before: null,
      after: { patient: patient.id, status: 'confirmed' },
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
    expect(moved).toMatchObject({
      reason: 'ill',
      before: { date: '2030-05-06', time: '09:30' },
      after: { date: '2030-05-07', time: '10:00' },
      transaction_id: act?.['transaction_id'],
    });
    expect(act).toMatchObject({
      reason: 'ill',
      metadata: { was_for: '2030-05-06 09:30', now_for: '2030-05-07 10:00' },
    });
    expect(completed).toMatchObject({
      actor: { name: 'Dana Dentist' },
      changes: { status: { old: 'confirmed', new: 'completed' } },
    });
  });

  it('is cancelled with a reason, once', async () => {
    const { id } = await book(reception);
    expect((await reception.post(`/api/appointments/${id}/cancel/`, {})).status).toBe(400);
    expect((await reception.post(`/api/appointments/${id}/cancel/`, { reason: ' ' })).status).toBe(400);
    const { body } = await reception.post(`/api/appointments/${id}/cancel/`, { reason: 'moved away' });
    expect(body).toMatchObject({ status: 'cancelled' });
    for (const action of ['cancel', 'complete', 'reschedule']) {
      const again = {
        cancel: { reason: 'again' },
        complete: {},
        reschedule: { date: '2030-01-01', time: '08:00' },
      };
      const answer = await reception.post(
        `/api/appointments/${id}/${action}/`,
        again[action as keyof typeof again],
      );
      expect([action, answer.status]).toEqual([action, 409]);
    }
    const events = await clinic.trail(`object_id=${id}&action=APPOINTMENT_CANCELLED,UPDATE`);
    expect(events.map(({ action }) => action).sort()).toEqual(['APPOINTMENT_CANCELLED', 'UPDATE']);
    for (const event of events) expect(event).toMatchObject({ reason: 'moved away' });
  });

  it('ends with the whole record in the trail when it is deleted', async () => {
    const appointment = await book(reception, { notes: 'by mistake' });
    expect((await reception.delete(`/api/appointments/${appointment.id}`)).status).toBe(204);
    expect((await reception.get(`/api/appointments/${appointment.id}`)).status).toBe(404);
    const [event] = await clinic.trail(`action=deleted&object_id=${appointment.id}`);
    expect(event).toMatchObject({ before: appointment, after: null, actor: { role: 'receptionist' } });
  });

  it('can be replaced as a whole', async () => {
    const { id } = await book(reception, { notes: 'will go' });
    const replacement = {
      patient: patient.id,
      date: '2030-06-01',
      time: '08:00',
      type: 'Cleaning',
      status: 'no_show',
    };
    const { status, body } = await reception.put(`/api/appointments/${id}/`, replacement);
    expect(status).toBe(200);
    expect(body).toEqual({ ...replacement, id, dentist: null, location: null, notes: '' });
    expect((await reception.put(`/api/appointments/${id}/`, { ...body, id: id + 1 })).status).toBe(400);
  });

  it('is refused with what is wrong about it', async () => {
    const wrong = [
      { patient: 999_999 },
      { patient: dentist.id },
      { dentist: reception.id },
      { location: 42 },
      { date: '2030-02-30' },
      { time: '24:00' },
      { status: 'lost' },
      { type: '' },
      { colour: 'red' },
    ];
    for (const field of wrong) {
      const valid = { patient: patient.id, date: '2030-05-06', time: '09:30', type: 'Check-up' };
      const { status, body } = await reception.post('/api/appointments/', { ...valid, ...field });
      expect(status).toBe(400);
      expect(body['errors']).toMatchObject([{ field: Object.keys(field)[0] }]);
    }
  });
});

describe('who may what with appointments', () => {
  it('lets patients see and book their own, and nothing more', async () => {
    const own = await book(patient, { patient: undefined });
    expect(own).toMatchObject({ patient: patient.id, status: 'confirmed' });
    const other = await book(reception, { patient: (await clinic.as('canine')).id });
    expect((await patient.get(`/api/appointments/${own.id}/`)).status).toBe(200);
    const { body } = await patient.get('/api/appointments/');
    const patients = (body['results'] as Booked[]).map((appointment) => appointment['patient']);
    expect(new Set(patients)).toEqual(new Set([patient.id]));
    const attempts = [
      patient.get(`/api/appointments/${other.id}/`),
      patient.patch(`/api/appointments/${own.id}/`, { notes: 'mine' }),
      patient.delete(`/api/appointments/${own.id}/`),
      patient.post(`/api/appointments/${own.id}/complete/`, {}),
      patient.post(`/api/appointments/${own.id}/cancel/`, { reason: 'no' }),
      patient.post('/api/appointments/', {
        patient: other['patient'],
        date: '2030-01-01',
        time: '09:00',
        type: 'X',
      }),
    ];
    expect((await Promise.all(attempts)).map(({ status }) => status)).toEqual([403, 403, 403, 403, 403, 403]);
    const denied = await clinic.trail(`action=ACCESS_DENIED&user_id=${patient.id}`);
    expect(denied.map(({ metadata }) => String(metadata?.['attempted'])).sort()).toEqual([
      'CREATE',
      'DELETE',
      'READ',
      'UPDATE',
      'UPDATE',
      'UPDATE',
    ]);
  });

  it('lets the owner and staff see and change all of them', async () => {
    const { id } = await book(reception);
    for (const by of [owner, dentist, reception]) {
      expect((await by.get(`/api/appointments/${id}/`)).status).toBe(200);
      expect((await by.patch(`/api/appointments/${id}/`, { notes: `seen by ${by.id}` })).status).toBe(200);
    }
    const reads = await clinic.trail(`action=READ&model=Appointment&object_id=${id}`);
    expect(reads.map(({ actor }) => actor['role'])).toEqual(['receptionist', 'dentist', 'owner']);
  });
});

describe('a list of appointments', () => {
  it('comes in pages of fifty, with the addresses of its neighbours', async () => {
    const wisdom = await clinic.as('wisdom');
    for (let i = 0; i < 51; i++) await book(reception, { patient: wisdom.id });
    const first = await reception.get(`/api/appointments/?patient=${wisdom.id}`);
    expect(first.body).toMatchObject({ count: 51, previous: null });
    expect(first.body['results']).toHaveLength(50);
    expect(first.body['next']).toBe(`/api/appointments/?patient=${wisdom.id}&page=2`);
    const second = await reception.get(String(first.body['next']));
    expect(second.body).toMatchObject({ count: 51, next: null });
    expect(second.body['results']).toHaveLength(1);
    expect(second.body['previous']).toBe(`/api/appointments/?patient=${wisdom.id}&page=1`);
  });

  it('is narrowed by what it holds, and refuses what it does not know', async () => {
    const { id } = await book(reception, { date: '2031-01-01' });
    const { body } = await reception.get('/api/appointments/?date=2031-01-01&status=confirmed');
    expect(body).toMatchObject({ count: 1, results: [{ id }] });
    for (const wrong of [
      'colour=red',
      'page=0',
      'page=x',
      'status=lost',
      'patient=',
      'date=soon',
      'page=1&page=2',
    ]) {
      const answer = await reception.get(`/api/appointments/?${wrong}`);
      expect([wrong, answer.status]).toEqual([wrong, 400]);
      expect(answer.body['errors']).toMatchObject([{ field: wrong.split('=')[0] }]);
    }
  });
});
