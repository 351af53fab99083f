import { Router } from '@koa/router';
import express from 'express';
import fastify from 'fastify';
import fc from 'fast-check';
import { Hono } from 'hono';
import { routePath } from 'hono/route';
import Koa from 'koa';
import request from 'supertest';
import { describe, expect, it } from 'vitest';

import { RouteTargets, type RouteTarget } from './route-target.js';

const KNOWN = new Set(['User', 'Patient', 'Note', 'Settings']);
const TARGETS = new RouteTargets({
  prefixes: ['/api/', '/api/admin/'],
  resources: { 'dental-records': 'DentalRecord', Crew: 'Staff' },
  knowsModel: (model) => KNOWN.has(model),
});
const STRANGERS = new RouteTargets({ prefixes: ['/api/'], resources: {}, knowsModel: () => false });

/** A pattern, a path it matches, and the target in short: `User 42`, or `User` without an id. */
type Case = readonly [pattern: string, path: string, target: string | undefined];

interface Matched {
  readonly route: string;
  readonly params: Readonly<Record<string, unknown>>;
}

function short(target: RouteTarget | undefined): string | undefined {
  if (target === undefined) return undefined;
  return 'id' in target ? `${target.type} ${target.id}` : target.type;
}

function told(route: string | undefined, path: string, targets = TARGETS): string | undefined {
  return short(targets.targetOf(route, path));
}

const EVERYWHERE: readonly Case[] = [
  ['/api/users/:id', '/api/users/42', 'User 42'],
  ['/api/users/:id/export_records', '/api/users/42/export_records', 'User 42'],
  ['/api/users', '/api/users', 'User'],
  ['/api/patients/:pid/notes/:id', '/api/patients/7/notes/42', 'Note 42'],
  ['/api/patients/:pid/notes', '/api/patients/7/notes', 'Note'],
  ['/api/patients/:pid/recalls', '/api/patients/7/recalls', 'Patient 7'],
  ['/api/dental-records', '/api/dental-records', 'DentalRecord'],
  ['/api/v1/invoices/:id', '/api/v1/invoices/INV-9', 'Invoice INV-9'],
  ['/api/users/:id', '/api/users/a%2Fb%20%C3%BC', 'User a/b ü'],
];

const EXPRESS: readonly Case[] = [
  ...EVERYWHERE,
  ['/api/users{/:opt}', '/api/users', 'User'],
  ['/api/users{/:opt}', '/api/users/42', 'User 42'],
  ['/api/users{/:opt}/edit', '/api/users/42/edit', 'User 42'],
  ['/api/users{/:opt}/edit', '/api/users/edit', 'User'],
  ['/api/users/:id{/notes{/:nid}}', '/api/users/42', 'User 42'],
  ['/api/users/:id{/notes{/:nid}}', '/api/users/42/notes', 'Note'],
  ['/api/users/:id{/notes{/:nid}}', '/api/users/42/notes/7', 'Note 7'],
  ['/api/users/:id', '/API/Users/42/', 'User 42'],
  ['/api/users/:id/', '/api/users/42', 'User 42'],
  ['/api/users/:"user-id"', '/api/users/42', 'User 42'],
  ['/api/invoices/:id.pdf', '/api/invoices/42.pdf', 'Invoice 42'],
  ['/api/invoices/:id{.pdf}', '/api/invoices/42', 'Invoice 42'],
  ['/api/invoices/:from-:to', '/api/invoices/1-2', 'Invoice'],
  ['/api/files/*splat', '/api/files/a/b', 'File'],
  ['/api/users/:id/files/*splat', '/api/users/42/files/a/b', 'User 42'],
  ['/api/*splat', '/api/users/42', undefined],
  ['{/*splat}', '/api/users/42', undefined],
  ['/api/*tenant/notes/:id', '/api/a/b/notes/42', 'Note 42'],
  ['/api/files\\:batch/:id', '/api/files:batch/42', 'FilesBatch 42'],
];

