import { describe, expect, it } from 'vitest';

import { openForTests } from './running-clinic.js';
import { makeSomebody, PASSWORD } from './somebody.js';

const clinic = await openForTests();
const owner = await clinic.as('owner');
const dentist = await clinic.as('dentist');
const reception = await clinic.as('reception');
const patient = await clinic.as('patient');

describe('deleting a user', () => {
  it('leaves who they were, and what was theirs, readable in the trail', async () => {
    const { id } = await makeSomebody(reception, { first_name: 'Gone', last_name: 'Patient' });
    const booking = { patient: id, dentist: dentist.id, date: '2030-01-02', time: '10:00', type: 'Check-up' };
    const { body: appointment } = await reception.post('/api/appointments/', booking);
    expect((await reception.delete(`/api/users/${id}/`)).status).toBe(204);
    expect((await owner.get(`/api/users/${id}/`)).status).toBe(404);
    expect((await owner.get(`/api/appointments/${String(appointment['id'])}/`)).status).toBe(404);

    const events = await clinic.trail(`patient_id=${id}`);
    expect(events.map(({ action, target }) => `${action} ${target?.type}`)).toEqual([
      'DELETE User',
      'DELETE Appointment',
      'CREATE Appointment',
      'CREATE User',
    ]);
    expect(new Set(events.slice(0, 2).map((event) => event['transaction_id'])).size).toBe(1);
    expect(events[0]).toMatchObject({
      target: { type: 'User', id: String(id), label: 'Gone Patient' },
      before: { first_name: 'Gone', user_type: 'patient', password_hash: '[redacted]' },
      after: null,
    });
    expect(events[1]).toMatchObject({
      subject_id: String(id),
      actor: { role: 'receptionist' },
      before: { patient: id, time: '10:00' },
    });
  });

  it('leaves their own acts under their name, and their appointments without a dentist', async () => {
    const { id, username } = await makeSomebody(owner, {
      user_type: 'staff',
      role: 'dentist',
      last_name: 'Leaving',
    });
    const leaving = await clinic.anybody.signIn(username, PASSWORD);
    const booking = { patient: patient.id, dentist: id, date: '2030-01-03', time: '11:00', type: 'Filling' };
    const { body: appointment } = await leaving.post('/api/appointments/', booking);
    expect((await owner.delete(`/api/users/${id}/`)).status).toBe(204);
    expect((await leaving.get('/api/appointments/')).status).toBe(401);

    const [booked] = await clinic.trail(`user_id=${id}&action=CREATE`);
    expect(booked?.actor).toMatchObject({ id: String(id), name: 'Some Leaving', username, role: 'dentist' });
    const [freed] = await clinic.trail(`action=UPDATE&object_id=${String(appointment['id'])}`);
    expect(freed).toMatchObject({ changes: { dentist: { old: id, new: null } }, actor: { role: 'owner' } });
  });

  it('never gives the id of a deleted user to another', async () => {
    const { id } = await makeSomebody(owner, {});
    await owner.delete(`/api/users/${id}/`);
    expect((await makeSomebody(owner, {})).id).toBeGreaterThan(id);
  });

  it('P24: by themselves is recorded under their own name, and all that was theirs stays readable', async () => {
    const { id, username } = await makeSomebody(reception, { first_name: 'Leah', last_name: 'Leaving' });
    const leaving = await clinic.anybody.signIn(username, PASSWORD);
    const booking = { date: '2030-01-04', time: '12:00', type: 'Check-up' };
    const { body: appointment } = await leaving.post('/api/appointments/', booking);
    expect((await leaving.delete(`/api/users/${id}/`)).status).toBe(204);

    const [deleted] = await clinic.trail(`action=DELETE&model=User&object_id=${id}`);
    const theirs = { id: String(id), name: 'Leah Leaving', username, role: 'patient' };
    expect(deleted).toMatchObject({
      actor: theirs,
      target: { label: 'Leah Leaving' },
      subject_id: String(id),
      before: { username, email: `${username}@clinic.example`, user_type: 'patient' },
      request: { method: 'DELETE', path: `/api/users/${id}/` },
    });
    const acts = await clinic.trail(`user_id=${id}&ordering=timestamp`);
    expect(acts.map(({ action, target }) => `${action} ${target?.type}`)).toEqual([
      'LOGIN_SUCCESS User',
      'CREATE Appointment',
      'DELETE Appointment',
      'DELETE User',
    ]);
    for (const { actor } of acts) expect(actor).toMatchObject(theirs);
    const history = await clinic.trail(`patient_id=${id}&model=Appointment&ordering=timestamp`);
    expect(history).toMatchObject([{ action: 'CREATE' }, { action: 'DELETE', before: appointment }]);

    expect((await leaving.get('/api/appointments/')).status).toBe(401);
    const [turnedAway] = await clinic.trail('action=ACCESS_DENIED');
    expect(turnedAway).toMatchObject({ actor: { type: 'anonymous', id: null } });
  });

  it('P24: as an owner, who leaves another one behind, is recorded alike; as staff it is refused', async () => {
    const { id, username } = await makeSomebody(owner, { user_type: 'owner', last_name: 'Founder' });
    const founder = await clinic.anybody.signIn(username, PASSWORD);
    expect((await founder.delete(`/api/users/${id}/`)).status).toBe(204);
    const [deleted] = await clinic.trail(`action=DELETE&object_id=${id}`);
    expect(deleted).toMatchObject({ actor: { id: String(id), name: 'Some Founder', role: 'owner' } });

    expect((await dentist.delete(`/api/users/${dentist.id}/`)).status).toBe(403);
    const [denied] = await clinic.trail(`action=ACCESS_DENIED&object_id=${dentist.id}`);
    expect(denied).toMatchObject({ metadata: { attempted: 'DELETE' }, actor: { id: String(dentist.id) } });
  });

  it('takes no other patient along, and nobody who has been invoiced', async () => {
    const { id } = await makeSomebody(reception, {});
    expect((await patient.delete(`/api/users/${id}/`)).status).toBe(403);
    const booking = { date: '2030-01-05', time: '12:00', type: 'Check-up' };
    const { body } = await patient.post('/api/appointments/', booking);
    const invoice = { appointment: body['id'], amount: 100, due_date: '2030-02-01' };
    expect((await owner.post('/api/invoices/', invoice)).status).toBe(201);
    expect((await patient.delete(`/api/users/${patient.id}/`)).status).toBe(409);
    expect((await patient.get('/api/appointments/')).status).toBe(200);
  });
});
