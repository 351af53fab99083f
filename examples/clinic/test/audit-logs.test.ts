import { describe, expect, it } from 'vitest';

import type { Event } from './client.js';
import { openForTests } from './running-clinic.js';

const clinic = await openForTests();
const owner = await clinic.as('owner');
const dentist = await clinic.as('dentist');
const patient = await clinic.as('patient');

// A little life with an event for every filter to find.
const booking = { date: '2030-05-06', time: '09:30', type: 'Check-up' };
const appointmentId = Number((await patient.post('/api/appointments/', booking)).body['id']);
await dentist.get(`/api/appointments/${appointmentId}/`);
await dentist.patch(`/api/appointments/${appointmentId}/`, { notes: 'Likes jazz.' });
await patient.delete(`/api/appointments/${appointmentId}/`);
await clinic.anybody.post('/api/login/', { username: 'dentist', password: 'wrong' });
await clinic.clinic.audit.seal();

/** Every event under a filter passes; an empty answer proves nothing. */
async function expectAll(filter: string, test: (event: Event) => boolean): Promise<void> {
  const events = await clinic.trail(filter);
  expect([filter, events.length > 0 && events.every(test)]).toEqual([filter, true]);
}

describe('who may read the trail', () => {
  it('is the owner alone; anybody else is refused, and that is recorded', async () => {
    for (const path of ['/api/audit/logs/', `/api/audit/logs/${(await clinic.trail(''))[0]?.id}/`]) {
      expect((await dentist.get(path)).status).toBe(403);
      expect((await patient.get(path)).status).toBe(403);
      expect((await clinic.anybody.get(path)).status).toBe(401);
      expect((await owner.get(path)).status).toBe(200);
    }
    const denied = await clinic.trail(`action=ACCESS_DENIED&model=AuditEvent&user_id=${dentist.id}`);
    expect(denied).toMatchObject([
      { actor: { name: 'Dana Dentist' }, metadata: { attempted: 'READ' }, request: { status_code: 403 } },
      { actor: { name: 'Dana Dentist' }, metadata: { attempted: 'LIST' }, target: { type: 'AuditEvent' } },
    ]);
  });

  it('is recorded once for a question and its pages, and again for another question', async () => {
    const question = '/api/audit/logs/?page_size=2&search=dana';
    const first = await owner.get(question);
    await owner.get(question);
    await owner.get(String(first.body['next']));
    await owner.get('/api/audit/logs/?search=dana&page_size=2');
    const viewed = async (): Promise<number> => (await clinic.trail('action=AUDIT_VIEWED')).length;
    await viewed();
    const before = await viewed();
    await owner.get(question);
    expect(await viewed()).toBe(before);
    await owner.get('/api/audit/logs/?search=somebody-else');
    expect(await viewed()).toBe(before + 1);
    const views = await clinic.trail('action=AUDIT_VIEWED');
    expect(views[0]).toMatchObject({
      actor: { role: 'owner' },
      request: { query: { search: 'somebody-else' } },
    });
  });
});

describe('one event on the wire', () => {
  it('has every member, in snake_case, with null for what is absent', async () => {
    const [listed] = await clinic.trail(`action=UPDATE&object_id=${appointmentId}`);
    const { status, body } = await owner.get(`/api/audit/logs/${listed?.id}`);
    expect(status).toBe(200);
    expect(body).toEqual({ ...listed, leaf_index: expect.any(Number), leaf_hash: expect.any(String) });
    expect(listed).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      recorded_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
      occurred_at: null,
      action: 'UPDATE',
      outcome: 'success',
      source: 'model',
      actor: {
        type: 'user',
        id: String(dentist.id),
        username: 'dentist',
        email: 'dentist@clinic.example',
        name: 'Dana Dentist',
        role: 'dentist',
        on_behalf_of: null,
      },
      tenant_id: null,
      target: { type: 'Appointment', id: String(appointmentId), label: 'Check-up on 2030-05-06 09:30' },
      subject_id: String(patient.id),
      subject_label: null,
      subjects: [],
      changes: { notes: { old: '', new: 'Likes jazz.' } },
      changed_fields: ['notes'],
      before: { notes: '' },
      after: { notes: 'Likes jazz.' },
      operation: 'Appointment.update',
      transaction_id: expect.any(String),
      reason: null,
      ip_address: '127.0.0.1',
      ip_source: 'socket',
      user_agent: 'node',
      request: {
        id: expect.any(String),
        method: 'PATCH',
        path: `/api/appointments/${appointmentId}/`,
        route: '/api/appointments/:id',
        query: null,
        status_code: null,
        duration_ms: null,
      },
      session_id: expect.any(String),
      trace_id: null,
      error: null,
      metadata: null,
      count: 1,
      flags: [],
      leaf_index: null,
      leaf_hash: null,
      erased: false,
      values_hidden: false,
    });
  });

  it('is 404 where there is none', async () => {
    for (const id of ['01a1fdf0-4424-7143-8035-0dbc4910d31e', 'x', '1', '%20']) {
      expect((await owner.get(`/api/audit/logs/${id}/`)).status).toBe(404);
    }
  });
});

