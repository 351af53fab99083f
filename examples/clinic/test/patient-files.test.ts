import { join } from 'node:path';

import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';

import type { Answer, Client } from './client.js';
import { openForTests, RunningClinic } from './running-clinic.js';
import { uploadPath } from './samples.js';

const clinic = await openForTests();
const owner = await clinic.as('owner');
const dentist = await clinic.as('dentist');
const reception = await clinic.as('reception');
const patient = await clinic.as('patient');

// What is kept of the patient, and something of somebody else's.
const canine = await clinic.as('canine');
for (const of of [patient, canine]) {
  const care = { patient: of.id, dentist: dentist.id };
  const visit = { ...care, date: '2030-05-06', time: '09:30', type: 'Filling' };
  const { body: appointment } = await reception.post('/api/appointments/', visit);
  await dentist.post('/api/dental-records/', { ...care, diagnosis: 'Caries', treatment: 'Filling' });
  const items = [{ service: 'Filling', tooth: 36, price: 8_000 }];
  await dentist.post('/api/treatment-plans/', { ...care, title: 'Two fillings', items });
  const invoice = { appointment: appointment['id'], amount: 8_000, due_date: '2030-06-01', status: 'sent' };
  const { body: drawn } = await reception.post('/api/invoices/', invoice);
  await reception.post(`/api/invoices/${String(drawn['id'])}/pay/`, { amount: 8_000, method: 'card' });
  await reception.post('/api/intake-forms/', { patient: of.id, allergies: 'Latex' });
  await dentist.post('/api/progress-notes/', { patient: of.id, text: 'Heals well.' });
  await dentist.send('POST', uploadPath(Number(of.id)), 'a picture');
  await reception.post('/api/billing/', { patient: of.id, amount: 4_500 });
  const claim = { patient: of.id, invoice: drawn['id'], insurer: 'Imaginary Mutual', amount: 8_000 };
  await reception.post('/api/claims/', claim);
}

function exportOf(
  by: Client,
  id: number | undefined,
  body: object = { reason: 'moves away' },
): Promise<Answer> {
  return by.post(`/api/users/${id}/export_records/`, body);
}

async function listed(by: Client, path: string): Promise<unknown> {
  return (await by.get(path)).body['results'];
}

describe("a patient's file", () => {
  it('is one document to keep, with everything that is theirs and nothing of anybody else', async () => {
    const { status, headers, body } = await exportOf(dentist, patient.id);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    expect(headers.get('content-disposition')).toBe(`attachment; filename=patient-${patient.id}.json`);
    expect(body).toEqual({
      exported_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
      patient: (await patient.get(`/api/users/${patient.id}/`)).body,
      appointments: await listed(patient, '/api/appointments/'),
      dental_records: await listed(patient, '/api/dental-records/'),
      treatment_plans: await listed(patient, '/api/treatment-plans/'),
      intake_forms: await listed(patient, '/api/intake-forms/'),
      documents: await listed(patient, '/api/documents/'),
      progress_notes: await listed(patient, '/api/progress-notes/'),
      billing: await listed(patient, '/api/billing/'),
      invoices: await listed(patient, '/api/invoices/'),
      claims: await listed(patient, '/api/claims/'),
    });
    expect(body).toMatchObject({
      intake_forms: [{ allergies: 'Latex' }],
      documents: [{ filename: 'tooth.png' }],
      progress_notes: [{ text: 'Heals well.' }],
      billing: [{ amount: 4_500 }],
      claims: [{ insurer: 'Imaginary Mutual' }],
      treatment_plans: [{ items: [{ service: 'Filling' }] }],
      invoices: [{ payments: [{ amount: 8_000, method: 'card' }] }],
    });
    expect(JSON.stringify(body)).not.toContain('scrypt');
  });

  it('leaves one event: who took it, of whom, why, and what was in it', async () => {
    const { headers } = await exportOf(dentist, patient.id, { reason: 'asked for by her insurance' });
    const told = await clinic.toldOf(headers);
    expect(told).toMatchObject([
      {
        action: 'EXPORT',
        outcome: 'success',
        source: 'read',
        actor: { name: 'Dana Dentist' },
        target: { type: 'User', id: String(patient.id), label: 'Pat Patient' },
        subjectId: String(patient.id),
        reason: 'asked for by her insurance',
        request: { statusCode: 200 },
        metadata: {
          filename: `patient-${patient.id}.json`,
          size: Number(headers.get('content-length')),
          appointments: 1,
          dental_records: 1,
          treatment_plans: 1,
          intake_forms: 1,
          documents: 1,
          progress_notes: 1,
          billing: 1,
          invoices: 1,
          claims: 1,
        },
      },
    ]);
    expect(JSON.stringify(told)).not.toContain('Caries');
  });

  it('needs a reason', async () => {
    for (const body of [{}, { reason: ' ' }, { reason: 7 }]) {
      const { status, headers, body: problem } = await exportOf(dentist, patient.id, body);
      expect([status, problem['errors']]).toMatchObject([400, [{ field: 'reason' }]]);
      expect(await clinic.toldOf(headers)).toMatchObject([{ action: 'API_REQUEST', outcome: 'failure' }]);
    }
  });

  it('is for those who treat and for the patient; anybody else is refused, and the trail says whose it was', async () => {
    const floss = await clinic.as('floss');
    for (const by of [owner, dentist, floss, patient])
      expect((await exportOf(by, patient.id)).status).toBe(200);
    for (const by of [reception, canine]) {
      const { status, headers } = await exportOf(by, patient.id);
      expect(status).toBe(403);
      expect(await clinic.toldOf(headers)).toMatchObject([
        {
          action: 'ACCESS_DENIED',
          outcome: 'denied',
          actor: { id: String(by.id) },
          target: { type: 'User', id: String(patient.id) },
          subjectId: String(patient.id),
          metadata: { attempted: 'EXPORT' },
        },
      ]);
    }
    expect((await exportOf(clinic.anybody, patient.id)).status).toBe(401);
    expect((await exportOf(owner, dentist.id)).status).toBe(404);
    expect((await exportOf(owner, 999_999)).status).toBe(404);
  });

  it('never leaves while the trail cannot take the event', async () => {
    const other = await RunningClinic.start();
    onTestFinished(() => other.stop());
    const by = await other.as('owner');
    const { id } = await other.as('patient');
    const trail = new Database(join(other.dataDir, 'audit.db'));
    onTestFinished(() => void trail.close());
    await other.clinic.audit.flush();
    trail.exec('ALTER TABLE indelible_event RENAME TO indelible_event_away');
    const { status, headers, body } = await exportOf(by, id);
    expect([status, body['title']]).toEqual([503, 'Service Unavailable']);
    expect(JSON.stringify(body)).not.toContain('Patient');
    expect(headers.get('content-disposition')).toBeNull();
    expect(other.failures).toContain('TRAIL_UNAVAILABLE');
    expect((await by.get(`/api/users/${id}/`)).status).toBe(200);

    trail.exec('ALTER TABLE indelible_event_away RENAME TO indelible_event');
    expect((await exportOf(by, id)).status).toBe(200);
    expect(await other.trail(`action=EXPORT&subject_id=${id}`)).toHaveLength(1);
  });
});
