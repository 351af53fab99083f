import { getConnInfo } from '@hono/node-server/conninfo';
import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { compress } from 'hono/compress';
import { HTTPException } from 'hono/http-exception';
import { jwt, sign } from 'hono/jwt';
import { stream, streamSSE } from 'hono/streaming';
import { afterEach, describe, expect, expectTypeOf, it } from 'vitest';

import {
  auditExport,
  auditHono,
  auditList,
  auditRead,
  auditSensitive,
  type HonoOptions,
} from '../../src/hono.js';
import { ask, begin } from '../../src/testing/http/asking.js';
import { lineOf } from '../../src/testing/http/event-line.js';
import { until } from '../../src/testing/http/http-clinic.js';
import { createTestAudit, type TestAudit } from '../../src/testing/test-audit.js';
import { served } from './web-server.js';

const PATIENT = { id: '1', name: 'Ben Birch', patient_id: '7' };
const closing: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

function trail(options: Parameters<typeof createTestAudit>[0] = {}): TestAudit {
  const audit = createTestAudit({
    models: { Patient: { subject: 'patient_id' } },
    onError: (error) => expect.unreachable(error.message),
    ...options,
  });
  closing.push(() => audit.close());
  return audit;
}

const ann: MiddlewareHandler = async (c, next) => {
  c.set('user', { id: 'ann' });
  await next();
};

function watched(audit: TestAudit, options: HonoOptions = {}): Hono {
  return new Hono().use(auditHono(audit, options)).use(ann);
}

async function serve(app: Hono): Promise<string> {
  const { origin, close } = await served(app.fetch);
  closing.push(close);
  return origin;
}

async function linesOf(audit: TestAudit): Promise<string[]> {
  return (await audit.events()).map(lineOf);
}

async function routesOf(audit: TestAudit): Promise<unknown[]> {
  return (await audit.events()).map(({ request }) => request?.route);
}

