import { pipeline, Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';

import express, { type ErrorRequestHandler, type Request, type Response } from 'express';
import { afterEach, describe, expect, it } from 'vitest';

import { auditExport } from '../../src/express.js';
import { createMemoryStore } from '../../src/memory.js';
import { createFaultyStore, createTestAudit } from '../../src/testing.js';
import { ask, askRaw, type Answered, rawHead } from '../../src/testing/http/asking.js';
import { until } from '../../src/testing/http/http-clinic.js';
import { breakDown, serving, show, watched } from './express/application.js';
import { closeAll, closeLater, linesOf, openTrail, PATIENT } from './own-trail.js';

afterEach(closeAll);

const ANN = { as: 'ann' };
const HERE = fileURLToPath(import.meta.url);

async function* breaking(): AsyncIterable<string> {
  yield 'so far so good';
  await new Promise((resolve) => setImmediate(resolve));
  breakDown();
}

describe('the end of an answer', () => {
  it('is an error where the stream broke that it was made of, though no handler was told', async () => {
    const audit = openTrail();
    const app = watched(audit);
    app.get('/api/patients', (_request, response) => {
      pipeline(Readable.from(breaking()), response, () => undefined);
    });
    await expect(ask(await serving(app), '/api/patients', ANN)).rejects.toThrow('aborted');
    const [event] = await until(
      () => audit.events(),
      ({ length }) => length > 0,
    );
    expect(event).toMatchObject({ outcome: 'error', error: { message: 'the drill is broken' } });
  });

  it.each([
    ['an object', { 'Content-Disposition': 'attachment; filename="a.csv"', 'Content-Type': 'text/csv' }],
    ['a list', ['content-disposition', 'attachment; filename="a.csv"', 'content-type', 'text/csv']],
  ])('is told with the headers that Node was given as %s', async (_name, headers) => {
    const audit = openTrail();
    const app = watched(audit);
    app.get('/api/exports', auditExport(audit, 'Patient'), (_request, response) => {
      response.writeHead(200, headers as string[]).end('a,b');
    });
    await ask(await serving(app), '/api/exports', ANN);
    const [event] = await audit.events();
    expect(event?.metadata).toEqual({ filename: 'a.csv', content_type: 'text/csv' });
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

  it('are given once, although the handler answers twice', async () => {
    const audit = openTrail({ failClosed: true });
    const app = watched(audit);
    app.get('/api/patients/:id', (_request, response) => {
      response.json(PATIENT);
      response.statusCode = 500;
      const again = [
        () => response.json({ more: 'than one' }),
        () => response.writeHead(500),
        () => response.removeHeader('ETag'),
      ];
      for (const answer of again) expect(answer).toThrow('after they are sent');
      response.end('still more');
    });
    const { status, text } = await ask(await serving(app), '/api/patients/1', ANN);
    expect([status, JSON.parse(text)]).toEqual([200, PATIENT]);
    expect(await linesOf(audit)).toEqual(['API_REQUEST Patient 1 by ann: success 200']);
  });

  it('have begun for whoever handles the error of their handler', async () => {
    const audit = openTrail({ failClosed: true });
    const app = watched(audit);
    app.get('/api/patients/:id', (_request, response) => {
      response.write('partial');
      breakDown();
    });
    const seen: unknown[] = [];
    app.use(((error, _request, response, next) => {
      seen.push(response.headersSent);
      next(error);
    }) as ErrorRequestHandler);
    const { text } = await askRaw(await serving(app), rawHead('GET /api/patients/1 HTTP/1.1'));
    expect(seen).toEqual([true]);
    expect(text).not.toMatch('drill');
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
      response.on('finish', () => said.push(response.write('secret even now')));
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
