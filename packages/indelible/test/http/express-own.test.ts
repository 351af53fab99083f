import express, { type ErrorRequestHandler, Router } from 'express';
import { afterEach, describe, expect, it } from 'vitest';

import { auditExpress, auditExpressErrors, auditList, auditRead, auditSensitive } from '../../src/express.js';
import { ask, dial, rawHead } from '../../src/testing/http/asking.js';
import { lineOf } from '../../src/testing/http/event-line.js';
import { until } from '../../src/testing/http/http-clinic.js';
import { breakDown, serving, show, watched } from './express/application.js';
import { closeAll, linesOf, openTrail, PATIENT } from './own-trail.js';

afterEach(closeAll);

const ANN = { as: 'ann' };

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
