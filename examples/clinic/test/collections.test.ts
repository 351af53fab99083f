import { describe, expect, it } from 'vitest';

import { FreshRecords } from './fresh-records.js';
import { openForTests } from './running-clinic.js';
import { CHANGE, NEW } from './samples.js';
import { makeSomebody } from './somebody.js';

const clinic = await openForTests();
const fresh = await FreshRecords.in(clinic);
const owner = await clinic.as('owner');
const dentist = await clinic.as('dentist');
const reception = await clinic.as('reception');
const patient = await clinic.as('patient');

const RESOURCES = [...Object.keys(NEW).filter((name) => name !== 'users'), 'documents'];

describe.each(RESOURCES)('the collection of %s', (resource) => {
  it('takes back what a GET gave, and finds that nothing has changed', async () => {
    const id = await fresh.make(resource);
    const path = `/api/${resource}/${id}/`;
    const { body } = await owner.get(path);
    const { status, body: answered, headers } = await owner.put(path, body);
    expect([status, answered]).toEqual([200, body]);
    const told = await clinic.toldOf(headers);
    expect(told.filter(({ action }) => action !== 'API_REQUEST')).toEqual([]);
    expect((await owner.put(path, { ...body, id: id + 1 })).body['errors']).toMatchObject([{ field: 'id' }]);
    expect((await owner.patch(path, { colour: 'red' })).body['errors']).toMatchObject([{ field: 'colour' }]);
  });

  it('tells a change with old and new, and the end with the whole record', async () => {
    const id = await fresh.make(resource);
    const path = `/api/${resource}/${id}/`;
    const changes = { ...(await CHANGE[resource]?.(fresh.care, fresh)) };
    const { body } = await owner.patch(path, changes);
    expect(body).toMatchObject(changes);
    const removed = resource === 'invoices' ? await fresh.make(resource) : id;
    const { status, headers } = await owner.delete(`/api/${resource}/${removed}/`);
    expect(status).toBe(204);
    expect(await clinic.toldOf(headers)).toContainEqual(
      expect.objectContaining({ action: 'DELETE', target: expect.objectContaining({ id: String(removed) }) }),
    );
    expect((await owner.get(`/api/${resource}/${removed}/`)).status).toBe(404);
    const updates = await clinic.trail(`action=UPDATE&object_id=${id}`);
    expect(updates[0]?.changes).toMatchObject(
      Object.fromEntries(Object.keys(changes).map((field) => [field, { new: expect.anything() }])),
    );
  });

  it('comes in pages of fifty', async () => {
    const { body } = await owner.get(`/api/${resource}/?page=1`);
    expect(body).toMatchObject({ next: null, previous: null });
    expect((body['results'] as unknown[]).length).toBe(body['count']);
    expect((await owner.get(`/api/${resource}/?colour=red`)).body['errors']).toMatchObject([
      { field: 'colour' },
    ]);
  });
});