const FASTIFY: readonly Case[] = [
  ...EVERYWHERE,
  ['/api/users/:id(^\\d+$)', '/api/users/42', 'User 42'],
  ['/api/users/:id([0-9a-f]{4,8})/notes', '/api/users/cafe/notes', 'Note'],
  ['/api/users/:id?', '/api/users/42', 'User 42'],
  ['/api/users/:id?', '/api/users', 'User'],
  ['/api/users/:id', '/api/users/', 'User'],
  ['/api/users/:id/notes', '/api/users//notes', 'Note'],
  ['/api/users/:id/:tab?', '/api/users//edit', 'User'],
  ['/api/users/*', '/api/users/42', 'User'],
  ['/api/users/:id/*', '/api/users/42/7', 'User 42'],
  ['/api/*', '/api/users/42', undefined],
  ['*', '/api/users/42', undefined],
  ['/api/users::me', '/api/users:me', 'UsersMe'],
  ['/api/users/:id::lock', '/api/users/42:lock', 'User 42:lock'],
  ['/api/users/:id(\\d+)::lock', '/api/users/42:lock', 'User 42'],
  ['/api/invoices/:id.pdf', '/api/invoices/42.pdf', 'Invoice 42'],
  ['/api/invoices/:from-:to', '/api/invoices/1-2', 'Invoice'],
  ['/api/invoices/:y(^\\d{4})-:m(^\\d{2})', '/api/invoices/2026-08', 'Invoice'],
];

const HONO: readonly Case[] = [
  ...EVERYWHERE,
  ['/api/users/:id{[0-9]+}', '/api/users/42', 'User 42'],
  ['/api/users/:id{[a-z]{2}}/notes/:nid{\\d+}', '/api/users/ab/notes/42', 'Note 42'],
  ['/api/users/:id{foo|bar}', '/api/users/foo', 'User foo'],
  ['/api/users/:id?', '/api/users/42', 'User 42'],
  ['/api/users/:id?', '/api/users', 'User'],
  ['/api/users/:user-id', '/api/users/42', 'User 42'],
  ['/api/users/:user-id/notes/:note-id', '/api/users/42/notes/7', 'Note 7'],
  ['/api/files/:path{.+}', '/api/files/a/b', 'File'],
  ['/api/files/:path{.+\\.png}', '/api/files/a/b.png', 'File'],
  ['/api/users/:id/*', '/api/users/42/a/b', 'User 42'],
  ['/api/*/notes/:id', '/api/a/notes/42', 'Note 42'],
  ['/api/users/*', '/api/users/42', 'User'],
  ['*', '/api/users/42', undefined],
];

const KOA: readonly Case[] = [
  ...EVERYWHERE,
  ['/api/users{/:id}', '/api/users', 'User'],
  ['/api/users{/:id}', '/api/users/42', 'User 42'],
  ['/api/users/:id', '/api/users/42/', 'User 42'],
  ['/api/files/{*path}', '/api/files/a/b', 'File'],
];

