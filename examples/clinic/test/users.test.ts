import { describe, expect, it } from 'vitest';

import { passwordOf } from '../src/made-up-life/people.js';
import type { Client } from './client.js';
import { openForTests } from './running-clinic.js';
import { makeSomebody, somebody } from './somebody.js';

const clinic = await openForTests();
const owner = await clinic.as('owner');
const dentist = await clinic.as('dentist');
const reception = await clinic.as('reception');
const patient = await clinic.as('patient');

describe('who may see whom', () => {
  const types = async (by: Client): Promise<unknown> => {
    const { status, body } = await by.get('/api/users/');
    expect(status).toBe(200);
    const results = body['results'] as { user_type: string }[];
    return [...new Set(results.map((user) => user.user_type))].sort();
  };

  it('shows the owner everybody, staff their colleagues and patients, and a patient themselves', async () => {
    expect(await types(owner)).toEqual(['owner', 'patient', 'staff']);
    expect(await types(dentist)).toEqual(['patient', 'staff']);
    expect(await types(reception)).toEqual(['patient', 'staff']);
    const { body } = await patient.get('/api/users/');
    expect(body).toMatchObject({ count: 1, next: null, previous: null, results: [{ id: patient.id }] });
    expect((await patient.get(`/api/users/${patient.id}/`)).status).toBe(200);
  });

  it('refuses a patient another one, and records who was asked for', async () => {
    const other = await makeSomebody(owner, { user_type: 'patient' });
    const { status, body } = await patient.get(`/api/users/${other.id}/`);
    expect(status).toBe(403);
    expect(body).toMatchObject({ type: 'about:blank', title: 'Forbidden', status: 403 });
    const [event] = await clinic.trail(`action=ACCESS_DENIED&patient_id=${other.id}`);
    expect(event).toMatchObject({
      outcome: 'denied',
      actor: { id: String(patient.id), role: 'patient' },
      target: { type: 'User', id: String(other.id), label: 'Some Body' },
      metadata: { attempted: 'READ' },
    });
  });

  it('records a look at one person, and a list with all it showed', async () => {
    await reception.get(`/api/users/${patient.id}`);
    const [read] = await clinic.trail(`action=view&patient_id=${patient.id}`);
    expect(read).toMatchObject({ action: 'READ', source: 'read', actor: { role: 'receptionist' } });

    const { body } = await reception.get('/api/users/?user_type=patient');
    const ids = (body['results'] as { id: number }[]).map(({ id }) => id);
    const [list] = await clinic.trail(`action=LIST&model=User&subject_id=${patient.id}`);
    expect(list?.metadata).toEqual({ count: ids.length, total: body['count'], ids: ids.map(String) });
    expect(list).toMatchObject({ request: { query: { user_type: 'patient' } } });
  });
});

