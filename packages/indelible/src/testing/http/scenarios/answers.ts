import assert from 'node:assert/strict';

import { type Answered, ask, type Asked, askRaw, begin, rawHead } from '../asking.js';
import type { HttpBinding, KitRoute } from '../http-binding.js';
import { HttpClinic } from '../http-clinic.js';
import { pathOfRoute } from '../route-paths.js';
import { clinicRoutes } from '../routes/routes.js';
import { type HttpScenario, scenario } from '../scenario.js';

/** That nobody can tell from an answer whether it was watched. */
export const ANSWERS: readonly HttpScenario[] = [
  {
    title: 'every route answers the same with the adapter as without: status, headers and bytes',
    run: (binding) => beside(binding, compareRoutes),
  },
  {
    title: 'what no route answers is answered the same with the adapter as without',
    run: (binding) => beside(binding, compareOddRequests),
  },
  scenario('a streamed answer leaves as it is made, and is not gathered first', {}, async (clinic) => {
    const message = await begin(clinic.origin, '/api/steps', { as: 'ann' });
    const chunks = message.setEncoding('utf8')[Symbol.asyncIterator]();
    assert.equal((await chunks.next()).value, 'first\n');
    clinic.signals.give('go on');
    assert.equal((await chunks.next()).value, 'second\n');
    assert.equal((await chunks.next()).done, true);
    await clinic.expectOne('API_REQUEST Step by ann: success 200');
  }),
  scenario('a decorated stream leaves as it is made too', { route: exported }, async (clinic) => {
    const message = await begin(clinic.origin, '/api/steps', { as: 'ann' });
    const chunks = message.setEncoding('utf8')[Symbol.asyncIterator]();
    assert.equal((await chunks.next()).value, 'first\n');
    await clinic.expectOne('EXPORT Patient by ann: success 200');
    clinic.signals.give('go on');
    assert.equal((await chunks.next()).value, 'second\n');
  }),
];

interface Both {
  readonly watched: HttpClinic;
  readonly plain: HttpClinic;
}

function exported(route: KitRoute): KitRoute {
  return route.path === '/api/steps' ? { ...route, reading: { kind: 'export', model: 'Patient' } } : route;
}

/** The same application twice, with the adapter and its decorators and without. */
async function beside(binding: HttpBinding, test: (both: Both) => Promise<void>): Promise<void> {
  const watched = await HttpClinic.open(binding);
  const plain = await HttpClinic.openPlain(binding);
  try {
    for (const { signals } of [watched, plain]) signals.give('go on');
    await test({ watched, plain });
  } finally {
    await Promise.all([watched.abandon(), plain.abandon()]);
  }
  // Of answers that nobody may look at, the trail says that it could not.
  for (const { message } of watched.takeErrors()) assert.match(message, /nobody may look/);
}

/** Not of these, which have no end. */
const ENDLESS = new Set(['/api/endless', '/api/live', '/api/breaks', '/api/exports/broken']);

async function compareRoutes(both: Both): Promise<void> {
  const routes = clinicRoutes(both.plain).filter(({ path }) => !ENDLESS.has(path));
  assert.ok(routes.length > 30);
  for (const { method, path } of routes) {
    const body =
      method === 'GET' || method === 'DELETE'
        ? undefined
        : { name: 'ann', query: '{ patient(id: 1) { name } }' };
    for (const as of ['ann', undefined]) await compare(both, pathOfRoute(path), { method, as, body });
  }
}

const STATUSES = [200, 201, 204, 302, 304, 400, 401, 403, 404, 409, 422, 500, 503];

async function compareOddRequests(both: Both): Promise<void> {
  for (const status of STATUSES) await compare(both, `/api/statuses/${status}`, { as: 'ann' });
  for (const id of ['hidden', 'gone', 'refused', 'lost']) await compare(both, `/api/patients/${id}`, {});
  await compare(both, '/api/nowhere', { as: 'ann' });
  await compare(both, '/api/patients/1', { method: 'HEAD' });
  await compare(both, '/api/exports/patients', { method: 'HEAD' });
  await compare(both, '/api/patients/1', { method: 'OPTIONS' });
  await compare(both, '/api/patients/1', { method: 'PUT', body: {} });
  await compare(both, '/api/patients/1/', { as: 'ann' });
  await compare(both, '/api/patients/1/cached', { headers: { 'if-none-match': '"patient-1"' } });
  await compare(both, '/api/echoes', { method: 'POST', body: '{"half":' });
  await compare(both, '/api/echoes', { method: 'POST', body: { note: 'å€🦷'.repeat(50_000) } });
  await compare(both, '/api/echoes', { method: 'POST', body: {}, headers: { expect: '100-continue' } });
  await compareRaw(both, 'GET /api/patients/1 HTTP/1.0');
  await compareRaw(both, 'GET /api/big HTTP/1.0');
  await compareRaw(both, 'GET /api/exports/patients HTTP/1.0');
}

async function compare({ watched, plain }: Both, path: string, asked: Asked): Promise<void> {
  const headers = { 'x-audit-reason': 'to compare', ...asked.headers };
  const [with_, without] = await Promise.all(
    [watched, plain].map(({ origin }) => ask(origin, path, { ...asked, headers })),
  );
  assert.deepEqual(shown(with_), shown(without), `${asked.method ?? 'GET'} ${path}`);
}

async function compareRaw({ watched, plain }: Both, line: string): Promise<void> {
  const [with_, without] = await Promise.all(
    [watched, plain].map(({ origin }) => askRaw(origin, rawHead(line))),
  );
  assert.equal(undated(with_?.text ?? ''), undated(without?.text ?? ''), line);
}

function shown(answer: Answered | undefined): unknown {
  return {
    status: answer?.status,
    headers: answer?.rawHeaders.filter(([name]) => name.toLowerCase() !== 'date'),
    bytes: answer?.bytes.toString('base64'),
  };
}

function undated(text: string): string {
  return text.replace(/^date: .*$/im, 'Date: today');
}
