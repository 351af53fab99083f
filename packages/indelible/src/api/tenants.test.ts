import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { answered, type ApiBed, live, ONLY_SOUTH, openBed, requestFor } from '../../test/api/bed.js';
import type { WireEvent } from './wire.js';
import { apiSettings } from './options.js';
import type { Route } from './route.js';
import { routesOf } from './routes/routes.js';

const ROUTES = routesOf(apiSettings({ authorize: () => null }));

describe.each(['sqlite', 'postgres'] as const)('P47: whoever belongs to a tenant, over %s,', (kind) => {
  let bed: ApiBed;
  let foreign: WireEvent;
  let foreignHold: string;
  let foreignPolicy: string;
  beforeAll(async () => {
    bed = await openBed(kind);
    await live(bed);
    foreign = (
      (await bed.ask('logs/?action=UPDATE', { as: 'south' })).body['results'] as WireEvent[]
    )[0] as WireEvent;
    const body = { match: { subject_id: '42-south' }, reason: `claim of ${ONLY_SOUTH}` };
    foreignHold = String(
      (await bed.ask('retention/holds/', { as: 'south', method: 'POST', body })).body['id'],
    );
    const policy = { match: { model: 'SouthModel' }, days: 2_500, reason: `law of ${ONLY_SOUTH}` };
    foreignPolicy = String(
      (await bed.ask('retention/', { as: 'south', method: 'POST', body: policy })).body['id'],
    );
    await bed.audit.seal();
  });
  afterAll(() => bed.close());

  /** Every way to name what is the other tenant's: in the path, by a parameter, in the body. */
  function attemptsAt(route: Route): { readonly path: string; readonly body?: unknown }[] {
    const path = route.path.replace('{model}', 'Patient');
    const ids = path.startsWith('logs/{id}')
      ? [foreign.id]
      : ['42', '7-south', foreignHold, foreignPolicy].map(encodeURIComponent);
    const paths = path.includes('{id}') ? ids.map((id) => path.replace('{id}', id)) : [path];
    const values: Record<string, string> = {
      tenant_id: 'south',
      user: 'south',
      search: 'south',
      object_id: '7-south',
      ip_address: '192.0.2.2',
      model: 'Patient',
      user_id: 'd1',
    };
    const queries = (route.parameters ?? [])
      .filter(({ name }) => Object.hasOwn(values, name))
      .map(({ name }) => `?${name}=${values[name]}`);
    const match = { tenant_id: 'south', subject_id: '42-south' };
    const bodies = route.body === undefined ? [undefined] : [{ match, reason: 'x', days: 3_000 }, {}];
    return paths.flatMap((one) =>
      ['', ...queries].flatMap((query) =>
        bodies.map((body) => ({ path: `${one}${query}`, ...(body && { body }) })),
      ),
    );
  }

  it.each(ROUTES.map((route) => [`${route.method} ${route.path}`, route] as const))(
    'learns nothing of another by %s',
    async (_, route) => {
      for (const { path, body } of attemptsAt(route)) {
        const signal = route.path === 'tail/' ? AbortSignal.timeout(150) : undefined;
        const request = requestFor(path, {
          as: 'north',
          method: route.method,
          body,
          ...(signal && { signal }),
        });
        const response = await bed.api(request);
        const { text, status } =
          route.path === 'tail/' && response.status === 200
            ? { text: await untilAborted(response), status: 200 }
            : await answered(response);
        expect([path, status, text.includes(ONLY_SOUTH)]).toEqual([path, status, false]);
        expect(status).toBeLessThan(500);
        expect(expectedOf(route, path, status)).toContain(status);
      }
    },
  );

  /** What is refused outright, what is not there for them, and what may come of the rest. */
  function expectedOf(route: Route, path: string, status: number): readonly number[] {
    // What a body says is looked at before whose it is.
    if (path.includes('tenant_id=south')) return route.body === undefined ? [403] : [400, 403];
    if (route.path.startsWith('logs/{id}')) return [404];
    return route.path.includes('{id}') && route.path.startsWith('retention/') ? [400, 404] : [status];
  }

  it('counts their own alone', async () => {
    const mine = (await bed.ask('logs/?model=Patient', { as: 'north' })).body['count'];
    const all = (await bed.ask('logs/?model=Patient', { as: 'owner' })).body['count'];
    expect([mine, all]).toEqual([3, 6]);
    const sums = async (as: 'north' | 'owner', path: string): Promise<number> =>
      Number((await bed.ask(path, { as })).body['total_logs']);
    for (const path of ['logs/stats/', 'logs/summary/'])
      expect(await sums('north', path)).toBeLessThan(await sums('owner', path));
    expect(await sums('owner', 'logs/summary/?tenant_id=north')).toBe(await sums('north', 'logs/summary/'));
    expect((await bed.ask('retention/preview/', { as: 'north' })).body).toMatchObject({
      holds: [],
      policies: [],
    });
    expect((await bed.ask('integrity/', { as: 'north' })).body).toMatchObject({ unsealed_count: null });
  });

  it('sees, where they belong to none, the events of none', async () => {
    const other = await openBed(kind, { authorize: () => ({ id: 'p1', tenantId: '', may: 'all' }) });
    await live(other);
    const id = await other.audit.record({ action: 'READ', target: { type: 'Patient', id: '42' } });
    const page = await other.ask('logs/?model=Patient');
    expect((page.body['results'] as WireEvent[]).map((event) => event.id)).toEqual([id]);
    expect((await other.ask('records/Patient/42/history/')).body['count']).toBe(1);
    expect((await other.ask('logs/?tenant_id=north')).status).toBe(403);
    const north = await other.audit.find({ tenantId: 'north', model: 'Patient', pageSize: 1 });
    expect((await other.ask(`logs/${north.events[0]?.id}/`)).status).toBe(404);
    await other.close();
  });

  it('need not be, where there are no tenants: then whoever sees all sees what belongs to none', async () => {
    const other = await openBed(kind, { tenants: false });
    await live(other);
    await other.audit.record({ action: 'READ', target: { type: 'Patient', id: '42' }, subjectId: '42' });
    const counts = async (path: string): Promise<unknown> =>
      (await other.ask(path, { as: 'owner' })).body['count'];
    expect(await counts('logs/?model=Patient')).toBe(1);
    expect(await counts('records/Patient/42/history/')).toBe(1);
    expect(await counts('subjects/42/history/?action=READ')).toBe(1);
    expect(await counts('logs/?model=Patient&tenant_id=north')).toBe(3);
    const file = await other.ask('logs/export/?format=ndjson&model=Patient', { as: 'owner' });
    expect(file.headers.get('x-indelible-events')).toBe('1');
    expect((await other.ask('integrity/verify/', { as: 'owner', method: 'POST' })).status).toBe(202);
    await other.close();
  });

  it('cannot page on where another has begun, nor where the program around works for another', async () => {
    const { body } = await bed.ask('logs/?model=Patient&page_size=1', { as: 'south' });
    expect((await bed.ask(String(body['next']), { as: 'south' })).status).toBe(200);
    expect((await bed.ask(String(body['next']), { as: 'north' })).body).toMatchObject({
      status: 400,
      code: 'INVALID_CURSOR',
      errors: [{ parameter: 'cursor' }],
    });
    const inside = await bed.audit.run({ tenantId: 'south' }, () =>
      bed.ask('logs/?model=Patient&action=create,update,read', { as: 'north' }),
    );
    expect(inside.body['count']).toBe(3);
    expect(inside.text).not.toContain(ONLY_SOUTH);
    expect((await bed.recorded('AUDIT_VIEWED')).at(-1)).toMatchObject({ tenantId: 'north' });
  });

  it('changes no rule of another', async () => {
    const holds = (await bed.ask('retention/holds/', { as: 'south' })).body['results'] as { id: string }[];
    expect(holds.map(({ id }) => id)).toEqual([foreignHold]);
    const policies = (await bed.ask('retention/', { as: 'south' })).body['results'] as object[];
    expect(policies).toEqual([
      {
        id: foreignPolicy,
        match: { tenant_id: 'south', model: 'SouthModel' },
        days: 2_500,
        reason: `law of ${ONLY_SOUTH}`,
      },
    ]);
  });
});

async function untilAborted(response: Response): Promise<string> {
  let text = '';
  const decoder = new TextDecoder();
  for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>)
    text += decoder.decode(piece);
  return text;
}