describe('who may change whom', () => {
  it('lets staff look after patients, and only the owner decide about staff', async () => {
    for (const by of [owner, dentist, reception])
      expect(await makeSomebody(by, {})).toMatchObject({ user_type: 'patient' });
    expect(await makeSomebody(owner, { user_type: 'staff', role: 'hygienist' })).toMatchObject({
      role: 'hygienist',
    });
    for (const by of [dentist, reception, patient]) {
      const { status } = await by.post('/api/users/', somebody({ user_type: 'staff', role: 'dentist' }));
      expect(status).toBe(403);
    }
    expect((await patient.post('/api/users/', somebody({}))).status).toBe(403);
    expect((await patient.patch(`/api/users/${patient.id}/`, { last_name: 'X' })).status).toBe(403);
    expect((await dentist.patch(`/api/users/${owner.id}/`, { last_name: 'X' })).status).toBe(403);
    expect((await reception.delete(`/api/users/${dentist.id}/`)).status).toBe(403);
    const denied = await clinic.trail(`action=ACCESS_DENIED&object_id=${dentist.id}`);
    expect(denied).toMatchObject([{ actor: { role: 'receptionist' }, metadata: { attempted: 'DELETE' } }]);
  });

  it('needs a role for staff, and one that fits the user type', async () => {
    for (const wrong of [
      { user_type: 'staff' },
      { user_type: 'patient', role: 'dentist' },
      { role: 'king' },
    ]) {
      const { status, body } = await owner.post('/api/users/', somebody(wrong));
      expect(status).toBe(400);
      expect(body['errors']).toMatchObject([{ field: 'role' }]);
    }
  });

  it('records a change with old and new of what differs, and nothing for a save without a difference', async () => {
    const { id } = await makeSomebody(reception, {});
    expect((await reception.patch(`/api/users/${id}/`, { last_name: 'Wed' })).body).toMatchObject({
      last_name: 'Wed',
    });
    expect((await reception.patch(`/api/users/${id}/`, { last_name: 'Wed' })).status).toBe(200);
    const updates = await clinic.trail(`action=updated&object_id=${id}`);
    expect(updates).toHaveLength(1);
    expect(updates[0]).toMatchObject({
      actor: { username: 'reception', email: 'reception@clinic.example', name: 'Robin Reception' },
      target: { type: 'User', id: String(id), label: 'Some Wed' },
      subject_id: String(id),
      operation: 'User.update',
      changes: { last_name: { old: 'Body', new: 'Wed' } },
      changed_fields: ['last_name'],
      before: { last_name: 'Body' },
      after: { last_name: 'Wed' },
    });
  });

  it('takes back what a GET gave, but changes role and activity only by their own actions', async () => {
    const { id } = await makeSomebody(owner, {});
    const { body } = await owner.get(`/api/users/${id}/`);
    expect((await owner.put(`/api/users/${id}/`, { ...body, first_name: 'New' })).body).toEqual({
      ...body,
      first_name: 'New',
    });
    const { status, body: problem } = await owner.put(`/api/users/${id}/`, {
      ...body,
      role: 'owner',
      is_active: false,
    });
    expect(status).toBe(400);
    expect(problem['errors']).toMatchObject([{ field: 'role' }, { field: 'is_active' }]);
    expect((await owner.put(`/api/users/${id}/`, { first_name: 'Only' })).status).toBe(400);
  });

  it('changes a role by the owner alone, as a change and as an act of the same transaction', async () => {
    const { id } = await makeSomebody(owner, {});
    const change = { role: 'hygienist', reason: 'hired' };
    expect((await reception.post(`/api/users/${id}/change_role/`, change)).status).toBe(403);
    expect((await owner.post(`/api/users/${id}/change_role/`, change)).body).toMatchObject({
      user_type: 'staff',
      role: 'hygienist',
    });
    const [act] = await clinic.trail(`object_id=${id}&action=ROLE_CHANGE`);
    const [update] = await clinic.trail(`object_id=${id}&action=UPDATE&model=User`);
    expect(act).toMatchObject({
      action: 'ROLE_CHANGE',
      reason: 'hired',
      metadata: { from: 'patient', to: 'hygienist' },
    });
    expect(update).toMatchObject({
      action: 'UPDATE',
      reason: 'hired',
      changes: { role: { old: 'patient', new: 'hygienist' }, user_type: { old: 'patient', new: 'staff' } },
      transaction_id: act?.['transaction_id'],
    });
    expect(act?.['transaction_id']).toEqual(expect.any(String));
  });

  it('never lets the last owner go', async () => {
    expect((await owner.delete(`/api/users/${owner.id}/`)).status).toBe(409);
    expect((await owner.post(`/api/users/${owner.id}/deactivate/`)).status).toBe(409);
    expect((await owner.post(`/api/users/${owner.id}/change_role/`, { role: 'patient' })).status).toBe(409);
    expect((await owner.get(`/api/users/${owner.id}/`)).body).toMatchObject({
      role: 'owner',
      is_active: true,
    });
  });

  it('answers 404 for a user who is not there', async () => {
    for (const id of ['999999', '0', '-1', '1e3', 'x', '99999999999999999999', '%00']) {
      expect((await owner.get(`/api/users/${id}/`)).status).toBe(404);
    }
  });
});

describe('looking for somebody', () => {
  it('P27: finds a part of a name, and is told as a search: for what, and whom it showed', async () => {
    const { body, headers } = await reception.get('/api/users/?search=ORLA');
    expect(body).toMatchObject({ count: 0 });
    const found = await reception.get('/api/users/?search=a%20in&user_type=patient');
    expect(found.body).toMatchObject({ count: 1, results: [{ username: 'incisor' }] });
    expect((await reception.get('/api/users/?search=%25')).body).toMatchObject({ count: 0 });
    expect((await reception.get('/api/users/?search=')).status).toBe(400);

    expect(await clinic.toldOf(headers)).toMatchObject([
      { action: 'SEARCH', metadata: { search: 'ORLA', ids: [] } },
    ]);
    const id = String((await clinic.as('incisor')).id);
    expect(await clinic.toldOf(found.headers)).toMatchObject([
      {
        action: 'SEARCH',
        target: { type: 'User' },
        subjects: [id],
        metadata: { search: 'a in', count: 1, total: 1, ids: [id] },
        actor: { role: 'receptionist' },
      },
    ]);
  });
});

