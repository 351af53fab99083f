import { once } from 'node:events';
import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { setTimeout } from 'node:timers/promises';

import { bodyParser } from '@koa/bodyparser';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import express from 'express';
import fastify from 'fastify';
import { Hono } from 'hono';
import Koa from 'koa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { auditApi as forExpress, auditExpress } from '../../src/express.js';
import { auditApi as forFastify, auditFastify } from '../../src/fastify.js';
import { auditApi as forFetch } from '../../src/fetch.js';
import { auditApi as forHono, auditHono } from '../../src/hono.js';
import type { Audit } from '../../src/index.js';
import { auditApi as forKoa, auditKoa } from '../../src/koa.js';
import { auditApi as forNest, auditNest } from '../../src/nestjs.js';
import { someEntries } from '../entries.js';
import { served } from '../http/web-server.js';
import { type ApiBed, authorize, live, openBed } from './bed.js';

// oxlint-disable-next-line import/no-unassigned-import -- Nest needs it.
import 'reflect-metadata';

interface Served {
  readonly origin: string;
  close(): Promise<void>;
}

const OPTIONS = { authorize };

async function listening(server: Server): Promise<Served> {
  if (!server.listening) await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

async function nest(audit: Audit, adapter: 'express' | 'fastify'): Promise<Served> {
  class Application {
    readonly name = 'clinic';
  }
  Module({ imports: [auditNest(audit), forNest(audit, OPTIONS)] })(Application);
  const options = { logger: false, forceCloseConnections: true } as const;
  const app =
    adapter === 'express'
      ? await NestFactory.create(Application, options)
      : await NestFactory.create(Application, new FastifyAdapter({ forceCloseConnections: true }), options);
  await app.listen(0, '127.0.0.1');
  const { port } = (app.getHttpServer() as Server).address() as AddressInfo;
  return { origin: `http://127.0.0.1:${port}`, close: () => app.close() };
}

/** Each framework's own way, with the safety net and what parses bodies in front. */
const MOUNTS: Readonly<Record<string, (audit: Audit) => Promise<Served>>> = {
  express: async (audit) => {
    const app = express();
    app.use(auditExpress(audit), express.json());
    app.use(forExpress(audit, OPTIONS));
    app.get('/other', (_, response) => void response.send('other'));
    return listening(createServer(app));
  },
  'express, under the path': async (audit) => {
    const app = express();
    app.use('/api/audit', forExpress(audit, OPTIONS));
    app.get('/other', (_, response) => void response.send('other'));
    return listening(createServer(app));
  },
  fastify: async (audit) => {
    const app = fastify({ forceCloseConnections: true });
    await app.register(auditFastify(audit));
    await app.register(forFastify(audit, OPTIONS));
    app.get('/other', async () => 'other');
    app.addHook('onRequest', async (_, reply) => void reply.header('x-hook', 'yes'));
    return { origin: await app.listen({ port: 0, host: '127.0.0.1' }), close: () => app.close() };
  },
  'fastify, with a prefix': async (audit) => {
    const app = fastify({ forceCloseConnections: true });
    await app.register(forFastify(audit, { ...OPTIONS, path: '/elsewhere' }), { prefix: '/api/audit' });
    app.get('/other', async () => 'other');
    return { origin: await app.listen({ port: 0, host: '127.0.0.1' }), close: () => app.close() };
  },
  koa: async (audit) => {
    const app = new Koa();
    app.silent = true;
    app.use(auditKoa(audit)).use(bodyParser()).use(forKoa(audit, OPTIONS));
    app.use((ctx) => {
      ctx.body = 'other';
    });
    return listening(createServer((request, response) => void app.callback()(request, response)));
  },
  hono: async (audit) => {
    const app = new Hono();
    app.use(auditHono(audit));
    app.use(async (c, next) => {
      if (c.req.method === 'POST') await c.req.text();
      await next();
    });
    app.use(forHono(audit, OPTIONS));
    app.get('/other', (c) => c.text('other'));
    return served((request, env) => app.fetch(request, env));
  },
  fetch: async (audit) => {
    const api = forFetch(audit, { ...OPTIONS, peer: () => '127.0.0.1' });
    return served((request) =>
      request.url.endsWith('/other') ? new Response('other') : api(request, { more: 'arguments' }),
    );
  },
  'nestjs on express': (audit) => nest(audit, 'express'),
  'nestjs on fastify': (audit) => nest(audit, 'fastify'),
};

describe.each(Object.keys(MOUNTS))('the API mounted by %s', (name) => {
  const EVENTS = 4_000;
  let bed: ApiBed;
  let server: Served;
  beforeAll(async () => {
    bed = await openBed('sqlite', { maxListeners: 1 });
    await live(bed);
    await bed.store.append(someEntries(EVENTS, () => ({ payload: { reason: 'x'.repeat(4_000) } })));
    server = await (MOUNTS[name] as (audit: Audit) => Promise<Served>)(bed.audit);
  });
  afterAll(async () => {
    await server.close();
    await bed.close();
  });

  function ask(path: string, as: string, init: RequestInit = {}): Promise<Response> {
    const headers = { Authorization: `Bearer ${as}`, 'Content-Type': 'application/json' };
    return fetch(`${server.origin}${path}`, { headers, ...init });
  }

  it('answers with and without the last slash, and leaves the rest of the application alone', async () => {
    for (const path of ['/api/audit/logs/', '/api/audit/logs', '/api/audit/logs/?model=Patient'])
      expect([path, (await ask(path, 'north')).status]).toEqual([path, 200]);
    for (const path of ['/api/audit/nonsense', '/api/audit', '/api/audit/'])
      expect([path, (await ask(path, 'north')).status]).toEqual([path, 404]);
    const other = await ask('/other', 'north');
    expect(await other.text()).toMatch(name.startsWith('nestjs') ? 'Cannot GET /other' : /^other$/);
    const head = await ask('/api/audit/logs/', 'north', { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect((await ask('/api/audit/logs/', 'nobody')).status).toBe(401);
    expect(head.headers.get('x-hook')).toBe(name === 'fastify' ? 'yes' : null);
  });

  it('reads bodies, whoever has read them before', async () => {
    const body = JSON.stringify({ match: { model: 'Invoice' }, days: 2_555 });
    const added = await ask('/api/audit/retention/', 'owner', { method: 'POST', body });
    expect([added.status, await added.json()]).toMatchObject([
      201,
      { match: { model: 'Invoice' }, days: 2_555 },
    ]);
    const changed = await ask(String(added.headers.get('location')), 'owner', {
      method: 'PATCH',
      body: JSON.stringify({ days: 3_000 }),
    });
    expect([changed.status, await changed.json()]).toMatchObject([200, { days: 3_000 }]);
    const verify = await ask('/api/audit/integrity/verify/', 'owner', { method: 'POST' });
    expect([202, 409]).toContain(verify.status);
  });

  it('P46: records its calls once each, with where they came from', async () => {
    await ask('/api/audit/logs/?search=once', 'north');
    await ask('/api/audit/logs/?search=once', 'north');
    await ask('/api/audit/logs/', 'dentist');
    const events = await bed.recorded('AUDIT_VIEWED,ACCESS_DENIED,API_REQUEST');
    const viewings = events.filter(({ request }) => JSON.stringify(request?.query)?.includes('once'));
    expect(viewings).toMatchObject([
      {
        action: 'AUDIT_VIEWED',
        actor: { id: 'n1' },
        request: { method: 'GET', route: '/api/audit/logs/', ip: '127.0.0.1', ipSource: 'socket' },
      },
    ]);
    expect(events.filter(({ actor }) => actor.id === 'd1')).toMatchObject([{ action: 'ACCESS_DENIED' }]);
    expect(events.filter(({ action }) => action === 'API_REQUEST')).toEqual([]);
  });

  it('hands out a file of any size, no faster than it is read, and stops when nobody reads it any more', async () => {
    const whole = await ask('/api/audit/logs/export/?format=ndjson&action=READ&role=', 'owner');
    expect(whole.status).toBe(400);
    const file = await ask('/api/audit/logs/export/?format=ndjson&action=READ&source=read', 'owner');
    expect((await file.text()).split('\n')).toHaveLength(EVENTS + 1);
    const request = get(`${server.origin}/api/audit/logs/export/?action=READ&source=read`, {
      headers: { Authorization: 'Bearer owner' },
    });
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    await once(response, 'readable');
    await setTimeout(200);
    response.destroy();
    const ended = async (): Promise<unknown> => (await bed.recorded('AUDIT_EXPORTED')).at(-1)?.metadata;
    for (let tries = 0; tries < 100 && (await ended())?.['complete' as never] !== false; tries += 1)
      await setTimeout(50);
    expect(await ended()).toMatchObject({ complete: false });
    expect(((await ended()) as { events: number }).events).toBeLessThan(EVENTS);
  });

  it('streams what is new, and lets go of whoever has left', async () => {
    for (let round = 0; round < 2; round += 1) {
      const stop = new AbortController();
      const response = await ask('/api/audit/tail/', 'north', { signal: stop.signal });
      expect([round, response.status]).toEqual([round, 200]);
      const reader = (response.body as ReadableStream<Uint8Array>).getReader();
      expect(Buffer.from((await reader.read()).value ?? []).toString()).toContain('retry: 3000');
      stop.abort();
      await setTimeout(150);
    }
  });
});

describe('the API on a socket', () => {
  let bed: ApiBed;
  let server: Served;
  beforeAll(async () => {
    bed = await openBed('sqlite');
    const app = express();
    app.use(forExpress(bed.audit, OPTIONS));
    server = await listening(createServer(app));
  });
  afterAll(async () => {
    await server.close();
    await bed.close();
  });

  /** What is sent to the letter, and the first line and the rest of what comes back. */
  async function say(text: string): Promise<string> {
    const socket = connect(Number(new URL(server.origin).port), '127.0.0.1');
    socket.write(text);
    let heard = '';
    for await (const piece of socket) heard += String(piece);
    return heard;
  }
  const rest = 'Authorization: Bearer owner\r\nConnection: close\r\n\r\n';

  it('takes whatever a client may send for the address of a server', async () => {
    for (const host of ['clinic.example', '[::1]:80', 'a b', '/', ':x', '\u00e9'])
      expect([
        host,
        (await say(`GET /api/audit/me HTTP/1.1\r\nHost: ${host}\r\n${rest}`)).slice(0, 15),
      ]).toEqual([host, 'HTTP/1.1 200 OK']);
    const absolute = await say(`GET http://x.example/api/audit/me/ HTTP/1.1\r\nHost: x.example\r\n${rest}`);
    expect(absolute).toMatch(/^HTTP\/1\.1 200 OK/);
  });

  it('refuses what no request can be made of, and goes on', async () => {
    expect(await say(`TRACE /api/audit/logs/ HTTP/1.1\r\nHost: x\r\n${rest}`)).toMatch(/^HTTP\/1\.1 400 /);
    const chunked = `POST /api/audit/retention/ HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n`;
    const endless = `${chunked}${rest}${'fff\r\n'.concat('x'.repeat(0xfff), '\r\n').repeat(40)}`;
    expect(await say(endless)).toMatch(/^HTTP\/1\.1 413 /);
    expect((await fetch(`${server.origin}/api/audit/docs/`)).status).toBe(200);
  });
});
