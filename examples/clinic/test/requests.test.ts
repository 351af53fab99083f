import { join } from 'node:path';

import Database from 'better-sqlite3';
import pg from 'pg';
import { describe, expect, it, vi } from 'vitest';

import { explainErrors } from '../src/http/errors.js';
import type { Client } from './client.js';
import { openForTests, RunningClinic } from './running-clinic.js';

const clinic = await openForTests();
const reception = await clinic.as('reception');

describe('a request', () => {
  it('is answered with and without the final slash, and never from a cache', async () => {
    for (const path of ['/api/health', '/api/health/']) {
      const { status, headers, body } = await clinic.anybody.get(path);
      expect([status, body]).toEqual([200, { status: 'ok' }]);
      expect(headers.get('cache-control')).toBe('no-store');
      expect(headers.get('x-powered-by')).toBeNull();
    }
    for (const path of ['/api/users', '/api/appointments', `/api/users/${reception.id}`]) {
      expect((await reception.get(path)).body).toEqual((await reception.get(`${path}/`)).body);
    }
  });

  it('carries an id that leads to its events', async () => {
    const { headers } = await reception.get(`/api/users/${reception.id}/`);
    const [read] = await clinic.trail(`action=READ&user_id=${reception.id}`);
    expect(read?.['request']).toMatchObject({ id: headers.get('x-request-id') });
  });

  it('is 405 for a method the path has no use for, and 404 for a path that is not there', async () => {
    const wrong = await reception.send('PUT', '/api/users/', '{}');
    expect(wrong.status).toBe(405);
    expect(wrong.headers.get('allow')).toBe('GET, POST');
    expect((await reception.get('/api/login/')).status).toBe(405);
    expect((await reception.delete('/api/audit/logs/')).status).toBe(405);
    expect((await reception.get('/api/nowhere/')).body).toMatchObject({ status: 404, title: 'Not Found' });
    expect((await reception.get('/')).status).toBe(404);
  });

  it('is 400 for malformed JSON and for a body of another shape', async () => {
    for (const body of [
      '{"username":',
      '{"a":1}}',
      'null',
      '[]',
      '"text"',
      '{}',
      '{"__proto__":{"role":"owner"}}',
    ]) {
      const answer = await clinic.anybody.send('POST', '/api/login/', body);
      expect([body, answer.status]).toEqual([body, 400]);
      expect(answer.headers.get('content-type')).toContain('application/problem+json');
    }
    expect((await reception.post('/api/appointments/')).status).toBe(400);
    expect((await clinic.anybody.send('GET', '/api/users/%E0%A4%A/')).status).toBe(400);
  });

  it('of which nobody understood the body is told without a word of it', async () => {
    for (const body of ['hunter2', `{"new_password": 'hunter2'}`]) {
      const path = `/api/users/${reception.id}/change_password/`;
      const { status, headers } = await reception.send('POST', path, body);
      expect(status).toBe(400);
      const told = await clinic.toldOf(headers);
      expect(told).toMatchObject([
        {
          action: 'API_REQUEST',
          outcome: 'failure',
          actor: { id: String(reception.id) },
          error: { message: 'The body is not valid JSON.' },
        },
      ]);
      expect(JSON.stringify(told)).not.toContain('hunter2');
    }
  });

  it('P25: that shows one record or a list is told once, and a second time when it is asked again', async () => {
    const path = `/api/users/${reception.id}/`;
    for (const [asked, action] of [
      [path, 'READ'],
      [path, 'READ'],
      ['/api/users/?role=patient', 'LIST'],
      ['/api/appointments/', 'LIST'],
    ] as const) {
      const { headers } = await reception.get(asked);
      expect(await clinic.toldOf(headers)).toMatchObject([
        { action, source: 'read', request: { statusCode: 200 } },
      ]);
    }
  });

  it('P28: for a record that is not there, or not for this caller, is told once as denied', async () => {
    const patient = await clinic.as('patient');
    for (const [by, path, status, type] of [
      [reception, '/api/users/999999/', 404, 'User'],
      [reception, '/api/invoices/999999/', 404, 'Invoice'],
      [patient, `/api/users/${reception.id}/`, 403, 'User'],
      [reception, '/api/dental-records/', 403, 'DentalRecord'],
      [reception, '/api/audit/logs/', 403, 'AuditEvent'],
      [clinic.anybody, `/api/users/${reception.id}/`, 401, 'User'],
    ] as const) {
      const answer = await by.get(path);
      const attempted = /\d/.test(path) ? 'READ' : 'LIST';
      expect([path, answer.status]).toEqual([path, status]);
      expect(await clinic.toldOf(answer.headers)).toMatchObject([
        {
          action: 'ACCESS_DENIED',
          target: { type },
          metadata: { attempted },
          request: { statusCode: status },
        },
      ]);
    }
    expect(await clinic.toldOf((await clinic.anybody.get('/api/health/')).headers)).toEqual([]);
  });

  it('is 413 for a body of 10 MB, and the clinic goes on', async () => {
    const notes = 'x'.repeat(10 * 1024 * 1024);
    const { status, body } = await reception.post('/api/appointments/', { notes });
    expect([status, body['title']]).toEqual([413, 'Payload Too Large']);
    expect((await reception.get('/api/appointments/')).status).toBe(200);
  });

  it('is 415 for a body that is no JSON', async () => {
    const response = await fetch(`${reception.url}/api/login/`, { method: 'POST', body: 'username=owner' });
    expect(response.status).toBe(415);
  });

  it('is refused with nothing done when its change cannot be recorded', async () => {
    const other = await RunningClinic.start();
    try {
      const by = await other.as('reception');
      const patient = await other.as('patient');
      const booking = { patient: patient.id, date: '2030-01-01', time: '08:00', type: 'Check-up' };
      const db = new Database(join(other.dataDir, 'clinic.db'));
      db.exec('ALTER TABLE indelible_outbox RENAME TO indelible_outbox_away');
      const { status, body } = await by.post('/api/appointments/', booking);
      expect([status, body['title']]).toEqual([503, 'Service Unavailable']);
      expect((await by.get('/api/appointments/')).body['count']).toBe(0);
      expect(other.failures).toContain('OUTBOX_UNAVAILABLE');

      db.exec('ALTER TABLE indelible_outbox_away RENAME TO indelible_outbox');
      db.close();
      expect((await by.post('/api/appointments/', booking)).status).toBe(201);
      expect(await other.trail('model=Appointment&action=CREATE')).toHaveLength(1);
    } finally {
      await other.stop();
    }
  });

  it("whose transaction gave way to another is the caller's to send again", () => {
    const gaveWay = Object.assign(new pg.DatabaseError('deadlock detected', 0, 'error'), { code: '40P01' });
    const next = vi.fn<(error: unknown) => void>();
    explainErrors(gaveWay, {} as never, {} as never, next as never);
    expect(next.mock.calls[0]?.[0]).toMatchObject({ status: 409 });
  });

  it('is recorded under its own caller, however many run at once', async () => {
    const people = await Promise.all(
      ['reception', 'dentist', 'molar', 'floss'].map((name) => clinic.as(name)),
    );
    const patient = await clinic.as('patient');
    const booked = await Promise.all(
      Array.from({ length: 40 }, async (_, i) => {
        const by = people[i % people.length] as Client;
        const booking = { patient: patient.id, date: '2030-01-01', time: '08:00', type: `Turn ${i}` };
        const { status, body } = await by.post('/api/appointments/', booking);
        expect(status).toBe(201);
        return `${String(body['id'])} by ${by.id}`;
      }),
    );
    const created = await clinic.trail('action=CREATE&model=Appointment&page_size=500');
    expect(created.map(({ target, actor }) => `${target?.id} by ${actor.id}`).sort()).toEqual(booked.sort());
  });
});