describe('rules of their own', () => {
  it('a claim that is submitted is an act beside the change: to whom, and for how much', async () => {
    const id = await fresh.make('claims');
    const { headers } = await reception.patch(`/api/claims/${id}/`, { status: 'submitted' });
    const told = await clinic.toldOf(headers);
    expect(told.map(({ action }) => action).sort()).toEqual(['CLAIM_SUBMITTED', 'UPDATE']);
    expect(new Set(told.map(({ transactionId }) => transactionId)).size).toBe(1);
    expect(told.find(({ action }) => action === 'CLAIM_SUBMITTED')).toMatchObject({
      subjectId: String(patient.id),
      metadata: { insurer: 'Imaginary Mutual', amount: 8_000 },
    });
    const again = await reception.patch(`/api/claims/${id}/`, { status: 'submitted' });
    expect((await clinic.toldOf(again.headers)).map(({ action }) => action)).not.toContain('CLAIM_SUBMITTED');
  });

  it('a claim, a bill and a note are about the patient of what they name, or refused', async () => {
    const { id: other } = await makeSomebody(owner, {});
    const appointment = await fresh.appointment();
    const invoice = await fresh.sentInvoice();
    const claim = { patient: other, invoice, insurer: 'Nowhere Health', amount: 100 };
    for (const [by, path, body, field] of [
      [reception, '/api/claims/', claim, 'invoice'],
      [reception, '/api/billing/', { patient: other, appointment, amount: 100 }, 'appointment'],
      [dentist, '/api/progress-notes/', { patient: other, appointment, text: 'x' }, 'appointment'],
      [dentist, '/api/progress-notes/', { patient: other, author: reception.id, text: 'x' }, 'author'],
      [reception, '/api/intake-forms/', { patient: dentist.id }, 'patient'],
      [owner, '/api/profiles/', { user: other, title: 'Dr', registration_number: '1' }, 'user'],
      [owner, '/api/inventory/', { name: 'Masks', quantity: 1, unit: 'box', location: 999_999 }, 'location'],
      [owner, '/api/locations/', { name: 'X', address: 'X', timezone: 'Mars/Olympus' }, 'timezone'],
    ] as const) {
      const { status, body: problem } = await by.post(path, body);
      expect([path, status, problem['errors']]).toMatchObject([path, 400, [{ field }]]);
    }
  });

  it('a change of a setting is told as one of the settings too', async () => {
    const id = await fresh.make('settings');
    const { headers } = await owner.patch(`/api/settings/${id}/`, { value: 'off' });
    const told = await clinic.toldOf(headers);
    expect(told.map(({ action }) => action).sort()).toEqual(['SETTINGS_CHANGE', 'UPDATE']);
    expect(told.find(({ action }) => action === 'UPDATE')).toMatchObject({
      changes: { value: { old: 'on', new: 'off' } },
    });
    const { body } = await owner.get(`/api/settings/${id}/`);
    const taken = await owner.post('/api/settings/', { key: body['key'], value: 'x' });
    expect([taken.status, taken.body['errors']]).toMatchObject([409, [{ field: 'key' }]]);
  });

  it('a leaflet that is not published is seen by the owner alone', async () => {
    const id = await fresh.make('resources', { published: false });
    expect((await owner.get(`/api/resources/${id}/`)).body).toMatchObject({ published: false });
    expect((await patient.get(`/api/resources/${id}/`)).status).toBe(403);
    const { body } = await patient.get('/api/resources/');
    expect((body['results'] as { id: number }[]).map((found) => found.id)).not.toContain(id);
  });

  it('patients fill in their own intake form without saying whose it is, and change it', async () => {
    const { status, body } = await patient.post('/api/intake-forms/', { allergies: 'Nuts' });
    expect([status, body['patient']]).toEqual([201, patient.id]);
    const path = `/api/intake-forms/${String(body['id'])}/`;
    const signed = await patient.patch(path, { signed_at: '2030-05-06T09:00:00Z' });
    expect(signed.body).toMatchObject({ allergies: 'Nuts', signed_at: '2030-05-06T09:00:00Z' });
    expect((await patient.delete(path)).status).toBe(403);
  });

  it('whoever writes a note is its author, and whoever treats writes about themselves', async () => {
    const { body } = await dentist.post('/api/progress-notes/', { patient: patient.id, text: 'Heals well.' });
    expect(body).toMatchObject({ author: dentist.id });
    const profile = await dentist.post('/api/profiles/', { title: 'Dr', registration_number: 'NOWHERE-1' });
    expect([profile.status, profile.body['user']]).toEqual([201, dentist.id]);
    const path = `/api/profiles/${String(profile.body['id'])}/`;
    expect((await dentist.patch(path, { bio: 'Likes jazz.' })).status).toBe(200);
    expect((await (await clinic.as('molar')).patch(path, { bio: 'Mine.' })).status).toBe(403);
  });
});
