import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';

import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type Response,
  Router,
} from 'express';
import { afterEach, describe, expect, it } from 'vitest';

import {
  auditExport,
  auditExpress,
  auditExpressErrors,
  auditList,
  auditRead,
  auditSensitive,
} from '../../src/express.js';
import { createMemoryStore } from '../../src/memory.js';
import { createFaultyStore, createTestAudit, type TestAudit } from '../../src/testing.js';
import { ask, askRaw, type Answered, dial, rawHead } from '../../src/testing/http/asking.js';
import { lineOf } from '../../src/testing/http/event-line.js';
import { until } from '../../src/testing/http/http-clinic.js';
import { closeAll, closeLater, linesOf, openTrail, PATIENT } from './own-trail.js';

afterEach(closeAll);

const ANN = { as: 'ann' };
const HERE = fileURLToPath(import.meta.url);

function show(_request: Request, response: Response): void {
  response.json(PATIENT);
}

function breakDown(): never {
  throw new Error('the drill is broken');
}

/** An application that ann, and nobody else, has signed in to. */
function watched(audit: TestAudit): Express {
  const app = express();
  app.use(auditExpress(audit));
  app.use((request, _response, next) => {
    if (request.get('authorization') === 'Kit ann') Object.assign(request, { user: { id: 'ann' } });
    next();
  });
  return app;
}