describe('verifying an e-mail address', () => {
  it('is noted by the owner or the reception once, as a change and as an act of the same transaction', async () => {
    const { id } = await makeSomebody(owner, {});
    const path = `/api/users/${id}/verify_email/`;
    expect((await owner.get(`/api/users/${id}/`)).body).toMatchObject({ email_verified: false });
    expect((await dentist.post(path)).status).toBe(403);
    const { status, body, headers } = await reception.post(path);
    expect([status, body['email_verified']]).toEqual([200, true]);
    const told = await clinic.toldOf(headers);
    expect(told.map(({ action }) => action).sort()).toEqual(['EMAIL_VERIFIED', 'UPDATE']);
    expect(new Set(told.map(({ transactionId }) => transactionId)).size).toBe(1);
    for (const event of told) {
      expect(event).toMatchObject({
        target: { type: 'User', id: String(id), label: 'Some Body' },
        subjectId: String(id),
        actor: { role: 'receptionist' },
      });
    }
    expect((await reception.post(path)).status).toBe(200);
    expect(await clinic.trail(`action=EMAIL_VERIFIED&object_id=${id}`)).toHaveLength(1);
    const [denied] = await clinic.trail(`action=ACCESS_DENIED&object_id=${id}`);
    expect(denied).toMatchObject({ subject_id: String(id), metadata: { attempted: 'EMAIL_VERIFIED' } });
  });

  it('is needed anew for another address', async () => {
    const { id } = await makeSomebody(owner, {});
    await owner.post(`/api/users/${id}/verify_email/`);
    const path = `/api/users/${id}/`;
    expect((await reception.patch(path, { last_name: 'X' })).body).toMatchObject({ email_verified: true });
    const { body } = await reception.patch(path, { email: 'another@clinic.example' });
    expect(body).toMatchObject({ email_verified: false });
    expect((await reception.patch(path, { email_verified: true })).body['errors']).toMatchObject([
      { field: 'email_verified' },
    ]);
  });
});

describe('changing a password', () => {
  it('needs the current one, ends the other sessions, and records the act without the value', async () => {
    const { id, username } = await makeSomebody(owner, { password: 'the-first-one' });
    const here = await clinic.anybody.signIn(username, 'the-first-one');
    const elsewhere = await clinic.anybody.signIn(username, 'the-first-one');
    const path = `/api/users/${id}/change_password/`;
    const wrong = await here.post(path, { current_password: 'a-wrong-one', new_password: 'the-second-one' });
    expect(wrong.status).toBe(400);
    expect(wrong.body['errors']).toMatchObject([{ field: 'current_password' }]);
    expect((await here.post(path, { new_password: 'the-second-one' })).status).toBe(400);
    const right = { current_password: 'the-first-one', new_password: 'the-second-one' };
    expect((await here.post(path, right)).status).toBe(204);
    expect((await here.get(`/api/users/${id}`)).status).toBe(200);
    expect((await elsewhere.get(`/api/users/${id}`)).status).toBe(401);
    await expect(clinic.anybody.signIn(username, 'the-first-one')).rejects.toThrow('cannot sign in');

    const events = await clinic.trail(`object_id=${id}&action=PASSWORD_CHANGE,UPDATE`);
    expect(events.map(({ action, outcome }) => `${action} ${outcome}`).sort()).toEqual([
      'PASSWORD_CHANGE failure',
      'PASSWORD_CHANGE failure',
      'PASSWORD_CHANGE success',
      'UPDATE success',
    ]);
    const update = events.find(({ action }) => action === 'UPDATE');
    expect(update?.changes).toEqual({ password_hash: { old: '[redacted]', new: '[redacted]' } });
  });

  it('is open to the owner for others, and to nobody else', async () => {
    const { id, username } = await makeSomebody(owner, {});
    const body = { new_password: 'given-by-the-owner' };
    expect((await dentist.post(`/api/users/${id}/change_password/`, body)).status).toBe(403);
    expect((await owner.post(`/api/users/${id}/change_password/`, body)).status).toBe(204);
    expect((await clinic.anybody.signIn(username, body.new_password)).id).toBe(id);
  });
});

describe('passwords and tokens', () => {
  it('are nowhere in the trail: not in the file, the spool or the outbox', async () => {
    const { username, id } = await makeSomebody(owner, { password: 'seen-by-nobody-1' });
    const own = await clinic.anybody.signIn(username, 'seen-by-nobody-1');
    await own.get(`/api/users/${id}/?token=${own.token}&password=seen-by-nobody-1`);
    await own.post(`/api/users/${id}/change_password/`, {
      current_password: 'seen-by-nobody-1',
      new_password: 'seen-by-nobody-2',
    });
    await clinic.anybody.post('/api/login/', { username, password: passwordOf('seen-by-nobody-3') });
    const onTheWay = clinic.trailBytes();
    await clinic.clinic.audit.flush();
    const kept = clinic.trailBytes();
    expect(kept).toContain(`${username}@clinic.example`);
    for (const secret of ['seen-by-nobody', String(own.token), 'scrypt$', clinic.storedDigest(id)]) {
      expect(onTheWay).not.toContain(secret);
      expect(kept).not.toContain(secret);
    }
  });
});