describe('the filters', () => {
  it('find by who acted', async () => {
    for (const name of ['user_id', 'actor_id']) {
      await expectAll(`${name}=${dentist.id}`, (event) => event.actor.name === 'Dana Dentist');
    }
    for (const part of ['Dana', 'dentist@clinic.example', 'DENTIST']) {
      await expectAll(`user=${part}`, (event) => event.actor.name === 'Dana Dentist');
    }
    for (const name of ['role', 'user_role']) {
      await expectAll(`${name}=patient`, ({ actor }) => actor['role'] === 'patient');
    }
  });

  it('find by action: repeated, listed, in any case, and by the words people use', async () => {
    const actions = async (filter: string): Promise<string[]> =>
      [...new Set((await clinic.trail(filter)).map(({ action }) => action))].sort();
    expect(await actions('action=update')).toEqual(['UPDATE']);
    expect(await actions('action=UPDATE,read')).toEqual(['READ', 'UPDATE']);
    expect(await actions('action=UPDATE&action=READ')).toEqual(['READ', 'UPDATE']);
    expect(await actions('action=view')).toEqual(['READ']);
    expect(await actions('action=created')).toEqual(['CREATE']);
    expect(await actions('action=updated')).toEqual(['UPDATE']);
    expect(await actions('action=login')).toEqual(['LOGIN_SUCCESS']);
  });

  it('find by what was touched, and by patient', async () => {
    for (const name of ['model', 'content_type']) {
      await expectAll(`${name}=Appointment`, ({ target }) => target?.type === 'Appointment');
    }
    expect(await clinic.trail(`model=Appointment&object_id=${appointmentId}`)).toHaveLength(4);
    for (const name of ['patient_id', 'subject_id']) {
      const filter = `${name}=${patient.id}&model=Appointment`;
      await expectAll(filter, (event) => event['subject_id'] === String(patient.id));
    }
  });

  it('find by outcome, source and address', async () => {
    await expectAll('outcome=denied', ({ action }) => action === 'ACCESS_DENIED');
    await expectAll('outcome=failure', ({ action }) => action === 'LOGIN_FAILED');
    for (const source of ['auth', 'model', 'read', 'request'])
      await expectAll(`source=${source}`, (event) => event['source'] === source);
    await expectAll('ip_address=127.0.0.1', (event) => event['ip_address'] === '127.0.0.1');
    expect(await clinic.trail('ip_address=192.0.2.1')).toEqual([]);
  });

  it('find by time: whole days of a zone, instants, and the last days', async () => {
    const all = (await clinic.trail('page_size=500')).length;
    const today = new Date().toISOString().slice(0, 10);
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
    expect(
      (await clinic.trail(`start_date=${today}&end_date=${today}&page_size=500`)).length,
    ).toBeGreaterThanOrEqual(all);
    expect(await clinic.trail(`start_date=${tomorrow}`)).toEqual([]);
    expect(await clinic.trail(`end_date=2020-01-01&tz=Pacific/Auckland`)).toEqual([]);
    const [update] = await clinic.trail('action=UPDATE');
    const instant = encodeURIComponent(String(update?.['timestamp']));
    expect(await clinic.trail(`action=UPDATE&start_date=${instant}`)).toHaveLength(1);
    expect(await clinic.trail(`action=UPDATE&end_date=${instant}`)).toHaveLength(0);
    expect((await clinic.trail('days=1&page_size=500')).length).toBeGreaterThanOrEqual(all);
  });

  it('find by text, and within a tenant', async () => {
    await expectAll('search=Check-up', ({ target }) => target?.type === 'Appointment');
    expect(await clinic.trail('search=no-such-thing-anywhere')).toEqual([]);
    expect(await clinic.trail('tenant_id=another-clinic')).toEqual([]);
  });

  it('order by time, actor and action, forwards and backwards', async () => {
    for (const [ordering, value] of [
      ['timestamp', (event: Event) => event.id],
      ['action', (event: Event) => event.action],
      ['actor', (event: Event) => String(event.actor['username'])],
      ['user_email', (event: Event) => String(event.actor['username'])],
    ] as const) {
      const filter = 'page_size=500&user=clinic.example&action=CREATE,UPDATE,LOGIN';
      const forwards = (await clinic.trail(`ordering=${ordering}&${filter}`)).map(value);
      const backwards = (await clinic.trail(`ordering=-${ordering}&${filter}`)).map(value);
      expect(forwards).toEqual([...forwards].sort());
      expect(backwards).toEqual([...backwards].sort().toReversed());
      expect(new Set(forwards).size).toBeGreaterThan(1);
    }
  });
});

