import { once } from 'node:events';
import { Readable } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';

import { Router } from '@koa/router';
import type { Context } from 'koa';
import { afterEach, describe, expect, it } from 'vitest';

import { auditKoa, auditRead } from '../../src/koa.js';
import { ask, begin } from '../../src/testing/http/asking.js';
import { lineOf } from '../../src/testing/http/event-line.js';
import { until } from '../../src/testing/http/http-clinic.js';
import { application, listening, serving, watched } from './koa/application.js';
import { closeAll, linesOf, openTrail, PATIENT } from './own-trail.js';

afterEach(closeAll);

function show(ctx: Context): void {
  ctx.body = PATIENT;
}

describe('auditKoa', () => {
  it('knows the whole pattern of a route in nested routers with prefixes', async () => {
    const audit = openTrail();
    const patients = new Router({ prefix: '/patients' });
    patients.get('/:id', auditRead(audit, 'Patient'), show);
    const notes = new Router({ prefix: '/notes' });
    notes.get('/:note', show);
    patients.use('/:id', notes.routes());
    const api = new Router({ prefix: '/api' });
    api.use('/v1', patients.routes());
    const origin = await serving(watched(audit), api);
    await ask(origin, '/api/v1/patients/1');
    await ask(origin, '/api/v1/patients/1/notes/5');
    const events = await audit.events();
    expect(events.map(lineOf)).toEqual([
      'READ Patient 1 by ann: success 200',
      'API_REQUEST Patient 1 by ann: success 200',
    ]);
    expect(events.map(({ request }) => request?.route)).toEqual([
      '/api/v1/patients/:id',
      '/api/v1/patients/:id/notes/:note',
    ]);
  });

  it('knows the whole path of an application that is mounted', async () => {
    const audit = openTrail();
    const router = new Router();
    router.get('/patients/:id', auditRead(audit, 'Patient'), show);
    router.get('/drills/:id', () => {
      throw new Error('the drill is broken');
    });
    const app = watched(audit);
    // As koa-mount does it, which leaves the path as it is after an error.
    app.use(async (ctx, next) => {
      const { path } = ctx;
      ctx.path = path.slice('/api/v1'.length);
      await router.routes()(ctx as Parameters<ReturnType<typeof router.routes>>[0], next);
      ctx.path = path;
    });
    const origin = await listening(app);
    await ask(origin, '/api/v1/patients/1');
    await ask(origin, '/api/v1/drills/4');
    const events = await audit.events();
    expect(events.map(lineOf)).toEqual([
      'READ Patient 1 by ann: success 200',
      'API_REQUEST Drill 4 by ann: error 500',
    ]);
    expect(events.map(({ request }) => [request?.path, request?.route])).toEqual([
      ['/api/v1/patients/1', '/api/v1/patients/:id'],
      ['/api/v1/drills/4', '/api/v1/drills/:id'],
    ]);
  });

  it('P28: knows which route a middleware of its router has refused', async () => {
    const audit = openTrail();
    const router = new Router({ prefix: '/api' });
    router.use((ctx) => ctx.throw(403));
    router.get('/invoices/:id', show);
    router.delete('/patients/:id', show);
    router.get('/patients/:id', show);
    const origin = await serving(watched(audit), router);
    await ask(origin, '/api/patients/1');
    const [event] = await audit.events();
    expect(event && lineOf(event)).toBe('ACCESS_DENIED Patient 1 by ann: denied 403');
    expect(event?.request?.route).toBe('/api/patients/:id');
  });

  it('tells the route that answered where several match', async () => {
    const audit = openTrail();
    const router = new Router();
    router.get('/api/patients/mine', show);
    router.get('/api/:anything/:id', (_ctx, next) => next());
    router.get('/api/patients/:id', show);
    const origin = await serving(watched(audit), router);
    await ask(origin, '/api/patients/mine');
    await ask(origin, '/api/patients/1');
    expect((await audit.events()).map(({ request }) => request?.route)).toEqual([
      '/api/patients/mine',
      '/api/patients/:id',
    ]);
  });

  it('works with a router that leaves a pattern only, and without any', async () => {
    const audit = openTrail();
    const app = watched(audit).use((ctx) => {
      if (ctx.path.startsWith('/api/patients/')) ctx['_matchedRoute'] = '/api/patients/:id';
      ctx.body = PATIENT;
    });
    const origin = await listening(app);
    await ask(origin, '/api/patients/1');
    await ask(origin, '/api/anything/1');
    expect(await linesOf(audit)).toEqual([
      'API_REQUEST Patient 1 by ann: success 200',
      'API_REQUEST by ann: success 200',
    ]);
  });

  it.each([
    [400, 'failure', 'API_REQUEST Drill 4 by ann: failure 400'],
    [403, 'denied', 'ACCESS_DENIED Drill 4 by ann: denied 403'],
    [500, 'error', 'API_REQUEST Drill 4 by ann: error 500'],
  ])('tells ctx.throw(%i) once as %s, and so does the application', async (status, _outcome, line) => {
    const audit = openTrail();
    const router = new Router();
    router.get('/api/drills/:id', (ctx) => ctx.throw(status, 'the drill is broken'));
    const app = watched(audit);
    const errors: unknown[] = [];
    app.on('error', (error: unknown) => errors.push(error));
    expect((await ask(await serving(app, router), '/api/drills/4')).status).toBe(status);
    const events = await audit.events();
    expect(events.map(lineOf)).toEqual([line]);
    expect(events[0]?.error).toMatchObject({ message: 'the drill is broken' });
    expect(errors).toEqual([expect.objectContaining({ status, message: 'the drill is broken' })]);
  });

  it('hands on what was thrown as it is, and tells what a middleware further out makes of it', async () => {
    const audit = openTrail();
    const thrown = new TypeError('no');
    const caught: unknown[] = [];
    const app = application().use(async (ctx, next) => {
      await next().catch((error: unknown) => caught.push(error));
      ctx.status = 422;
      ctx.body = { detail: 'no' };
    });
    app.use(auditKoa(audit)).use(() => {
      throw thrown;
    });
    expect(await ask(await listening(app), '/api/drills')).toMatchObject({
      status: 422,
      text: '{"detail":"no"}',
    });
    expect(caught).toEqual([thrown]);
    expect(caught[0]).toBe(thrown);
    expect(await linesOf(audit)).toEqual(['API_REQUEST by ann: failure 422']);
  });

  it('tells an answer that Koa has no part in', async () => {
    const audit = openTrail();
    const app = watched(audit).use((ctx) => {
      ctx.respond = false;
      ctx.res.writeHead(202, { 'content-type': 'text/plain' });
      setTimeout(() => ctx.res.end('by hand'), 1);
    });
    expect(await ask(await listening(app), '/api/raw')).toMatchObject({ status: 202, text: 'by hand' });
    expect(await linesOf(audit)).toEqual(['API_REQUEST by ann: success 202']);
  });

  it('keeps the context of a stream that is read when everything has returned', async () => {
    const audit = openTrail();
    async function* lines(): AsyncIterable<string> {
      for (const id of ['1', '2']) {
        await audit.record({ action: 'DISCLOSURE', target: { type: 'Patient', id } });
        yield `${id}\n`;
        await sleep(1);
      }
    }
    const app = watched(audit).use((ctx) => void (ctx.body = Readable.from(lines())));
    expect((await ask(await listening(app), '/api/lines')).text).toBe('1\n2\n');
    const events = await audit.events();
    expect(events.map(lineOf)).toEqual([
      'DISCLOSURE Patient 1 by ann: success',
      'DISCLOSURE Patient 2 by ann: success',
    ]);
    expect(events[0]?.request?.id).toBe(events[1]?.request?.id);
  });

  it('tells a stream that fails as an error, and one that nobody waited for as a failure', async () => {
    const audit = openTrail();
    async function* failing(): AsyncIterable<string> {
      yield 'first';
      throw new Error('torn');
    }
    async function* endless(): AsyncIterable<string> {
      for (;;) {
        yield 'and on';
        await sleep(1);
      }
    }
    const errors: unknown[] = [];
    const app = watched(audit).use((ctx) => {
      ctx.body = Readable.from(ctx.path === '/api/failing' ? failing() : endless());
    });
    app.on('error', (error: unknown) => errors.push(error));
    const origin = await listening(app);
    await expect(ask(origin, '/api/failing')).rejects.toThrow('aborted');
    const answer = await begin(origin, '/api/endless');
    await once(answer, 'data');
    answer.destroy();
    const events = await until(
      () => audit.events(),
      (all) => all.length === 2,
    );
    expect(events.map(lineOf)).toEqual(['API_REQUEST by ann: error 200', 'API_REQUEST by ann: failure 200']);
    expect(events[0]?.error).toMatchObject({ message: 'torn' });
    expect(events[1]?.error).toMatchObject({ code: 'ABORTED' });
    expect(errors[0]).toMatchObject({ message: 'torn' });
  });
});