describe('auditHono', () => {
  it('knows the whole pattern of a route in an application that is mounted in another', async () => {
    const audit = trail();
    const patients = new Hono().get('/:id', (c) => c.json(PATIENT));
    const invoices = new Hono().get('/:id{[0-9]+}', (c) => c.json({ id: c.req.param('id') }));
    const app = watched(audit);
    app.route('/api/v1/patients', patients).route('/api/v1/clinics/:clinic/invoices', invoices);
    await app.request('/api/v1/patients/1');
    await app.request('/api/v1/clinics/north/invoices/5');
    expect(await linesOf(audit)).toEqual([
      'API_REQUEST Patient 1 by ann: success 200',
      'API_REQUEST Invoice 5 by ann: success 200',
    ]);
    expect(await routesOf(audit)).toEqual([
      '/api/v1/patients/:id',
      '/api/v1/clinics/:clinic/invoices/:id{[0-9]+}',
    ]);
  });

  it('knows it below a base path, and where a mounted application handles its errors itself', async () => {
    const audit = trail();
    const own = new Hono()
      .use(async (_c, next) => next())
      .all('/:id', () => {
        throw new Error('the drill is broken');
      })
      .onError((error, c) => c.text(error.message, 502));
    const app = watched(audit).basePath('/api');
    app.get('/patients/:id', (c) => c.json(PATIENT)).route('/invoices', own);
    await app.request('/api/patients/1');
    expect(await (await app.request('/api/invoices/5')).text()).toBe('the drill is broken');
    expect(await linesOf(audit)).toEqual([
      'API_REQUEST Patient 1 by ann: success 200',
      'API_REQUEST Invoice 5 by ann: error 502',
    ]);
    expect(await routesOf(audit)).toEqual(['/api/patients/:id', '/api/invoices/:id']);
    const [, { error } = {}] = await audit.events();
    expect(error).toMatchObject({ message: 'the drill is broken' });
  });

  it('takes the pattern of the handler that answered, and none of a middleware', async () => {
    const audit = trail();
    const app = watched(audit);
    app.use('/api/patients/:id/*', async (_c, next) => next());
    app.get('/api/patients/:id/:part', async (c, next) =>
      c.req.param('part') === 'notes' ? c.text('none') : next(),
    );
    app.all('/api/patients/:id/scans', (c) => c.text('a scan'));
    app.get('/api/*', (c) => c.text('anything'));
    for (const part of ['notes', 'scans', 'more/of/it']) await app.request(`/api/patients/1/${part}`);
    await app.request('/api/patients/1/notes', { method: 'POST' });
    expect(await routesOf(audit)).toEqual([
      '/api/patients/:id/:part',
      '/api/patients/:id/scans',
      '/api/*',
      null,
    ]);
  });

  it('tells what a guard refused, with the record behind it', async () => {
    const audit = trail();
    const app = new Hono().use(auditHono(audit));
    app.use('/api/*', jwt({ secret: 'made up', alg: 'HS256' }));
    app.get('/api/patients/:id', auditRead(audit, 'Patient'), (c) => c.json(PATIENT));
    const token = await sign({ sub: 'ann', role: 'dentist' }, 'made up', 'HS256');
    expect((await app.request('/api/patients/1')).status).toBe(401);
    const headers = { authorization: `Bearer ${token}` };
    expect((await app.request('/api/patients/1', { headers })).status).toBe(200);
    const [denied, read] = await audit.events();
    expect([denied, read].map((event) => event && lineOf(event))).toEqual([
      'ACCESS_DENIED Patient 1 by anonymous: denied 401',
      'READ Patient 1 by ann: success 200',
    ]);
    expect(denied?.metadata).toEqual({ attempted: 'READ' });
    expect(denied?.request?.route).toBe('/api/patients/:id');
    expect(read?.actor.role).toBe('dentist');
  });

  it('takes an HTTPException for the answer that it is, also from notFound', async () => {
    const audit = trail();
    const app = watched(audit);
    app.get('/api/patients/:id', (c) => {
      const status = c.req.param('id') === 'hidden' ? 403 : 404;
      throw new HTTPException(status, { res: c.json({ detail: 'no' }, status) });
    });
    const answer = await app.request('/api/patients/hidden');
    expect([answer.status, await answer.json()]).toEqual([403, { detail: 'no' }]);
    await app.request('/api/patients/gone');
    app.notFound(() => {
      throw new HTTPException(410, { message: 'gone for good' });
    });
    expect((await app.request('/api/nowhere')).status).toBe(410);
    expect(await linesOf(audit)).toEqual([
      'ACCESS_DENIED Patient hidden by ann: denied 403',
      'ACCESS_DENIED Patient gone by ann: denied 404',
      'API_REQUEST by ann: failure 410',
    ]);
  });

  it('tells what was thrown in the end as onError answers it, and what is no Error too', async () => {
    const audit = trail();
    const app = watched(audit);
    app.onError((error, c) => c.json({ error: error.message }, 422));
    app.get('/api/errors', () => {
      throw new Error('not like this');
    });
    app.get('/api/strings', () => {
      const thrown: unknown = 'just a text';
      throw thrown;
    });
    expect((await app.request('/api/errors')).status).toBe(422);
    await expect(app.request('/api/strings')).rejects.toBe('just a text');
    expect(await linesOf(audit)).toEqual([
      'API_REQUEST Error by ann: failure 422',
      'API_REQUEST String by ann: error 500',
    ]);
  });

  it('leaves to Hono what nobody answers', async () => {
    const audit = trail();
    const app = watched(audit).onError((error, c) => c.text(error.message, 500));
    const forgetful = (async () => undefined) as unknown as MiddlewareHandler;
    app.get('/api/patients/:id', auditRead(audit, 'Patient'), forgetful);
    expect((await app.request('/api/patients/1')).status).toBe(500);
    expect(await linesOf(audit)).toEqual(['API_REQUEST Patient 1 by ann: error 500']);
  });

  it('delays no stream, nor a stream of events, and leaves their pieces in the name of who asked', async () => {
    const audit = trail();
    const app = watched(audit);
    let goOn = (): void => undefined;
    const told = new Promise<void>((resolve) => (goOn = resolve));
    app.get('/api/lines', auditExport(audit, 'Patient'), (c) =>
      stream(c, async (out) => {
        await out.write('first\n');
        await told;
        await audit.record({ action: 'DISCLOSURE' });
        await out.write('second\n');
      }),
    );
    app.get('/api/live', auditList(audit, 'Patient'), (c) =>
      streamSSE(c, async (out) => {
        await out.writeSSE({ data: 'first' });
        await told;
      }),
    );
    const origin = await serve(app);
    const [lines, live] = await Promise.all([begin(origin, '/api/lines'), begin(origin, '/api/live')]);
    const chunks = lines.setEncoding('utf8')[Symbol.asyncIterator]();
    expect((await chunks.next()).value).toBe('first\n');
    expect((await live.setEncoding('utf8')[Symbol.asyncIterator]().next()).value).toBe('data: first\n\n');
    goOn();
    expect((await chunks.next()).value).toBe('second\n');
    const lines_ = await until(
      () => linesOf(audit),
      ({ length }) => length === 3,
    );
    expect(lines_.toSorted()).toEqual([
      'DISCLOSURE by ann: success',
      'EXPORT Patient by ann: success 200',
      'LIST Patient by ann: success 200',
    ]);
  });

  it('knows whose a stream is that is made when it is read', async () => {
    const audit = trail();
    const app = watched(audit);
    app.get('/api/rows', (c) => c.body(rows(audit)));
    const { text } = await ask(await serve(app), '/api/rows');
    expect(text).toBe('row 1\nrow 2\nrow 3\n');
    const events = await until(
      () => audit.events(),
      ({ length }) => length === 3,
    );
    expect(events.map(lineOf)).toEqual(Array.from({ length: 3 }, () => 'DISCLOSURE by ann: success'));
    expect(new Set(events.map(({ request }) => request?.id)).size).toBe(1);
  });

  it('learns what is shown from c.json, and from a Response that lies ready', async () => {
    const audit = trail();
    const app = watched(audit);
    const answers: Record<string, (c: Context) => Response> = {
      json: (c) => c.json([PATIENT]),
      response: () => Response.json([PATIENT]),
      stream: () => new Response(late('[]'), { headers: { 'content-type': 'application/json' } }),
      text: (c) => c.text('[]'),
      broken: () => new Response('[', { headers: { 'content-type': 'application/json' } }),
    };
    for (const [name, answer] of Object.entries(answers))
      app.get(`/api/${name}`, auditList(audit, 'Patient'), answer);
    for (const ask_ of [app.request, await overSocket(app)]) {
      for (const name of Object.keys(answers)) await (await ask_(`/api/${name}`)).text();
      const events = await audit.events();
      const ids = events
        .slice(-5)
        .map(({ metadata }) => (metadata?.['ids'] as string[] | undefined)?.length ?? 0);
      expect(ids).toEqual([1, 1, 0, 0, 0]);
      expect(events.at(-5)?.subjects).toEqual(['7']);
    }
  });

  it('finds a reason in the body, before or after somebody has read it', async () => {
    const audit = trail();
    const app = watched(audit);
    const print = auditSensitive(audit, 'PRINT', { model: 'Patient', requireReason: true });
    const readFirst: MiddlewareHandler = async (c, next) => {
      await c.req.json();
      await next();
    };
    app.post('/api/patients/:id/print', print, async (c) => c.json(await c.req.json()));
    app.post('/api/patients/:id/read', readFirst, print, async (c) => c.json(await c.req.json()));
    const post = { method: 'POST', headers: { 'content-type': 'application/json' } };
    for (const path of ['print', 'read']) {
      const body = JSON.stringify({ reason: 'asked for by the patient' });
      const answer = await app.request(`/api/patients/1/${path}`, { ...post, body });
      expect(await answer.json()).toEqual({ reason: 'asked for by the patient' });
    }
    const refused = await app.request('/api/patients/1/print', { ...post, body: '{}' });
    expect([refused.status, refused.headers.get('content-type')]).toEqual([
      400,
      'application/problem+json; charset=utf-8',
    ]);
    const [first, second] = await audit.events();
    expect([first?.reason, second?.reason]).toEqual(
      Array.from({ length: 2 }, () => 'asked for by the patient'),
    );
    expect(await linesOf(audit)).toHaveLength(3);
  });

  it('has the address that the application names, where no server of Node is known', async () => {
    const audit = trail({ trustedProxies: ['192.0.2.1'] });
    const app = watched(audit, { peer: (c) => (c.env as { readonly address?: string }).address });
    app.get('/api/rooms', (c) => c.json([]));
    const headers = { 'x-forwarded-for': '203.0.113.9' };
    await app.request('/api/rooms', { headers }, { address: '192.0.2.1' });
    await app.request('/api/rooms', { headers }, { address: '198.51.100.1' });
    await app.request('/api/rooms', { headers }, {});
    const events = await audit.events();
    expect(events.map(({ request }) => request?.ip ?? null)).toEqual(['203.0.113.9', '198.51.100.1', null]);
  });

  it('asks for the address once, and survives when it cannot be told', async () => {
    const errors: string[] = [];
    const audit = trail({ onError: ({ message }) => errors.push(message) });
    const app = watched(audit, { peer: (c) => getConnInfo(c).remote.address });
    app.get('/api/rooms', (c) => c.json([]));
    expect((await app.request('/api/rooms')).status).toBe(200);
    expect(await linesOf(audit)).toEqual(['API_REQUEST Room by ann: success 200']);
    expect(errors).toEqual([expect.stringContaining('`peer`')]);
    const { text } = await ask(await serve(app), '/api/rooms');
    expect(text).toBe('[]');
    const [, event] = await until(
      () => audit.events(),
      ({ length }) => length === 2,
    );
    expect(event?.request?.ip).toBe('127.0.0.1');
  });

  it('has the address of a request that was given up, too', async () => {
    const audit = trail();
    const app = watched(audit);
    const client = new AbortController();
    app.get('/api/slow', async (c) => {
      const gone = new Promise((resolve) => c.req.raw.signal.addEventListener('abort', resolve));
      client.abort();
      await gone;
      return c.text('too late');
    });
    const given = fetch(`${await serve(app)}/api/slow`, { signal: client.signal });
    await expect(given).rejects.toThrow('aborted');
    const events = await until(
      () => audit.events(),
      ({ length }) => length > 0,
    );
    expect(events.map(lineOf)).toEqual(['API_REQUEST Slow by ann: failure']);
    expect(events[0]?.request?.ip).toBe('127.0.0.1');
  });

  it('lets a refused answer be replaced, with none of its headers', async () => {
    const audit = trail({ failClosed: ['READ'], deadlineMs: 50, onError: () => undefined });
    const app = watched(audit);
    app.get('/api/patients/:id', auditRead(audit, 'Patient'), async (c) => {
      c.header('x-name', 'Ben Birch');
      await audit.close();
      return c.json(PATIENT);
    });
    const answer = await app.request('/api/patients/1');
    expect(answer.status).toBe(503);
    expect(answer.headers.get('x-name')).toBeNull();
    expect(await answer.text()).not.toContain('Ben');
  });

  it('watches a decorated route of an application that is not watched', async () => {
    const audit = trail();
    const app = new Hono().use(ann);
    app.get('/api/patients/:id', auditRead(audit, 'Patient'), (c) => c.json(PATIENT));
    app.get('/api/rooms', (c) => c.json([]));
    await app.request('/api/patients/1');
    await app.request('/api/rooms');
    expect(await linesOf(audit)).toEqual(['READ Patient 1 by ann: success 200']);
  });

  it('bears other middleware around it', async () => {
    const audit = trail();
    const app = new Hono().use(compress()).use(auditHono(audit)).use(ann);
    app.get('/api/patients', auditList(audit, 'Patient'), (c) =>
      c.json(Array.from({ length: 200 }, () => PATIENT)),
    );
    const answer = await fetch(`${await serve(app)}/api/patients`);
    expect(await answer.json()).toHaveLength(200);
    const [event] = await audit.events();
    expect(event?.metadata).toMatchObject({ count: 200 });
  });

  it('takes nothing from the types of a route', () => {
    const audit = trail();
    const app = new Hono<{ Variables: { user: { id: string } } }>().use(auditHono(audit));
    app.get('/patients/:id', auditRead(audit, 'Patient'), (c) => {
      expectTypeOf(c.req.param('id')).toEqualTypeOf<string>();
      expectTypeOf(c.get('user')).toEqualTypeOf<{ id: string }>();
      return c.text('');
    });
  });
});

/** Makes each row when it is read. */
function rows(audit: TestAudit): ReadableStream<Uint8Array> {
  let row = 0;
  return new ReadableStream(
    {
      async pull(controller) {
        row += 1;
        await audit.record({ action: 'DISCLOSURE' });
        controller.enqueue(new TextEncoder().encode(`row ${row}\n`));
        if (row === 3) controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}

/** A text that is not there yet. */
function late(text: string): ReadableStream<Uint8Array> {
  return new ReadableStream({
    async start(controller) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      controller.enqueue(new TextEncoder().encode(text));
      controller.close();
    },
  });
}

async function overSocket(app: Hono): Promise<(path: string) => Promise<Response>> {
  const origin = await serve(app);
  return (path) => fetch(`${origin}${path}`);
}
