import { describe, expect, it } from 'vitest';

import { openForTests } from './running-clinic.js';

const clinic = await openForTests();
const dentist = await clinic.as('dentist');
const reception = await clinic.as('reception');
const patient = await clinic.as('patient');

async function write(fields: object = {}): Promise<number> {
  const { status, body } = await dentist.post('/api/dental-records/', {
    patient: patient.id,
    dentist: dentist.id,
    diagnosis: 'Caries',
    treatment: 'Composite filling',
    ...fields,
  });
  expect(status).toBe(201);
  return Number(body['id']);
}

describe('the life of a dental record', () => {
  it('is told by the trail under its patient, and its label tells nothing of what was found', async () => {
    const id = await write();
    const { body } = await dentist.patch(`/api/dental-records/${id}/`, { notes: 'Sensitive to cold.' });
    expect(body).toMatchObject({ id, diagnosis: 'Caries', notes: 'Sensitive to cold.' });
    expect((await dentist.patch(`/api/dental-records/${id}/`, { diagnosis: 'Caries' })).status).toBe(200);
    expect((await dentist.patch(`/api/dental-records/${id}/`, {})).status).toBe(200);
    expect((await dentist.delete(`/api/dental-records/${id}/`)).status).toBe(204);

    const events = await clinic.trail(
      `model=DentalRecord&object_id=${id}&ordering=timestamp&action=CREATE,UPDATE,DELETE`,
    );
    expect(events.map(({ action, changes }) => [action, Object.keys(changes ?? {})])).toEqual([
      ['CREATE', expect.arrayContaining(['patient', 'dentist', 'diagnosis', 'treatment', 'notes'])],
      ['UPDATE', ['notes']],
      ['DELETE', expect.arrayContaining(['patient', 'diagnosis'])],
    ]);
    for (const event of events) {
      expect(event).toMatchObject({
        actor: { name: 'Dana Dentist' },
        subject_id: String(patient.id),
        target: { label: expect.stringMatching(/^Dental record of \d{4}-\d\d-\d\d$/) },
      });
    }
    expect(events[2]).toMatchObject({ before: { notes: 'Sensitive to cold.' }, after: null });
  });

  it('is refused with what is wrong about it', async () => {
    const valid = { patient: patient.id, dentist: dentist.id, diagnosis: 'Caries', treatment: 'Filling' };
    const wrong = [
      { patient: dentist.id },
      { dentist: reception.id },
      { diagnosis: ' ' },
      { treatment: 7 },
      { colour: 'red' },
    ];
    for (const field of wrong) {
      const { status, body } = await dentist.post('/api/dental-records/', { ...valid, ...field });
      expect(status).toBe(400);
      expect(body['errors']).toMatchObject([{ field: Object.keys(field)[0] }]);
    }
    const id = await write();
    expect((await dentist.patch(`/api/dental-records/${id}/`, { patient: patient.id })).status).toBe(400);
  });
});

describe('a dental record that is not there', () => {
  it("is nobody's business either: asking for it is a denied attempt", async () => {
    const id = await write();
    await dentist.delete(`/api/dental-records/${id}/`);
    expect((await dentist.get(`/api/dental-records/${id}/`)).status).toBe(404);
    expect((await dentist.patch(`/api/dental-records/${id}/`, {})).status).toBe(404);
    const denied = await clinic.trail(`action=ACCESS_DENIED&model=DentalRecord&object_id=${id}`);
    expect(denied.map(({ metadata }) => metadata)).toEqual([{ attempted: 'UPDATE' }, { attempted: 'READ' }]);
    expect(denied[0]).toMatchObject({ outcome: 'denied', request: { status_code: 404 } });
  });
});

describe('who may what with dental records', () => {
  it('lets those who treat write them, and patients read their own', async () => {
    const id = await write();
    const other = await write({ patient: (await clinic.as('canine')).id });
    expect((await patient.get(`/api/dental-records/${id}/`)).body).toMatchObject({ id });
    const { body } = await patient.get('/api/dental-records/');
    const seen = (body['results'] as { patient: number }[]).map((record) => record.patient);
    expect(new Set(seen)).toEqual(new Set([patient.id]));
    const both = await dentist.get(`/api/dental-records/?dentist=${dentist.id}`);
    expect((both.body['results'] as { id: number }[]).map((record) => record.id)).toContain(other);
    const [list] = await clinic.trail(`action=LIST&model=DentalRecord&user_id=${dentist.id}`);
    expect(list?.metadata).toMatchObject({ count: both.body['count'] });
    for (const attempt of [
      patient.get(`/api/dental-records/${other}/`),
      patient.patch(`/api/dental-records/${id}/`, { notes: 'mine' }),
      patient.post('/api/dental-records/', {
        patient: patient.id,
        dentist: dentist.id,
        diagnosis: 'None',
        treatment: 'None',
      }),
    ]) {
      expect((await attempt).status).toBe(403);
    }
  });

  it('keeps them from the reception, and records whose record was asked for', async () => {
    const id = await write();
    const attempts = [
      reception.get('/api/dental-records/'),
      reception.get(`/api/dental-records/${id}/`),
      reception.delete(`/api/dental-records/${id}/`),
    ];
    expect((await Promise.all(attempts)).map(({ status }) => status)).toEqual([403, 403, 403]);
    const denied = await clinic.trail(`action=ACCESS_DENIED&model=DentalRecord&user_id=${reception.id}`);
    const attempted = denied.map(({ metadata }) => String(metadata?.['attempted']));
    expect(attempted.toSorted()).toEqual(['DELETE', 'LIST', 'READ']);
    const about = denied.filter(({ target }) => target?.id === String(id));
    expect(about).toMatchObject([{ subject_id: String(patient.id) }, { subject_id: String(patient.id) }]);
  });
});
