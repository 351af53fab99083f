import { once } from 'node:events';
import { connect } from 'node:http2';
import { Readable } from 'node:stream';
import { createGunzip, createGzip } from 'node:zlib';

import fastify from 'fastify';
import { afterEach, describe, expect, it } from 'vitest';

import { auditFastify, auditRead } from '../../src/fastify.js';
import { ask, begin } from '../../src/testing/http/asking.js';
import { lineOf } from '../../src/testing/http/event-line.js';
import { until } from '../../src/testing/http/http-clinic.js';
import { application, watched } from './fastify/application.js';
import { closeAll, closeLater, linesOf, openTrail, PATIENT } from './own-trail.js';

afterEach(closeAll);

describe('auditFastify', () => {
  it('watches the plugins below it, with their prefixes, whatever they encapsulate', async () => {
    const audit = openTrail();
    const app = await watched(audit);
    await app.register(
      async (below) => {
        below.addHook('preHandler', async () => undefined);
        below.get('/patients/:id', auditRead(audit, 'Patient'), async () => PATIENT);
        await below.register(
          async (deeper) => {
            deeper.get('/:id', async () => ({}));
          },
          { prefix: '/invoices' },
        );
      },
      { prefix: '/api/v1' },
    );
    await app.inject('/api/v1/patients/1');
    await app.inject('/api/v1/invoices/5');
    const events = await audit.events();
    expect(events.map(lineOf)).toEqual([
      'READ Patient 1 by ann: success 200',
      'API_REQUEST Invoice 5 by ann: success 200',
    ]);
    expect(events.map(({ request }) => request?.route)).toEqual([
      '/api/v1/patients/:id',
      '/api/v1/invoices/:id',
    ]);
  });

  it('watches nothing beside the plugin that it is registered in', async () => {
    const audit = openTrail();
    const app = application();
    await app.register(async (inside) => {
      await inside.register(auditFastify(audit));
      inside.get('/api/inside/:id', async () => ({}));
    });
    app.get('/api/outside/:id', async () => ({}));
    await app.inject('/api/inside/1');
    await app.inject('/api/outside/1');
    expect(await linesOf(audit)).toEqual(['API_REQUEST Inside 1 by ann: success 200']);
  });

  it('has a name, for the messages and the list of plugins', async () => {
    const app = await watched(openTrail());
    expect(app.printPlugins()).toContain('indelible');
  });

  it('keeps the context in every hook, also of what reads the body', async () => {
    const audit = openTrail({ delivery: { DISCLOSURE: 'soon' } });
    const app = await watched(audit);
    const note = (id: string) => audit.record({ action: 'DISCLOSURE', target: { type: 'Hook', id } });
    app.addHook('preParsing', async (_request, _reply, payload) => {
      await note('preParsing');
      return payload.pipe(createGunzip());
    });
    app.addContentTypeParser('text/lines', async (_request: unknown, payload: AsyncIterable<Buffer>) => {
      const chunks: Buffer[] = [];
      for await (const chunk of payload) chunks.push(chunk);
      await note('parser');
      return Buffer.concat(chunks).toString();
    });
    app.addHook('preValidation', async () => void (await note('preValidation')));
    app.addHook('preHandler', (_request, _reply, done) => {
      void note('preHandler');
      done();
    });
    app.addHook('preSerialization', async (_request, _reply, answer) => {
      await note('preSerialization');
      return answer;
    });
    app.addHook('onSend', async () => void (await note('onSend')));
    app.addHook('onResponse', async () => void (await note('onResponse')));
    app.post('/api/lines', async ({ body }) => ({ body, id: await note('handler') }));
    const origin = await app.listen({ port: 0 });
    const packed = Readable.from([Buffer.from('one\ntwo')]).pipe(createGzip());
    const body = Buffer.concat(await packed.toArray());
    const headers = { 'content-type': 'text/lines', 'content-length': String(body.length) };
    const { text } = await ask(origin, '/api/lines', { method: 'POST', body, headers });
    expect(JSON.parse(text)).toMatchObject({ body: 'one\ntwo' });
    const events = await until(
      () => audit.events(),
      (all) => all.length === 8,
    );
    expect(events.map(({ target }) => target?.id)).toEqual([
      'preParsing',
      'parser',
      'preValidation',
      'preHandler',
      'handler',
      'preSerialization',
      'onSend',
      'onResponse',
    ]);
    expect(new Set(events.map(({ actor, request }) => `${actor.id} ${request?.id}`)).size).toBe(1);
    expect(events[0]?.actor.id).toBe('ann');
  });

  it('leaves errors to the handler of errors, and tells the first with its event', async () => {
    const audit = openTrail();
    const app = await watched(audit);
    const thrown = new Error('the drill is broken');
    const handled: unknown[] = [];
    app.setErrorHandler(async (error, _request, reply) => {
      handled.push(error);
      await audit.record({ action: 'DISCLOSURE', target: { type: 'Error', id: '1' } });
      return reply.code(409).send({ is: 'sorry' });
    });
    app.get('/api/drills/:id', async () => {
      throw thrown;
    });
    const { statusCode, body } = await app.inject('/api/drills/4');
    expect([statusCode, body]).toEqual([409, '{"is":"sorry"}']);
    expect(handled).toEqual([thrown]);
    const [disclosed, told] = await audit.events();
    expect([disclosed, told].map((event) => event && lineOf(event))).toEqual([
      'DISCLOSURE Error 1 by ann: success',
      'API_REQUEST Drill 4 by ann: failure 409',
    ]);
    expect(told?.error).toMatchObject({ message: 'the drill is broken' });
  });

  it('tells what a schema refuses as a failure', async () => {
    const audit = openTrail();
    const app = await watched(audit);
    const schema = { params: { type: 'object', properties: { id: { type: 'integer' } } } };
    app.get('/api/patients/:id', { ...auditRead(audit, 'Patient'), schema }, async () => PATIENT);
    expect((await app.inject('/api/patients/x')).statusCode).toBe(400);
    const [event] = await audit.events();
    expect(event && lineOf(event)).toBe('API_REQUEST Patient x by ann: failure 400');
    expect(event?.error).toMatchObject({ message: 'params/id must be integer' });
  });

  it('P28: tells a path that no route has by its path alone, and a missing patient by callNotFound as a denial', async () => {
    const audit = openTrail();
    const app = await watched(audit);
    app.setNotFoundHandler(async (_request, reply) => reply.code(404).send({ detail: 'nothing here' }));
    app.get('/api/patients/:id', async (_request, reply) => reply.callNotFound());
    expect((await app.inject('/api/patients/1')).body).toBe('{"detail":"nothing here"}');
    await app.inject('/api/patients/1/nothing');
    const events = await audit.events();
    expect(events.map(lineOf)).toEqual([
      'ACCESS_DENIED Patient 1 by ann: denied 404',
      'API_REQUEST by ann: failure 404',
    ]);
    expect(events[1]?.request).toMatchObject({ route: null, path: '/api/patients/1/nothing' });
  });

  it('tells a hijacked answer like any other', async () => {
    const audit = openTrail();
    const app = await watched(audit);
    app.get('/api/raw/:id', (_request, reply) => {
      reply.hijack();
      reply.raw.writeHead(202, { 'content-type': 'text/plain' });
      reply.raw.end('by hand');
    });
    const origin = await app.listen({ port: 0 });
    expect(await ask(origin, '/api/raw/1')).toMatchObject({ status: 202, text: 'by hand' });
    expect(await linesOf(audit)).toEqual(['API_REQUEST Raw 1 by ann: success 202']);
  });

  it('tells what nobody waited for as a failure', async () => {
    const audit = openTrail();
    const app = await watched(audit);
    app.get('/api/steps/:id', async (_request, reply) => {
      async function* steps(): AsyncIterable<string> {
        yield 'first';
        await once(reply.raw, 'close');
        yield 'never';
      }
      return reply.send(Readable.from(steps()));
    });
    const origin = await app.listen({ port: 0 });
    const answer = await begin(origin, '/api/steps/1');
    await once(answer, 'data');
    answer.destroy();
    const [event] = await until(
      () => audit.events(),
      (all) => all.length === 1,
    );
    expect(event && lineOf(event)).toBe('API_REQUEST Step 1 by ann: failure 200');
    expect(event?.error).toMatchObject({ code: 'ABORTED' });
  });

  it('tells a handler that took too long as an error, and keeps the context of what handles it', async () => {
    const audit = openTrail();
    const app = await watched(audit, { handlerTimeout: 20 });
    app.addHook('onError', async () => {
      await audit.record({ action: 'DISCLOSURE', target: { type: 'Hook', id: 'onError' } });
    });
    app.get('/api/slow/:id', () => new Promise(() => undefined));
    const origin = await app.listen({ port: 0 });
    expect((await ask(origin, '/api/slow/1')).status).toBe(503);
    const events = await audit.events();
    expect(events.map(lineOf)).toEqual([
      'DISCLOSURE Hook onError by ann: success',
      'API_REQUEST Slow 1 by ann: error 503',
    ]);
    expect(events[1]?.error).toMatchObject({ code: 'FST_ERR_HANDLER_TIMEOUT' });
  });

  it('tells a connection that Fastify cut for its silence as a failure', async () => {
    const audit = openTrail();
    const app = await watched(audit, { connectionTimeout: 30 });
    const timedOut: string[] = [];
    app.addHook('onTimeout', async ({ url }) => void timedOut.push(url));
    app.get('/api/slow/:id', () => new Promise(() => undefined));
    const origin = await app.listen({ port: 0 });
    await expect(ask(origin, '/api/slow/1')).rejects.toMatchObject({ code: 'ECONNRESET' });
    const [event] = await until(
      () => audit.events(),
      (all) => all.length === 1,
    );
    expect(event && lineOf(event)).toBe('API_REQUEST Slow 1 by ann: failure');
    expect(timedOut).toEqual(['/api/slow/1']);
  });

  it('watches HTTP/2', async () => {
    const audit = openTrail();
    const app = fastify({ http2: true });
    closeLater(() => app.close());
    await app.register(auditFastify(audit, { actor: () => ({ type: 'user', id: 'ann' }) }));
    app.get('/api/patients/:id', auditRead(audit, 'Patient'), async () => PATIENT);
    const session = connect(await app.listen({ port: 0 }));
    const stream = session.request({ ':path': '/api/patients/1' });
    const text = Buffer.concat((await stream.toArray()) as Buffer[]).toString();
    session.close();
    expect(JSON.parse(text)).toEqual(PATIENT);
    expect(await linesOf(audit)).toEqual(['READ Patient 1 by ann: success 200']);
  });
});