/** What only a file system or a document says. */
const WRITTEN: readonly Case[] = [
  ['/api/users/[id]', '/api/users/42', 'User 42'],
  ['/api/users/[id]/notes/[noteId]', '/api/users/42/notes/7', 'Note 7'],
  ['/api/(internal)/users/[id]', '/api/users/42', 'User 42'],
  ['/api/files/[...slug]', '/api/files/a/b', 'File'],
  ['/api/files/[[...slug]]', '/api/files', 'File'],
  ['/api/auth/[...all]', '/api/auth/sign-in/email', 'Auth'],
  ['/api/users/[[id]]', '/api/users/42', 'User 42'],
  ['/api/users/[id].json', '/api/users/42.json', 'User 42'],
  ['/api/users/$id', '/api/users/42', 'User 42'],
  ['api/users/$userId/notes/$noteId', '/api/users/42/notes/7', 'Note 7'],
  ['/api/users/($id)', '/api/users', 'User'],
  ['/api/users/($id)', '/api/users/42', 'User 42'],
  ['/api/files/$', '/api/files/a/b', 'File'],
  ['/api/users/{id}', '/api/users/42', 'User 42'],
  ['/api/users/{user_id}/notes/{note-id}', '/api/users/42/notes/7', 'Note 7'],
  ['/api/users/{id?}', '/api/users', 'User'],
  ['/api/users/{id?}', '/api/users/42', 'User 42'],
  ['/api/files/{path*}', '/api/files/a/b', 'File'],
  ['/api/users/{id}:lock', '/api/users/42:lock', 'User'],
  ['/api/users/:id(\\d+)', '/api/users/42', 'User 42'],
  ['/api/users/:id([^/]+)', '/api/users/42', 'User 42'],
  ['/api/users/:id([^-]+)', '/api/users/42', 'User'],
  ['/api/users/:id([\\w/]+)', '/api/users/42', 'User'],
  ['/api/users/:id(\\d+\\.\\d+)', '/api/users/4.2', 'User 4.2'],
  ['/api/users/(\\d+)', '/api/users/42', 'User 42'],
  ['/api/users/(.*)', '/api/users/42', 'User'],
  ['/api/users/:id*', '/api/users/42', 'User'],
  ['/api/users/:id+', '/api/users/42/7', 'User'],
  ['/api/users{/:id}?', '/api/users/42', 'User 42'],
  ['/api/users/:id(.*)', '/api/users/4/2', 'User'],
];

async function byExpress(pattern: string, path: string): Promise<Matched> {
  const app = express();
  app.get(pattern, ({ route, params }, response) => {
    response.json({ route: (route as { path: string }).path, params });
  });
  return (await request(app).get(path).expect(200)).body as Matched;
}

async function byFastify(pattern: string, path: string): Promise<Matched> {
  const app = fastify();
  app.get(pattern, ({ routeOptions, params }) => ({ route: routeOptions.url, params }));
  const answer = await app.inject(path);
  await app.close();
  expect(answer.statusCode).toBe(200);
  return answer.json<Matched>();
}

async function byHono(pattern: string, path: string): Promise<Matched> {
  const app = new Hono();
  app.get(pattern, (context) => context.json({ route: routePath(context), params: context.req.param() }));
  const answer = await app.request(path);
  expect(answer.status).toBe(200);
  return (await answer.json()) as Matched;
}

async function byKoa(pattern: string, path: string): Promise<Matched> {
  const router = new Router();
  router.get(pattern, (context) => {
    context.body = { route: context._matchedRoute as string, params: context.params };
  });
  const app = new Koa().use(router.routes());
  return (await request(app.callback()).get(path).expect(200)).body as Matched;
}

describe.each([
  { name: 'Express', match: byExpress, cases: EXPRESS },
  { name: 'Fastify', match: byFastify, cases: FASTIFY },
  { name: 'Hono', match: byHono, cases: HONO },
  { name: 'Koa', match: byKoa, cases: KOA },
])('the target of a route of $name', ({ match, cases }) => {
  it.each(cases)('of %s at %s is %s', async (pattern, path, target) => {
    const { route, params } = await match(pattern, path);
    const found = TARGETS.targetOf(route, path);
    expect(short(found)).toBe(target);
    expect([undefined, ...Object.values(params)]).toContain(found?.id);
  });
});

describe('the target of a route that no framework here has', () => {
  it.each(WRITTEN)('of %s at %s is %s', (pattern, path, target) => {
    expect(told(pattern, path)).toBe(target);
  });
});

