import { afterEach, describe, expect, expectTypeOf, it } from 'vitest';

import {
  auditExport,
  auditFetch,
  auditList,
  auditRead,
  auditSensitive,
  type FetchOptions,
} from '../../src/fetch.js';
import { ask } from '../../src/testing/http/asking.js';
import { lineOf } from '../../src/testing/http/event-line.js';
import { until } from '../../src/testing/http/http-clinic.js';
import { createTestAudit, type TestAudit } from '../../src/testing/test-audit.js';
import { served } from './web-server.js';

const PATIENT = { id: '1', name: 'Ben Birch', patient_id: '7' };
const ORIGIN = 'http://clinic.example';
const ANN: FetchOptions = { actor: () => ({ type: 'user', id: 'ann' }) };
const JSON_TYPE = { 'content-type': 'application/json' };
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

async function linesOf(audit: TestAudit): Promise<string[]> {
  return (await audit.events()).map(lineOf);
}

function asked(path: string, init?: RequestInit): Request {
  return new Request(`${ORIGIN}${path}`, init);
}

/** Throws whatever it is given, as frameworks do with what is no Error. */
function thrower(thrown: unknown): () => Promise<Response> {
  return async () => {
    throw thrown;
  };
}

describe('auditFetch', () => {
  it('watches a route handler of Next, whose parameters are a promise', async () => {
    const audit = trail();
    const audited = auditFetch(audit, ANN);
    const GET = audited(
      async (_request: Request, { params }: { params: Promise<{ id: string }> }) => {
        const { id } = await params;
        return id === 'gone' ? new Response(null, { status: 404 }) : Response.json({ ...PATIENT, id });
      },
      { route: '/api/patients/[id]', reading: auditRead(audit, 'Patient') },
    );
    const answer = await GET(asked('/api/patients/1'), { params: Promise.resolve({ id: '1' }) });
    expect(await answer.json()).toEqual(PATIENT);
    await GET(asked('/api/patients/gone'), { params: Promise.resolve({ id: 'gone' }) });
    const [read, denied] = await audit.events();
    expect([read, denied].map((event) => event && lineOf(event))).toEqual([
      'READ Patient 1 by ann: success 200',
      'ACCESS_DENIED Patient gone by ann: denied 404',
    ]);
    expect([read?.subjectId, read?.request?.route]).toEqual(['7', '/api/patients/[id]']);
  });

  it.each([
    ['NEXT_HTTP_ERROR_FALLBACK;404', 'ACCESS_DENIED Patient 1 by ann: denied 404'],
    ['NEXT_HTTP_ERROR_FALLBACK;403', 'ACCESS_DENIED Patient 1 by ann: denied 403'],
    ['NEXT_HTTP_ERROR_FALLBACK;401', 'ACCESS_DENIED Patient 1 by ann: denied 401'],
    ['NEXT_NOT_FOUND', 'ACCESS_DENIED Patient 1 by ann: denied 404'],
    ['NEXT_REDIRECT;replace;/sign-in;next=1;303;', 'API_REQUEST Patient 1 by ann: success 303'],
    ['NEXT_REDIRECT;push;/sign-in;308;', 'API_REQUEST Patient 1 by ann: success 308'],
    ['NEXT_REDIRECT;push;/sign-in;false', 'API_REQUEST Patient 1 by ann: success 307'],
    ['2338463491', 'API_REQUEST Patient 1 by ann: error 500'],
  ])('takes what Next throws for the answer that it is: %s', async (digest, line) => {
    const audit = trail();
    const thrown = Object.assign(new Error(digest), { digest });
    const GET = auditFetch(audit, ANN)(thrower(thrown), { route: '/api/patients/[id]' });
    await expect(GET(asked('/api/patients/1'))).rejects.toBe(thrown);
    const [event, ...others] = await audit.events();
    expect([event && lineOf(event), others]).toEqual([line, []]);
    expect(event?.error === null).toBe(!line.includes('error'));
  });

  it('tells nothing of a build, where Next calls handlers to find out that they need a request', async () => {
    const audit = trail();
    const dynamic = Object.assign(new Error('Dynamic server usage'), { digest: 'DYNAMIC_SERVER_USAGE' });
    const audited = auditFetch(audit, ANN);
    await expect(audited(thrower(dynamic))(asked('/api/patients/1'))).rejects.toBe(dynamic);
    const building = new Proxy(asked('/api/patients/1'), {
      get: (request, name) => {
        if (name === 'headers') throw dynamic;
        return Reflect.get(request, name, request) as unknown;
      },
    });
    await expect(audited(async () => Response.json({}))(building)).rejects.toBe(dynamic);
    expect(await linesOf(audit)).toEqual([]);
  });

  it('watches a loader, which returns data, and answers by throwing', async () => {
    const audit = trail();
    const audited = auditFetch(audit, ANN);
    const loader = audited(
      async ({ params }: LoaderArguments) => {
        if (params.id === 'hidden') throw refusal(403);
        if (params.id === 'gone') throw data(null, 404);
        return PATIENT;
      },
      { route: '/api/patients/:id', reading: auditRead(audit, 'Patient') },
    );
    const patient = await loader(loading('/api/patients/1', '1'));
    expect(patient).toBe(PATIENT);
    expectTypeOf(patient).toEqualTypeOf<typeof PATIENT>();
    await expect(loader(loading('/api/patients/hidden', 'hidden'))).rejects.toMatchObject({ status: 403 });
    await expect(loader(loading('/api/patients/gone', 'gone'))).rejects.toMatchObject({
      init: { status: 404 },
    });
    expect(await linesOf(audit)).toEqual([
      'READ Patient 1 by ann: success 200',
      'ACCESS_DENIED Patient hidden by ann: denied 403',
      'ACCESS_DENIED Patient gone by ann: denied 404',
    ]);
  });

  it('throws its own answers in a loader, where a returned one would be taken for data', async () => {
    const audit = trail();
    const audited = auditFetch(audit, ANN);
    const reading = auditRead(audit, 'Patient', { requireReason: true });
    const loader = audited(async (_arguments: LoaderArguments) => PATIENT, { reading });
    await expect(loader(loading('/patients/1', '1'))).rejects.toMatchObject({ status: 400 });
    const event = { request: asked('/patients/1'), locals: {} };
    const server = audited(async (_event: typeof event) => Response.json(PATIENT), { reading });
    expect((await server(event)).status).toBe(400);
  });

  it('learns the data and the status of what React Router wraps', async () => {
    const audit = trail();
    const audited = auditFetch(audit, ANN);
    const reading = auditList(audit, 'Patient');
    const loader = audited(async (_arguments: LoaderArguments) => data([PATIENT], 203), { reading });
    await loader(loading('/patients', ''));
    const [event] = await audit.events();
    expect(event && lineOf(event)).toBe('LIST Patient by ann: success 203');
    expect(event?.metadata).toMatchObject({ count: 1, ids: ['1'] });
  });

  it('takes what SvelteKit throws for the answer that it is', async () => {
    const audit = trail();
    const audited = auditFetch(audit, { actor: (_request, { locals }: Event) => locals.user });
    for (const thrown of [
      { status: 403, body: { message: 'no' } },
      { status: 303, location: '/' },
    ]) {
      const event = {
        request: asked('/api/patients/1'),
        locals: { user: { type: 'user', id: 'ann' } },
      } as const;
      const GET = audited((_event: Event) => thrower(thrown)(), { route: '/api/patients/[id]' });
      await expect(GET(event)).rejects.toBe(thrown);
    }
    expect(await linesOf(audit)).toEqual([
      'ACCESS_DENIED Patient 1 by ann: denied 403',
      'API_REQUEST Patient 1 by ann: success 303',
    ]);
  });

  it('asks with what the handler is called with, such as the server of Bun', async () => {
    interface Server {
      requestIP(request: Request): { readonly address: string } | null;
    }
    const audit = trail();
    const audited = auditFetch(audit, {
      actor: (request) => ({ type: 'user', id: request.headers.get('x-user') ?? undefined }),
      tenant: (_request, server: Server) => server.requestIP(asked('/'))?.address,
      peer: (request, server: Server) => server.requestIP(request)?.address,
    });
    const fetch = audited(
      (_request: Request, server: Server) => new Response(String(server.requestIP.length)),
    );
    const server: Server = { requestIP: (_request) => ({ address: '192.0.2.7' }) };
    const answer = await fetch(asked('/api/rooms', { headers: { 'x-user': 'bob' } }), server);
    expect(await answer.text()).toBe('1');
    const [event] = await audit.events();
    expect([event?.actor.id, event?.tenantId, event?.request?.ip]).toEqual(['bob', '192.0.2.7', '192.0.2.7']);
  });

  it('believes no header about where a request comes from, without a peer', async () => {
    const audit = trail({ trustedProxies: ['private'] });
    const headers = {
      'x-forwarded-for': '203.0.113.9',
      'x-real-ip': '203.0.113.9',
      'x-request-id': 'chosen',
    };
    await auditFetch(audit, ANN)(async () => new Response())(asked('/api/rooms', { headers }));
    const [event] = await audit.events();
    expect(event?.request).toMatchObject({ ip: null, forwardedFor: '203.0.113.9' });
    expect(event?.request?.id).not.toBe('chosen');
  });

  it('hands on the very Response, with all that it has', async () => {
    const audit = trail();
    const response = Response.json(PATIENT, { headers: { 'x-own': '1' } });
    const GET = auditFetch(audit, ANN)(() => response, { reading: auditRead(audit, 'Patient') });
    const answer = await GET(asked('/api/patients/1'));
    expect(answer).toBe(response);
    expect(answer.bodyUsed).toBe(false);
    expect(await answer.json()).toEqual(PATIENT);
  });

  it('throws on what a handler throws, unchanged, and tells it once', async () => {
    const audit = trail();
    const error = new Error('the drill is broken');
    await expect(auditFetch(audit, ANN)(thrower(error))(asked('/api/rooms'))).rejects.toBe(error);
    const [event, ...others] = await audit.events();
    expect([event && lineOf(event), others]).toEqual(['API_REQUEST by ann: error 500', []]);
    expect(event?.error).toMatchObject({ message: 'the drill is broken' });
  });

  it('watches a whole router, in which handlers say what they are', async () => {
    const audit = trail();
    const audited = auditFetch(audit, ANN);
    const reading = auditRead(audit, 'Patient');
    const find = audited(async () => Response.json(PATIENT));
    const show = audited(find, { route: '/api/patients/:id', reading });
    const inner = audited(async (request: Request) => show(request));
    const fetch = audited(
      async (request: Request) =>
        new URL(request.url).pathname.startsWith('/api/patients/')
          ? inner(request)
          : new Response(null, { status: 404 }),
      { route: '/api/*' },
    );
    await fetch(asked('/api/patients/1'));
    await fetch(asked('/api/nowhere'));
    const events = await audit.events();
    expect(events.map(lineOf)).toEqual([
      'READ Patient 1 by ann: success 200',
      'API_REQUEST by ann: failure 404',
    ]);
    expect(events.map(({ request }) => request?.route)).toEqual(['/api/patients/:id', '/api/*']);
  });

  it('says so when it is called without a Request, and calls the handler all the same', async () => {
    const errors: string[] = [];
    const audit = trail({ onError: ({ message }) => errors.push(message) });
    const handler = auditFetch(audit, ANN)((..._given: readonly never[]) => new Response('well'));
    const call = handler as (...given: readonly unknown[]) => Promise<Response>;
    for (const given of [
      [],
      [null],
      ['text'],
      [{ url: '/api/rooms', headers: {} }],
      [{ request: undefined }],
    ])
      expect(await (await call(...given)).text()).toBe('well');
    expect(errors).toHaveLength(5);
    expect(errors[0]).toContain('without a Request');
  });

  it('tells a request that is given up at once, as aborted, and is not disturbed by what comes then', async () => {
    const audit = trail();
    const client = new AbortController();
    let goOn = (): void => undefined;
    const told = new Promise<void>((resolve) => (goOn = resolve));
    const GET = auditFetch(
      audit,
      ANN,
    )(async () => {
      await told;
      return new Response('too late');
    });
    const answer = GET(asked('/api/rooms', { signal: client.signal }));
    client.abort();
    expect(await linesOf(audit)).toEqual(['API_REQUEST by ann: failure']);
    goOn();
    expect(await (await answer).text()).toBe('too late');
    const [event, ...others] = await audit.events();
    expect([event?.error, others]).toEqual([{ code: 'ABORTED', message: expect.any(String) }, []]);
    // A signal that had fired before is noticed as well.
    await auditFetch(audit, ANN)(() => new Response())(asked('/api/rooms', { signal: AbortSignal.abort() }));
    expect(await linesOf(audit)).toEqual(Array.from({ length: 2 }, () => 'API_REQUEST by ann: failure'));
  });

  it('waits for no stream, whatever it says that it is', async () => {
    const audit = trail();
    const reading = auditList(audit, 'Patient');
    let isCancelled = false;
    const never = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode('[')),
      cancel: () => void (isCancelled = true),
    });
    const GET = auditFetch(audit, ANN)(() => new Response(never, { headers: JSON_TYPE }), { reading });
    const { body } = await GET(asked('/api/patients'));
    expect(await linesOf(audit)).toEqual(['LIST Patient by ann: success 200']);
    const reader = body?.getReader();
    expect(new TextDecoder().decode((await reader?.read())?.value as Uint8Array)).toBe('[');
    await reader?.cancel();
    expect(isCancelled).toBe(true);
  });

  it('knows whose a stream is that is made when it is read, by a reader or a pipe', async () => {
    const audit = trail();
    const audited = auditFetch(audit, ANN);
    const rows = audited(
      (_request: Request) => new Response(pulled(audit), { headers: { 'content-type': 'text/csv' } }),
    );
    expect(await (await rows(asked('/api/rows'))).text()).toBe('row\n');
    await (await rows(asked('/api/rows'))).body?.pipeTo(new WritableStream());
    const { origin, close } = await served((request) => rows(request));
    closing.push(close);
    expect((await ask(origin, '/api/rows')).text).toBe('row\n');
    const events = await until(
      () => audit.events(),
      (all) => all.filter(({ action }) => action === 'DISCLOSURE').length === 3,
    );
    const rowsMade = events.filter(({ action }) => action === 'DISCLOSURE');
    expect(rowsMade.map(lineOf)).toEqual(Array.from({ length: 3 }, () => 'DISCLOSURE by ann: success'));
  });

  it('keeps bodies where that is asked for, and leaves them to the handler', async () => {
    const audit = trail();
    const audited = auditFetch(audit, { ...ANN, logBodies: true });
    const POST = audited(async (request: Request) => new Response(await request.text()));
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    const file = { 'content-type': 'application/octet-stream' };
    const sent: [string, Record<string, string>][] = [
      ['{"name":"Ada","password":"hunter2"}', JSON_TYPE],
      ['{"half":', JSON_TYPE],
      ['name=Ada&password=hunter2', form],
      ['name=Ada', file],
      [JSON.stringify({ name: 'Ada', note: 'x'.repeat(5_000_000) }), JSON_TYPE],
    ];
    for (const [body, headers] of sent)
      expect(await (await POST(asked('/api/notes', { method: 'POST', body, headers }))).text()).toBe(body);
    const bodies = (await audit.events()).map(({ request }) => request?.body);
    expect(bodies.map((body) => (body as { readonly name?: string } | null)?.name)).toEqual([
      'Ada',
      undefined,
      'Ada',
      undefined,
      undefined,
    ]);
    expect(JSON.stringify(bodies)).not.toContain('hunter2');
  });

  it('finds a reason in the body, which the handler reads all the same', async () => {
    const audit = trail();
    const reading = auditSensitive(audit, 'PRINT', { model: 'Patient', requireReason: true });
    const POST = auditFetch(audit, ANN)(async (request: Request) => Response.json(await request.json()), {
      reading,
    });
    const body = JSON.stringify({ reason: 'asked for by the patient' });
    const answer = await POST(asked('/api/patients/1/print', { method: 'POST', body, headers: JSON_TYPE }));
    expect(await answer.json()).toEqual({ reason: 'asked for by the patient' });
    expect((await POST(asked('/api/patients/1/print', { method: 'POST' }))).status).toBe(400);
    const [event] = await audit.events();
    expect(event?.reason).toBe('asked for by the patient');
  });

  it('refuses what cannot be told, and stops who makes the answer', async () => {
    const audit = trail({ failClosed: ['EXPORT'], onError: () => undefined, deadlineMs: 50 });
    let isCancelled = false;
    const body = new ReadableStream({ cancel: () => void (isCancelled = true) });
    const GET = auditFetch(audit, ANN)(
      async (_request: Request) => {
        await audit.close();
        return new Response(body, { headers: { 'x-name': 'Ben Birch' } });
      },
      { reading: auditExport(audit, 'Patient') },
    );
    const answer = await GET(asked('/api/export'));
    expect([answer.status, answer.headers.get('x-name')]).toEqual([503, null]);
    expect(isCancelled).toBe(true);
  });

  it('refuses a reading of another trail', () => {
    const audited = auditFetch(trail());
    expect(() => audited(() => new Response(), { reading: auditRead(trail(), 'Patient') })).toThrow(
      'another trail',
    );
  });

  it('takes nothing from the types of a handler', () => {
    const audited = auditFetch(trail());
    const GET = audited((_request: Request, context: { params: Promise<{ id: string }> }) =>
      Response.json(context.params),
    );
    expectTypeOf(GET).parameters.toEqualTypeOf<
      [_request: Request, context: { params: Promise<{ id: string }> }]
    >();
    expectTypeOf(GET).returns.toEqualTypeOf<Promise<Response>>();
    expectTypeOf(audited(() => new Response())).toBeCallableWith(asked('/'));
    // @ts-expect-error A handler is called with a Request, or with what has one.
    audited((_id: string) => new Response());
  });
});

interface Event {
  readonly request: Request;
  readonly locals: { readonly user: { readonly type: 'user'; readonly id: string } };
}

interface LoaderArguments {
  readonly request: Request;
  readonly params: { readonly id: string };
  readonly context: object;
}

function loading(path: string, id: string): LoaderArguments {
  return { request: asked(path), params: { id }, context: {} };
}

/** What `data` of React Router makes. */
function data(value: unknown, status: number): unknown {
  return { type: 'DataWithResponseInit', data: value, init: { status } };
}

function refusal(status: number): unknown {
  return new Response(null, { status });
}

/** One row, made when it is read. */
function pulled(audit: TestAudit): ReadableStream<Uint8Array> {
  return new ReadableStream(
    {
      async pull(controller) {
        await audit.record({ action: 'DISCLOSURE' });
        controller.enqueue(new TextEncoder().encode('row\n'));
        controller.close();
      },
    },
    { highWaterMark: 0 },
  );
}