describe('the pages', () => {
  it('lead from one to the next and back, each event once', async () => {
    const filter = '/api/audit/logs/?page_size=3&action=CREATE,UPDATE,READ&model=User';
    const { body: first } = await owner.get(filter);
    expect(first).toMatchObject({ previous: null, count_is_exact: true });
    const all = await clinic.trail('page_size=500&action=CREATE,UPDATE,READ&model=User');
    expect(first['count']).toBe(all.length);
    const seen: string[] = [];
    let page = first;
    for (;;) {
      seen.push(...(page['results'] as Event[]).map(({ id }) => id));
      if (page['next'] === null) break;
      expect(String(page['next'])).toMatch(/^\/api\/audit\/logs\/\?page_size=3&.*cursor=/);
      page = (await owner.get(String(page['next']))).body;
    }
    expect(seen).toEqual(all.map(({ id }) => id));
    const back = (await owner.get(String(page['previous']))).body;
    expect((back['results'] as Event[]).map(({ id }) => id)).toEqual(
      seen.slice(-lengthOf(page) - 3, -lengthOf(page)),
    );
  });

  it('refuse a cursor that is forged, or that belongs to another question', async () => {
    const { body } = await owner.get('/api/audit/logs/?page_size=1');
    const cursor = new URLSearchParams(String(body['next']).split('?')[1]).get('cursor');
    for (const query of ['cursor=forged', `cursor=${cursor}&action=READ`, `cursor=${cursor}x`]) {
      const answer = await owner.get(`/api/audit/logs/?page_size=1&${query}`);
      expect([query, answer.status]).toEqual([query, 400]);
      expect(answer.body).toMatchObject({ title: 'Bad Request', errors: [{ parameter: 'cursor' }] });
    }
  });
});

describe('what cannot be asked', () => {
  it('is a 400 that names the parameter', async () => {
    const wrong = [
      'colour=red',
      'format=csv',
      'constructor=1',
      '__proto__=1',
      'page_size=0',
      'page_size=501',
      'page_size=1e2',
      'page_size=-1',
      'days=0',
      'days=NaN',
      'outcome=good',
      'source=nowhere',
      'model=Spaceship',
      'action=..',
      'action=',
      'start_date=soon',
      'end_date=2026-02-30',
      'tz=Mars/Olympus',
      'ordering=colour',
      'user=',
      'search=a&search=b',
      'user_id=1&actor_id=2',
      `search=${'x'.repeat(501)}`,
      'user=%00',
      'ip_address=%ED%A0%80%00',
    ];
    for (const query of wrong) {
      const { status, headers, body } = await owner.get(`/api/audit/logs/?${query}`);
      expect([query, status]).toEqual([query, 400]);
      expect(headers.get('content-type')).toContain('application/problem+json');
      const names = query.split('&').map((pair) => pair.split('=')[0]);
      const [{ parameter }] = body['errors'] as [{ parameter: string }];
      expect(names).toContain(parameter);
      expect(String(body['detail'])).toContain(parameter);
    }
  });
});

function lengthOf(page: Readonly<Record<string, unknown>>): number {
  return (page['results'] as unknown[]).length;
}