describe('the target of a route', () => {
  it.each<Case>([
    ['/api/patients/:pid/notes', '/api/patients/7/notes', 'Patient 7'],
    ['/api/patients/:pid/notes/:id', '/api/patients/7/notes/42', 'Note 42'],
    ['/api/patients/:pid/:tab', '/api/patients/7/notes', 'Patient 7'],
    ['/api/:tenant/patients', '/api/acme/patients', 'Patient'],
    ['/api/:tenant/patients/:id', '/api/acme/patients/7', 'Patient 7'],
    ['/api/patients/search', '/api/patients/search', 'Patient'],
    ['/api/reports/2026/:month', '/api/reports/2026/8', 'Report'],
    ['/api/:a/:b', '/api/1/2', undefined],
  ])('nobody knows a model of, %s at %s, is %s', (route, path, target) => {
    expect(told(route, path, STRANGERS)).toBe(target);
  });

  it('is the last model that is known, though others come after it', () => {
    expect(told('/api/patients/:pid/invoices/:id', '/api/patients/7/invoices/42')).toBe('Patient 7');
    expect(told('/api/invoices/:id/notes/latest', '/api/invoices/42/notes/latest')).toBe('Note');
  });

  it('is none where the resources say that a route is about no record', () => {
    const targets = new RouteTargets({
      prefixes: ['/api'],
      resources: { token: false },
      knowsModel: () => true,
    });
    expect(targets.targetOf('/api/token/refresh', '/api/token/refresh')).toBeUndefined();
    expect(targets.targetOf('/api/users/:id', '/api/users/token')).toEqual({ type: 'Users', id: 'token' });
  });

  it('is what the resources say, whatever a word would mean by itself', () => {
    expect(told('/api/crew/:id', '/api/crew/42')).toBe('Staff 42');
    expect(told('/api/users/:uid/crew', '/api/users/1/crew')).toBe('Staff');
    expect(told('/api/settings', '/api/settings')).toBe('Settings');
    for (const word of ['constructor', 'toString', '__proto__'])
      expect(TARGETS.targetOf(`/api/${word}/:id`, `/api/${word}/1`)).toEqual({
        type: expect.stringMatching(/^(Constructor|ToString|Proto)$/),
        id: '1',
      });
  });

  it.each<Case>([
    ['/users/:id', '/users/42', 'User 42'],
    ['/api', '/api', undefined],
    ['/api/v2', '/api/v2', undefined],
    ['/api/v2.1/users', '/api/v2.1/users', 'User'],
    ['/v1beta2/users/:id', '/v1beta2/users/42', 'User 42'],
    ['/api/admin/invoices', '/api/admin/invoices', 'Invoice'],
    ['/api/admin', '/api/admin', undefined],
    ['/apis/:id', '/apis/42', 'Api 42'],
    ['', '', undefined],
    ['/', '/', undefined],
  ])('knows prefix and version apart, in %s at %s: %s', (route, path, target) => {
    expect(told(route, path)).toBe(target);
  });

  it.each<Case>([
    ['/api/users/:id/', '/api/users/42', 'User 42'],
    ['//api//users/:id', '/api/users/42//', 'User 42'],
    ['/api/users/:id', '//api/users//42', 'User 42'],
    ['/api/users/:id', '/api/users/%', 'User %'],
    ['/api/users/:id', '/api/users/%E0%A4%A', 'User %E0%A4%A'],
    ['/api/users/:id', '/api/users/%3Cscript%3E', 'User <script>'],
    ['/api/%75sers/:id', '/api/users/42', 'User 42'],
    ['/api/caf\u00e9s/:id', '/api/caf%C3%A9s/42', 'Caf\u00e9 42'],
  ])('is found whatever the slashes and percent signs, in %s at %s: %s', (route, path, target) => {
    expect(told(route, path)).toBe(target);
  });

  it.each<Case>([
    ['/api/users/:id', '/api/users', 'User'],
    ['/api/users/:id', '/api/users/42/more', 'User'],
    ['/api/users/:id', '/api/people/42', 'User'],
    ['/api/users/:id', '/other', 'User'],
    ['/api/users/:id', '', 'User'],
    ['/api/users/:id?/*', '/api/users/42/more', 'User'],
    ['/api/users/:id{.json}', '/api/users/42.json', 'User'],
    ['/api/*/users/:id/*', '/api/users/42/users/43', 'User'],
    ['/api/users/:id{/a}{/b}{/c}{/d}{/e}', '/api/users/42/a', 'User'],
  ])('has no id where pattern and path do not surely agree, in %s at %s: %s', (route, path, target) => {
    expect(told(route, path)).toBe(target);
  });

  it.each<Case>([
    ['/api/users/42', '/api/users/42', 'User'],
    ['/api/users/42/notes/:id', '/api/users/42/notes/7', 'Note 7'],
    ['/api/users/a:b/tab', '/api/users/a:b/tab', 'User'],
    ['/api/users/$metadata', '/api/users/$metadata', 'User'],
    ['/api/users/[1]/(2)/{3}/*', '/api/users/[1]/(2)/{3}/*', 'User'],
    [
      '/api/clinics/0198f1a2-7c1d-7b7a-9d3e-000000000042/:tab',
      '/api/clinics/0198f1a2-7c1d-7b7a-9d3e-000000000042/x',
      'Clinic',
    ],
  ])(
    'takes nothing of the path for an id that the pattern holds too, in %s at %s: %s',
    (route, path, target) => {
      expect(told(route, path)).toBe(target);
    },
  );

  it.each([
    undefined,
    '*',
    '/*',
    '/^\\/api\\/users\\/(\\d+)$/',
    '/api/',
    `/api/${'users/'.repeat(1000)}`,
    '/a'.repeat(33),
    `/api/users/${'x'.repeat(1024)}`,
  ])('is unknown of %j', (route) => {
    expect(told(route, '/api/users/42')).toBeUndefined();
  });

  it('is right also for more patterns than are remembered', () => {
    for (let i = 0; i < 2_000; i += 1) {
      expect(told(`/api/users/:id/step${i}`, `/api/users/${i}/step${i}`)).toBe(`User ${i}`);
      expect(told('/api/patients/:id', `/api/patients/${i}`)).toBe(`Patient ${i}`);
    }
  });

  it('is looked for in a pattern once, though its words are forgotten', () => {
    let asked = 0;
    const targets = new RouteTargets({
      prefixes: ['/api/'],
      resources: {},
      knowsModel: () => {
        asked += 1;
        return false;
      },
    });
    expect(told('/api/users/:id', '/api/users/1', targets)).toBe('User 1');
    for (let i = 0; i < 30; i += 1) {
      const words = Array.from({ length: 25 }, (_, n) => `word-${i}-${n}`);
      told(`/api/${words.join('/')}`, '/', targets);
    }
    const before = asked;
    expect(told('/api/users/:id', '/api/users/2', targets)).toBe('User 2');
    expect(asked).toBe(before);
    expect(told('/api/users/:id/more', '/api/users/2/more', targets)).toBe('User 2');
    expect(asked).toBeGreaterThan(before);
  });

  it('is the id that a client sent, whatever it is', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), fc.string({ minLength: 1 }), (id, other) => {
        fc.pre(!/^\.{1,2}$/.test(id));
        const path = `/api/patients/${encodeURIComponent(other)}/notes/${encodeURIComponent(id)}`;
        expect(TARGETS.targetOf('/api/patients/:pid/notes/:id', path)).toEqual({ type: 'Note', id });
        expect(TARGETS.targetOf('/api/patients/:pid{/notes/:id}', path)).toEqual({ type: 'Note', id });
      }),
    );
  });

  it('throws for no texts at all', () => {
    const mark = fc.constantFrom(
      ...'/:*[](){}$?+\\.%"|^',
      'api',
      'users',
      'id',
      '...',
      '::',
      '/:id',
      '{/:id}',
    );
    const hostile = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.array(mark, { maxLength: 40 }).map((all) => all.join('')),
    );
    fc.assert(
      fc.property(hostile, hostile, (route, path) => {
        for (const targets of [TARGETS, STRANGERS]) {
          const target = targets.targetOf(route, path);
          expect(target?.type).not.toBe('');
          expect(target?.id).not.toBe('');
        }
      }),
    );
  });
});
