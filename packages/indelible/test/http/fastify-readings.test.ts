import { Readable } from 'node:stream';

import { afterEach, describe, expect, it } from 'vitest';

import { auditExport, auditList, auditRead, auditSensitive } from '../../src/fastify.js';
import { ask } from '../../src/testing/http/asking.js';
import { lineOf } from '../../src/testing/http/event-line.js';
import { application, watched } from './fastify/application.js';
import { closeAll, linesOf, openTrail, PATIENT } from './own-trail.js';

afterEach(closeAll);

describe('a reading on a route of Fastify', () => {
  it('sees an answer as it was before its schema, and leaves what the schema makes of it', async () => {
    const audit = openTrail();
    const app = await watched(audit);
    const schema = { response: { 200: { type: 'object', properties: { name: { type: 'string' } } } } };
    app.get('/api/patients/:id', { ...auditRead(audit, 'Patient'), schema }, async () => PATIENT);
    expect((await app.inject('/api/patients/1')).body).toBe('{"name":"Ben Birch"}');
    const [event] = await audit.events();
    expect(event?.subjectId).toBe('7');
  });

  it('sees an answer as other hooks have made it', async () => {
    const audit = openTrail();
    const app = await watched(audit);
    app.addHook('preSerialization', async (_request, _reply, answer) => ({ data: answer }));
    app.get('/api/patients', auditList(audit, 'Patient'), async () => [PATIENT]);
    expect((await app.inject('/api/patients')).body).toBe(JSON.stringify({ data: [PATIENT] }));
    const [event] = await audit.events();
    expect(event?.metadata).toEqual({ count: 1, ids: ['1'] });
  });

  it.each([
    ['a text', (): unknown => 'id,name'],
    ['bytes', () => Buffer.from('id,name')],
    ['a stream', () => Readable.from(['id,', 'name'])],
    ['a stream of the web', () => new Response('id,name').body],
    ['a response of the web', () => new Response('id,name')],
  ])('tells an export that is %s', async (_name, file) => {
    const audit = openTrail();
    const app = await watched(audit);
    app.get('/api/patients.csv', auditExport(audit, 'Patient'), async (_request, reply) => {
      reply.header('content-disposition', 'attachment; filename="patients.csv"').type('text/csv');
      return file();
    });
    const origin = await app.listen({ port: 0 });
    expect(await ask(origin, '/api/patients.csv')).toMatchObject({ status: 200, text: 'id,name' });
    const [event] = await audit.events();
    expect(event && lineOf(event)).toBe('EXPORT Patient by ann: success 200');
    expect(event?.metadata).toMatchObject({ filename: 'patients.csv' });
  });

  it.each(['listening', 'injected'])('answers once, also where a handler does not wait: %s', async (way) => {
    const audit = openTrail({ delivery: { READ: 'before' } });
    const app = await watched(audit);
    // Fastify takes an answer for given as soon as `send` has been called, although nothing is returned.
    app.get('/api/patients/:id', auditRead(audit, 'Patient'), async (_request, reply) => {
      reply.send(PATIENT);
    });
    const text =
      way === 'injected'
        ? (await app.inject('/api/patients/1')).body
        : (await ask(await app.listen({ port: 0 }), '/api/patients/1')).text;
    expect(JSON.parse(text)).toEqual(PATIENT);
    expect(await linesOf(audit)).toEqual(['READ Patient 1 by ann: success 200']);
  });

  it('says of an answer that has to wait what would be so without it', async () => {
    const audit = openTrail({ delivery: { API_REQUEST: 'before' } });
    const app = await watched(audit);
    const seen: unknown[] = [];
    app.get('/api/raw/:id', (_request, reply) => {
      seen.push(reply.sent, reply.raw.headersSent);
      reply.raw.writeHead(200);
      seen.push(reply.sent, reply.raw.headersSent);
      reply.raw.end('by hand');
      seen.push(reply.sent);
    });
    const origin = await app.listen({ port: 0 });
    expect((await ask(origin, '/api/raw/1')).text).toBe('by hand');
    expect(seen).toEqual([false, false, false, true, true]);
    expect(await linesOf(audit)).toEqual(['API_REQUEST Raw 1 by ann: success 200']);
  });

  it('is told although the route has a preHandler of its own, which replaces that of the reading', async () => {
    const audit = openTrail();
    const app = await watched(audit);
    const print = auditSensitive(audit, 'PRINT', { model: 'Patient', requireReason: true });
    app.get('/api/patients/:id', { ...print, preHandler: async () => undefined }, async () => PATIENT);
    const refused = await app.inject('/api/patients/1');
    expect([refused.statusCode, refused.headers['content-type']]).toEqual([
      400,
      'application/problem+json; charset=utf-8',
    ]);
    await app.inject('/api/patients/1?reason=insurer');
    expect(await linesOf(audit)).toEqual([
      'API_REQUEST Patient 1 by ann: failure 400',
      'PRINT Patient 1 by ann: success 200',
    ]);
  });

  it('P28: is attempted where a guard in front of it refuses, and the refusal stands', async () => {
    const audit = openTrail();
    const app = await watched(audit);
    const print = auditSensitive(audit, 'PRINT', { model: 'Patient', requireReason: true });
    const guard = async (): Promise<never> => {
      throw Object.assign(new Error('not yours'), { statusCode: 403 });
    };
    app.get('/patients/:id', { ...print, onRequest: guard }, async () => PATIENT);
    expect((await app.inject('/patients/1')).statusCode).toBe(403);
    const [event] = await audit.events();
    expect(event && lineOf(event)).toBe('ACCESS_DENIED Patient 1 by ann: denied 403');
    expect(event?.metadata).toEqual({ attempted: 'PRINT' });
  });

  it('is told without the plugin', async () => {
    const audit = openTrail();
    const app = application();
    app.get('/api/patients/:id', auditRead(audit, 'Patient'), async () => PATIENT);
    app.get('/api/others/:id', async () => ({}));
    await app.inject('/api/patients/1');
    await app.inject('/api/others/1');
    expect(await linesOf(audit)).toEqual(['READ Patient 1 by ann: success 200']);
  });
});
