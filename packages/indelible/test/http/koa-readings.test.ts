import { Readable } from 'node:stream';

import { Router } from '@koa/router';
import type { Context } from 'koa';
import { afterEach, describe, expect, it } from 'vitest';

import { auditDownload, auditKoa, auditList, auditRead, auditSensitive } from '../../src/koa.js';
import { ask } from '../../src/testing/http/asking.js';
import { lineOf } from '../../src/testing/http/event-line.js';
import { application, serving, watched } from './koa/application.js';
import { closeAll, linesOf, openTrail, PATIENT } from './own-trail.js';

afterEach(closeAll);

function show(ctx: Context): void {
  ctx.body = PATIENT;
}

describe('a reading on a route of Koa', () => {
  it('sees what its handler answered, whatever is made of it further out', async () => {
    const audit = openTrail();
    const router = new Router();
    router.get('/api/patients', auditList(audit, 'Patient'), (ctx) => void (ctx.body = [PATIENT]));
    const app = application().use(async (ctx, next) => {
      await next();
      ctx.body = Buffer.from(JSON.stringify(ctx.body));
    });
    app.use(auditKoa(audit));
    const { text } = await ask(await serving(app, router), '/api/patients');
    expect(text).toBe(JSON.stringify([PATIENT]));
    const [event] = await audit.events();
    expect(event?.metadata).toEqual({ count: 1, ids: ['1'] });
    expect(event?.subjects).toEqual(['7']);
  });

  it('is told although only a middleware further out answers', async () => {
    const audit = openTrail();
    const router = new Router();
    router.get('/api/patients/:id', auditRead(audit, 'Patient'), () => undefined);
    const app = application().use(async (ctx, next) => {
      await next();
      ctx.body = PATIENT;
    });
    app.use(auditKoa(audit));
    expect((await ask(await serving(app, router), '/api/patients/1')).status).toBe(200);
    expect(await linesOf(audit)).toEqual(['READ Patient 1 by ann: success 200']);
  });

  it('tells a file that is streamed with its name and size', async () => {
    const audit = openTrail();
    const router = new Router();
    router.get('/api/patients/:id/scan', auditDownload(audit, 'Patient'), (ctx) => {
      ctx.attachment('scan.txt');
      ctx.length = 4;
      ctx.body = Readable.from(['sc', 'an']);
    });
    const { text } = await ask(await serving(watched(audit), router), '/api/patients/1/scan');
    expect(text).toBe('scan');
    const [event] = await audit.events();
    expect(event && lineOf(event)).toBe('DOWNLOAD Patient 1 by ann: success 200');
    expect(event?.metadata).toMatchObject({ filename: 'scan.txt' });
  });

  it('asks for a reason, and works without the middleware', async () => {
    const audit = openTrail();
    const router = new Router();
    const print = auditSensitive(audit, 'PRINT', { model: 'Patient', requireReason: true });
    router.get('/api/patients/:id', print, show);
    router.get('/api/others/:id', show);
    const origin = await serving(application(), router);
    const refused = await ask(origin, '/api/patients/1');
    expect([refused.status, refused.header('content-type')]).toEqual([
      400,
      'application/problem+json; charset=utf-8',
    ]);
    expect(JSON.parse(refused.text)).toMatchObject({ status: 400 });
    await ask(origin, '/api/patients/1?reason=insurer');
    await ask(origin, '/api/others/1');
    expect(await linesOf(audit)).toEqual(['PRINT Patient 1 by ann: success 200']);
  });
});