async function serving(app: Express): Promise<string> {
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  closeLater(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('auditExpress', () => {
  it('knows the whole pattern of a route in nested routers and applications, also after an error', async () => {
    const audit = openTrail();
    const patients = Router({ mergeParams: true });
    patients.get('/:id', auditRead(audit, 'Patient'), show);
    patients.get('/:id/drills/:drill', breakDown);
    patients.route('/:id/notes/:note').get(show).put(show);
    const north = express();
    north.use('/patients', patients);
    const app = watched(audit);
    app.use('/api/v1', north);
    app.use('/api/clinics/:clinic/patients', patients);
    app.use(auditExpressErrors(audit));
    app.use(((_error, _request, response, _next) => {
      response.sendStatus(500);
    }) as ErrorRequestHandler);
    const origin = await serving(app);
    for (const path of ['patients/1', 'patients/1/drills/5', 'patients/1/notes/5'])
      for (const start of ['/api/v1', '/api/clinics/9']) await ask(origin, `${start}/${path}`, ANN);
    const events = await audit.events();
    expect(events.map(lineOf)).toEqual([
      'READ Patient 1 by ann: success 200',
      'READ Patient 1 by ann: success 200',
      'API_REQUEST Patient 1 by ann: error 500',
      'API_REQUEST Patient 1 by ann: error 500',
      'API_REQUEST Patient 1 by ann: success 200',
      'API_REQUEST Patient 1 by ann: success 200',
    ]);
    expect(events.map(({ request }) => request?.route)).toEqual([
      '/api/v1/patients/:id',
      '/api/clinics/9/patients/:id',
      '/api/v1/patients/:id/drills/:drill',
      '/api/clinics/9/patients/:id/drills/:drill',
      '/api/v1/patients/:id/notes/:note',
      '/api/clinics/9/patients/:id/notes/:note',
    ]);
  });

  it("tells what Express's own last handler answers, with the error and the record", async () => {
    const audit = openTrail();
    const app = watched(audit);
    app.get('/api/patients/:id', breakDown);
    app.use(auditExpressErrors(audit));
    const origin = await serving(app);
    await ask(origin, '/api/patients/1', ANN);
    await ask(origin, '/api/nowhere', ANN);
    const events = await audit.events();
    expect(events.map(lineOf)).toEqual([
      'API_REQUEST Patient 1 by ann: error 500',
      'API_REQUEST by ann: failure 404',
    ]);
    expect(events[0]?.error).toMatchObject({ message: 'the drill is broken' });
  });

  it('tells a route by a regular expression, or by several patterns, as what it is', async () => {
    const audit = openTrail();
    const app = watched(audit);
    app.get(/^\/api\/patients\/(\d+)$/, show);
    app.get(['/api/invoices/:id', '/api/bills/:id'], show);
    const origin = await serving(app);
    for (const path of ['/api/patients/1', '/api/bills/2']) await ask(origin, path, ANN);
    const [byExpression, byList] = await audit.events();
    expect(byExpression).toMatchObject({ action: 'API_REQUEST', target: null, request: { route: null } });
    expect(byList).toMatchObject({ action: 'API_REQUEST', request: { path: '/api/bills/2' } });
  });

  it('P17: keeps the context in listeners of a body that nothing parses, and of both ends of the connection', async () => {
    const audit = openTrail();
    const note = (way: string): unknown => audit.record({ action: 'DISCLOSURE', metadata: { way } });
    const app = watched(audit);
    app.post('/api/scans', (request, response) => {
      request.once('data', () => note('data'));
      request.once('end', () => note('end') && response.end('done'));
      request.once('close', () => note('request closed'));
      response.once('finish', () => note('finish'));
      response.once('close', () => note('answer closed'));
    });
    const origin = await serving(app);
    const socket = await dial(origin);
    const headers = ['Authorization: Kit ann', 'Content-Type: image/png', 'Content-Length: 10'];
    socket.write(`${rawHead('POST /api/scans HTTP/1.1', headers)}12345`);
    await until(
      () => linesOf(audit),
      (lines) => lines.length === 1,
    );
    socket.end('67890');
    const events = await until(
      () => audit.events(),
      ({ length }) => length >= 5,
    );
    const ways = events.map(({ metadata }) => String(metadata?.['way']));
    expect(ways.toSorted()).toEqual(['answer closed', 'data', 'end', 'finish', 'request closed']);
    expect(new Set(events.map(({ actor, request }) => `${actor.id} ${request?.id}`)).size).toBe(1);
    expect(events[0]?.actor.id).toBe('ann');
  });

  it('tells each of two trails', async () => {
    const [one, other] = [openTrail(), openTrail()];
    const app = express().use(auditExpress(one), auditExpress(other));
    app.get('/api/patients/:id', auditRead(one, 'Patient'), auditRead(other, 'Patient'), show);
    await ask(await serving(app), '/api/patients/1');
    expect([await linesOf(one), await linesOf(other)]).toEqual([
      ['READ Patient 1 by anonymous: success 200'],
      ['READ Patient 1 by anonymous: success 200'],
    ]);
  });
});

describe('what watches a route of Express', () => {
  it('tells reads and denials also where auditExpress is not attached, and no other request', async () => {
    const audit = openTrail();
    const app = express();
    app.use((request, _response, next) =>
      next(Object.assign(request, { user: { sub: 'ann' } }) && undefined),
    );
    app.get('/api/patients/:id', auditRead(audit, 'Patient'), ({ params }, response) => {
      response.status(params.id === '1' ? 200 : 403).json(PATIENT);
    });
    app.get('/api/invoices/:id', show);
    const origin = await serving(app);
    for (const path of ['/api/patients/1', '/api/patients/2', '/api/invoices/1']) await ask(origin, path);
    expect(await linesOf(audit)).toEqual([
      'READ Patient 1 by ann: success 200',
      'ACCESS_DENIED Patient 2 by ann: denied 403',
    ]);
  });

  it("is given Express's own request", async () => {
    const audit = openTrail();
    const app = watched(audit);
    const read = auditRead(audit, 'Patient', {
      id: (request) => request.query['number'],
      reason: (request) => request.get('x-why'),
      metadata: ({ method }, answer) => ({ method, of: (answer as typeof PATIENT).name }),
      label: (record) => `<${String(record['name'])}>`,
      subject: () => 'somebody',
      select: (answer) => ({ ...(answer as typeof PATIENT), id: undefined }),
    });
    app.get('/api/patients', read, show);
    app.get(
      '/api/people',
      auditList(audit, 'Person', { search: ({ query }) => String(query['name']) }),
      show,
    );
    app.post('/api/patients/:id/fax', auditSensitive(audit, 'DISCLOSURE'), show);
    const origin = await serving(app);
    await ask(origin, '/api/patients?number=77', { ...ANN, headers: { 'x-why': 'because' } });
    await ask(origin, '/api/people?name=birch', ANN);
    await ask(origin, '/api/patients/3/fax', { ...ANN, method: 'POST' });
    const events = await audit.events();
    const by = (action: string): unknown => events.find((one) => one.action === action);
    expect(by('READ')).toMatchObject({
      target: { type: 'Patient', id: '77', label: '<Ben Birch>' },
      subjectId: 'somebody',
      reason: 'because',
      metadata: { method: 'GET', of: 'Ben Birch' },
    });
    expect(by('SEARCH')).toMatchObject({ metadata: { search: 'birch' } });
    expect(by('DISCLOSURE')).toMatchObject({ target: { type: 'Patient' } });
  });
});

describe('functions of the application that throw', () => {
  it('are reported, and cost neither the answer nor the event', async () => {
    const errors: string[] = [];
    const audit = openTrail({ onError: ({ message }) => void errors.push(message) });
    const app = watched(audit);
    const broken = { id: breakDown, reason: breakDown, search: breakDown, metadata: breakDown };
    app.get('/api/patients', auditList(audit, 'Patient', broken), show);
    app.get(
      '/api/people',
      auditList(audit, 'Person', broken),
      (_, response) => void response.sendStatus(403),
    );
    app.get('/api/patients/:id', auditRead(audit, 'Patient', broken), ({ params }, response) => {
      response.status(params.id === '1' ? 200 : 403).json(PATIENT);
    });
    const origin = await serving(app);
    for (const path of ['/api/patients/1', '/api/patients/2', '/api/patients', '/api/people'])
      await ask(origin, path, ANN);
    expect(await linesOf(audit)).toEqual([
      'READ Patient 1 by ann: success 200',
      'ACCESS_DENIED Patient 2 by ann: denied 403',
      'LIST Patient by ann: success 200',
      'ACCESS_DENIED Person by ann: denied 403',
    ]);
    expect(errors.length).toBeGreaterThan(2);
    for (const message of errors) expect(message).toMatch('the drill is broken');
  });

  it('give no reason where one is required', async () => {
    const audit = openTrail({ onError: () => undefined });
    const app = watched(audit);
    const options = { reason: breakDown, requireReason: true };
    app.get('/api/patients/:id', auditRead(audit, 'Patient', options), show);
    const { status } = await ask(await serving(app), '/api/patients/1', ANN);
    expect(status).toBe(400);
    expect(await linesOf(audit)).toEqual(['API_REQUEST Patient 1 by ann: failure 400']);
  });
});

/** Every way in which Express and Node answer. */
const ANSWERS: Readonly<Record<string, (request: Request, response: Response) => void>> = {
  json: (_, response) => void response.json(PATIENT),
  jsonp: (_, response) => void response.jsonp(PATIENT),
  send: (_, response) => void response.send('text'),
  bytes: (_, response) => void response.send(Buffer.from([0, 255, 128])),
  nothing: (_, response) => void response.end(),
  status: (_, response) => void response.sendStatus(202),
  redirect: (_, response) => response.redirect(301, '/elsewhere'),
  file: (_, response) => response.sendFile(HERE),
  attachment: (_, response) => response.download(HERE, 'a "file".txt'),
  cookie: (_, response) => void response.cookie('a', 'b').vary('Accept').send('cookie'),
  head: (_, response) => {
    response.writeHead(203, 'Fine', { 'X-Own': 'yes', 'Content-Type': 'text/plain' });
    response.write('one ');
    response.write(Buffer.from('two '));
    response.write('74687265652020', 'hex');
    response.end('four');
  },
  flush: (_, response) => {
    response.setHeader('Content-Type', 'text/plain');
    response.flushHeaders();
    setImmediate(() => response.end('late'));
  },
  pieces: (_, response) => {
    response.write('one ');
    setImmediate(() => response.write('two ', () => response.end('three')));
  },
  trailers: (_, response) => {
    response.setHeader('Trailer', 'X-Last');
    response.write('body');
    response.addTrailers({ 'X-Last': 'end' });
    response.end();
  },
  hints: (_, response) => {
    response.writeEarlyHints({ link: '</style.css>; rel=preload; as=style' });
    response.send('after hints');
  },
  late: (_, response) => {
    response.end('first');
    // Too late: a handler that answers twice is told so by Node, and nobody else notices.
    response.on('error', () => undefined);
    response.end('second');
  },
};

describe('answers that are held back until they are recorded', () => {
  it.each(Object.keys(ANSWERS))('are those of an application that nothing watches: %s', async (name) => {
    const audit = openTrail({ failClosed: true });
    const apps = [express(), watched(audit)];
    const answer = ANSWERS[name] ?? show;
    for (const app of apps) app.get('/api/answer', answer);
    const [plain, held] = await Promise.all(apps.map(serving));
    const head = rawHead('GET /api/answer HTTP/1.1', ['Authorization: Kit ann']);
    const undated = async (origin = ''): Promise<string> =>
      (await askRaw(origin, head)).text.replace(/^Date: .*$/m, 'Date: today');
    expect(await undated(held)).toBe(await undated(plain));
    expect(await linesOf(audit)).toEqual([
      expect.stringMatching(/^API_REQUEST by ann|^API_REQUEST Answer by ann/),
    ]);
  });

  it('leave nothing behind when they are refused, whatever the handler still says', async () => {
    const store = createFaultyStore(createMemoryStore());
    const errors: string[] = [];
    const audit = createTestAudit({
      store,
      failClosed: ['EXPORT'],
      deadlineMs: 500,
      onError: ({ code }) => void errors.push(code),
    });
    closeLater(() => audit.close());
    const said: unknown[] = [];
    const app = watched(audit);
    app.get('/api/exports', auditExport(audit, 'Patient'), (_request, response) => {
      response.setHeader('Content-Disposition', 'attachment; filename="patients.csv"');
      response.setHeader('Set-Cookie', 'a=b');
      const timer = setInterval(() => said.push(response.write('secret\n')), 1);
      response.on('close', () => {
        clearInterval(timer);
        said.push(response.write('secret after all'), response.end('more') === response);
      });
    });
    const origin = await serving(app);
    await audit.flush();
    store.failAlways('not-persisted');
    const answer: Answered = await ask(origin, '/api/exports', ANN);
    expect([answer.status, answer.text.includes('secret')]).toEqual([503, false]);
    expect(answer.rawHeaders.map(([header]) => header)).toEqual([
      'Content-Type',
      'Content-Length',
      'Date',
      'Connection',
    ]);
    await until(
      () => said.at(-1),
      (last) => last === true,
    );
    expect(new Set(said.slice(0, -1))).toEqual(new Set([false]));
    expect(errors).toContain('TRAIL_UNAVAILABLE');
    store.recover();
  });
});
