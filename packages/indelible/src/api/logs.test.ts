import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type ApiBed, live, openBed } from '../../test/api/bed.js';
import { EVENT, PAGE } from './schemas.js';
import { flawOf } from './schema.js';
import type { WireEvent } from './wire.js';

describe.each(['sqlite', 'postgres'] as const)('the lists of the API, over %s', (kind) => {
  let bed: ApiBed;
  beforeAll(async () => {
    bed = await openBed(kind);
    await live(bed);
  });
  afterAll(() => bed.close());

  async function found(query: string, as: 'owner' | 'north' = 'north'): Promise<WireEvent[]> {
    const { status, body, text } = await bed.ask(`logs/?${query}`, { as });
    expect([query, status, status === 200 ? '' : text]).toEqual([query, 200, '']);
    expect(flawOf(body, PAGE)).toBeUndefined();
    return body['results'] as WireEvent[];
  }
  const actions = (events: readonly WireEvent[]): string[] => events.map(({ action }) => action);

  it('are pages of events, newest first, with where the next and the previous are', async () => {
    const first = await bed.ask('logs/?page_size=2&model=Patient', { as: 'north' });
    expect(first.body).toMatchObject({ count: 3, count_is_exact: true, previous: null });
    expect(actions(first.body['results'] as WireEvent[])).toEqual(['READ', 'UPDATE']);
    const next = String(first.body['next']);
    expect(next).toMatch(/^\/api\/audit\/logs\/\?page_size=2&model=Patient&cursor=/);
    const second = await bed.ask(next, { as: 'north' });
    expect(actions(second.body['results'] as WireEvent[])).toEqual(['CREATE']);
    expect(second.body['next']).toBeNull();
    const back = await bed.ask(String(second.body['previous']), { as: 'north' });
    expect(back.body['results']).toEqual(first.body['results']);
  });

  it('answer with and without the last slash, and to HEAD without a body', async () => {
    expect((await bed.ask('logs?model=Patient', { as: 'north' })).body['count']).toBe(3);
    const head = await bed.ask('logs/', { as: 'north', method: 'HEAD' });
    expect([head.status, head.text, head.headers.get('content-type')]).toEqual([
      200,
      '',
      'application/json; charset=utf-8',
    ]);
  });

  it('know every filter, and the other names of some', async () => {
    for (const [query, expected] of [
      ['user_id=d1&outcome=success', ['DELETE', 'READ', 'UPDATE', 'CREATE']],
      ['actor_id=d1&action=view', ['READ']],
      ['user=dana&action=created,UPDATED', ['UPDATE', 'CREATE']],
      ['action=read&action=DELETE', ['DELETE', 'READ']],
      ['model=Invoice', ['DELETE']],
      ['content_type=Invoice&object_id=7-north', ['DELETE']],
      ['patient_id=42', ['READ', 'UPDATE', 'CREATE']],
      ['subject_id=42&days=1', ['READ', 'UPDATE', 'CREATE']],
      ['role=dentist&model=Invoice', ['DELETE']],
      ['user_role=dentist&model=Invoice', ['DELETE']],
      ['outcome=failure', ['LOGIN_FAILED']],
      ['source=auth', ['LOGIN_FAILED']],
      ['ip_address=192.0.2.1', ['LOGIN_FAILED']],
      ['search=zo%C3%AB', ['READ', 'UPDATE', 'CREATE']],
      ['tenant_id=north&model=Invoice', ['DELETE']],
      ['model=Patient&ordering=timestamp', ['CREATE', 'UPDATE', 'READ']],
      ['model=Patient&ordering=action', ['CREATE', 'READ', 'UPDATE']],
      ['model=Patient&ordering=-user_email&page_size=3', ['READ', 'UPDATE', 'CREATE']],
      ['end_date=2020-01-01&tz=Pacific/Auckland', []],
      ['start_date=2020-01-01T00:00:00Z&model=Invoice', ['DELETE']],
      ['start_date=2020-01-01T00:00:00.5+01:00&model=Invoice', ['DELETE']],
    ] as const)
      expect([query, actions(await found(query))]).toEqual([query, expected]);
  });

  it('P45: refuse what they do not know, and name it', async () => {
    for (const [query, parameter] of [
      ['nonsense=1', 'nonsense'],
      ['user_id=1&actor_id=2', 'actor_id'],
      ['model=Patient&model=Invoice', 'model'],
      ['model=', 'model'],
      ['model=Nonsense', 'model'],
      ['content_type=Nonsense', 'content_type'],
      ['action=NONSENSE', 'action'],
      ['action=%27%3B', 'action'],
      ['outcome=fine', 'outcome'],
      ['source=x', 'source'],
      ['days=0', 'days'],
      ['days=1e9', 'days'],
      ['page_size=1000000000', 'page_size'],
      ['page_size=-1', 'page_size'],
      ['page_size=NaN', 'page_size'],
      ['start_date=2026-02-30', 'start_date'],
      ['end_date=tomorrow', 'end_date'],
      ['tz=Mars/Olympus', 'tz'],
      ['ordering=email', 'ordering'],
      ['cursor=forged', 'cursor'],
      ['search=%00', 'search'],
      ['user_role=%00', 'user_role'],
    ]) {
      const { status, body, headers } = await bed.ask(`logs/?${query}`, { as: 'north' });
      expect([query, status, body['errors']]).toEqual([
        query,
        400,
        [{ parameter, message: expect.any(String) }],
      ]);
      expect(headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
      expect(String(body['detail'])).toMatch(new RegExp(`^${parameter} `));
    }
  });

  it('P48: find the events of a model that the options no longer name, once there are any', async () => {
    expect((await bed.ask('logs/?model=XRay', { as: 'north' })).status).toBe(400);
    await bed.audit.run({ tenantId: 'north' }, () =>
      bed.audit.record({ action: 'READ', target: { type: 'XRay', id: '1' } }),
    );
    expect(actions(await found('model=XRay'))).toEqual(['READ']);
    // What another tenant has is not known to this one.
    expect((await bed.ask('logs/?model=XRay', { as: 'south' })).status).toBe(400);
  });

  it('P45: count whole days in the zone that is asked for, both included', async () => {
    const [event] = await found('model=Patient&action=READ');
    const time = Date.parse(String(event?.timestamp));
    const day = (offset: number): string => new Date(time + offset * 3_600_000).toISOString().slice(0, 10);
    for (const [tz, offset] of [
      ['UTC', 0],
      ['Etc/GMT-14', 14],
      ['Etc/GMT+12', -12],
    ] as const) {
      const on = encodeURIComponent(tz);
      const query = `start_date=${day(offset)}&end_date=${day(offset)}&tz=${on}&action=READ&model=Patient`;
      expect(actions(await found(query))).toEqual(['READ']);
      expect(actions(await found(`end_date=${day(offset - 24)}&tz=${on}&model=Patient`))).toEqual([]);
    }
  });

  it('show one event with every member there is, null for what is absent, and 404 for none', async () => {
    const [listed] = await found('action=UPDATE');
    const { status, body, headers } = await bed.ask(`logs/${listed?.id}/`, { as: 'north' });
    expect([status, flawOf(body, EVENT)]).toEqual([200, undefined]);
    // Of a list the leaves are not looked up.
    expect({ ...body, leaf_index: null, leaf_hash: null }).toEqual(listed);
    expect(body).toMatchObject({
      actor: { type: 'user', id: 'd1', name: 'Dana of Matterhorn', email: null, on_behalf_of: null },
      changes: { phone: { old: '1', new: '2 Matterhorn' } },
      leaf_index: expect.any(Number),
      leaf_hash: expect.stringMatching(/^[0-9a-f]{64}$/),
      values_hidden: false,
    });
    const etag = headers.get('etag') ?? '';
    const again = await bed.ask(`logs/${listed?.id}/`, { as: 'north', headers: { 'If-None-Match': etag } });
    expect([again.status, again.text]).toEqual([304, '']);
    for (const id of ['01a1fdf0-4424-7143-8035-0dbc4910d31e', 'x', '%20', '..%2F'])
      expect([id, (await bed.ask(`logs/${id}/`, { as: 'north' })).status]).toEqual([id, 404]);
  });
});
