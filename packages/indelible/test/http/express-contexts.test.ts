import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import http, { type Server } from 'node:http';
import { setTimeout } from 'node:timers/promises';

import express, { type Express, type RequestHandler } from 'express';
import { afterEach, describe, expect, it } from 'vitest';

import { auditExport, auditExpress, auditList, auditRead } from '../../src/express.js';
import { createFaultyStore, createTestAudit, type TestAudit } from '../../src/testing.js';
import { createMemoryStore } from '../../src/memory.js';

const ANN = { type: 'user', id: 'ann' } as const;
const closing: (() => unknown)[] = [];
const patient: RequestHandler = (request, response) => void response.json({ id: request.params['id'] });

afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

function openAudit(options: Parameters<typeof createTestAudit>[0] = {}): TestAudit {
  const audit = createTestAudit({ onError: () => undefined, ...options });
  closing.push(() => audit.close());
  return audit;
}

async function ask(
  app: Express,
  path: string,
  listen = (): Server => app.listen(0, '127.0.0.1'),
): Promise<Response> {
  const server = listen();
  closing.push(() => server.close());
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}${path}`, {
    headers: { Connection: 'close' },
    redirect: 'manual',
    signal: AbortSignal.timeout(5_000),
  });
  await response.clone().text();
  return response;
}

describe('what is told of a request', () => {
  it('P16: knows who was found out in a context inside it, and that one’s tenant and session', async () => {
    const audit = openAudit();
    const app = express();
    app.use(auditExpress(audit));
    app.use((_request, _response, next) => {
      audit.run({ tenantId: 'north' }, () => {
        audit.setContext({ actor: ANN, sessionId: 's1' });
        next();
      });
    });
    app.get('/api/patients/:id', auditRead(audit, 'Patient'), patient);
    app.get('/api/others/:id', patient);
    await ask(app, '/api/patients/1');
    await ask(app, '/api/others/1');
    const all = await audit.events();
    expect(
      all.map(({ action, actor, tenantId, sessionId }) => [action, actor.id, tenantId, sessionId]),
    ).toEqual([
      ['READ', 'ann', 'north', 's1'],
      ['API_REQUEST', 'ann', 'north', 's1'],
    ]);
  });

  it('P23: names both who act in it, whoever tells of the reading in the end', async () => {
    const audit = openAudit();
    const read = audit.wrap((id: string) => ({ id }), { action: 'READ', model: 'Patient' });
    const app = express();
    app.use(auditExpress(audit, { actor: () => ({ type: 'user', id: 'admin' }) }));
    const show: RequestHandler = async (_request, response) => {
      response.json(await audit.impersonate(ANN, () => read('1')));
    };
    app.get('/api/charts', show);
    await ask(app, '/api/charts');
    const reads = (await audit.events()).filter(({ action }) => action === 'READ');
    expect(reads).toMatchObject([{ actor: { id: 'admin', onBehalfOf: { id: 'ann' } } }]);
  });

  it('P17: holds for whoever listens to a body that comes in pieces, without a parser', async () => {
    const audit = openAudit();
    const app = express();
    app.use(
      auditExpress(audit, { actor: (request) => ({ type: 'user', id: String(request.get('x-who')) }) }),
    );
    app.post('/api/scans', (request, response) => {
      request.on('data', () => void audit.record({ action: 'PRINT' }));
      request.on('end', () => {
        void audit.record({ action: 'DOWNLOAD' });
        response.end();
      });
    });
    const server = app.listen(0, '127.0.0.1');
    closing.push(() => server.close());
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const sent = ['ann', 'bob'].map((who) => {
      const headers = { 'x-who': who, Connection: 'close' };
      const sending = http.request({ port, host: '127.0.0.1', method: 'POST', path: '/api/scans', headers });
      const answered = once(sending, 'response');
      sending.flushHeaders();
      return { sending, answered };
    });
    for (const piece of ['one', 'two']) {
      await setTimeout(20);
      for (const { sending } of sent) sending.write(piece);
    }
    for (const { sending } of sent) sending.end();
    for (const { answered } of sent) (await answered)[0].resume();
    const all = (await audit.events()).map(({ action, actor }) => `${action} ${actor.id}`);
    expect(new Set(all)).toEqual(new Set(['PRINT ann', 'PRINT bob', 'DOWNLOAD ann', 'DOWNLOAD bob']));
  });

  it('P18: knows nothing of whoever started the server', async () => {
    const audit = openAudit();
    const app = express();
    app.use(auditExpress(audit));
    app.get('/api/patients/:id', (_request, response) => void response.sendStatus(401));
    const boot = { actor: { type: 'system', name: 'boot' }, tenantId: 'north', reason: 'boot' } as const;
    await ask(app, '/api/patients/1', () => audit.run(boot, () => app.listen(0, '127.0.0.1')));
    expect(await audit.events()).toMatchObject([
      { action: 'ACCESS_DENIED', actor: { type: 'anonymous' }, tenantId: null, reason: null },
    ]);
  });

  it('P27: makes up no number for a list that it does not see, and sees one under any name', async () => {
    const audit = openAudit();
    const app = express();
    app.use(auditExpress(audit));
    app.get('/api/patients', auditList(audit, 'Patient'), (_request, response) => {
      response.json({ patients: [{ id: 1 }, { id: 2 }], page: 1 });
    });
    app.get('/api/wards', auditList(audit, 'Ward'), (_request, response) => {
      response.json({ a: [1], b: [2] });
    });
    await ask(app, '/api/patients');
    await ask(app, '/api/wards');
    expect((await audit.events()).map(({ metadata }) => metadata)).toEqual([
      { count: 2, ids: ['1', '2'] },
      null,
    ]);
  });

  it('is no reading when it led elsewhere, unless to the file that was asked for', async () => {
    const audit = openAudit();
    const app = express();
    const elsewhere: RequestHandler = (_request, response) => {
      response.redirect('/login');
    };
    app.use(auditExpress(audit));
    app.get('/api/patients/:id', auditRead(audit, 'Patient'), elsewhere);
    app.get('/api/exports', auditExport(audit, 'Patient'), elsewhere);
    await ask(app, '/api/patients/1');
    await ask(app, '/api/exports');
    expect((await audit.events()).map(({ action }) => action)).toEqual(['EXPORT']);
  });
});

/** Lets an answer be ended but once, and looks whether its head has left, as middleware for sessions does. */
const endOnce: RequestHandler = (_request, response, next) => {
  const end = response.end.bind(response) as (...args: unknown[]) => typeof response;
  let isEnded = false;
  response.end = ((...args: unknown[]) => {
    if (isEnded) return false;
    isEnded = true;
    if (!(response as unknown as { _header: unknown })._header) response.writeHead(response.statusCode);
    return end(...args);
  }) as typeof response.end;
  next();
};

describe('an answer that middleware lets end but once', () => {
  it.each(['not-persisted', undefined] as const)(
    'P15: is refused or released all the same: %s',
    async (fault) => {
      const store = createFaultyStore(createMemoryStore());
      const audit = openAudit({ store, failClosed: ['EXPORT'] });
      const app = express();
      app.use(auditExpress(audit), endOnce);
      app.get('/api/exports', auditExport(audit, 'Patient'), (_request, response) => {
        response.write('id\n');
        response.end('1\n');
      });
      if (fault) store.failAlways(fault);
      const response = await ask(app, '/api/exports');
      expect(response.status).toBe(fault ? 503 : 200);
      expect((await response.text()).includes('id\n1')).toBe(fault === undefined);
      store.recover();
    },
  );
});
