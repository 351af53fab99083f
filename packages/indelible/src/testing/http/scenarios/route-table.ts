import assert from 'node:assert/strict';

import { begin } from '../asking.js';
import type { HttpBinding, KitRoute } from '../http-binding.js';
import type { HttpClinic } from '../http-clinic.js';
import { kitSyntax, pathOfRoute } from '../route-paths.js';
import { clinicRoutes } from '../routes/routes.js';
import { type HttpScenario, scenario } from '../scenario.js';

const METHODS = new Set(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']);
/** What the safety net leaves alone, or only sees when something happens there. */
const SILENT = new Set(['/api/health', '/api/login', '/api/logout']);

/** That no route was forgotten: the framework's own table says which there are. */
export const ROUTE_TABLE: readonly HttpScenario[] = [
  scenario('the framework lists every route of the kit', {}, async (clinic, binding) => {
    const listed = clinic.app.routes.map(({ method, path }) => `${method} ${kitSyntax(path)}`);
    if (binding.differences?.['route-table'] !== undefined) return assert.deepEqual(listed, []);
    const expected = clinicRoutes(clinic).map(({ method, path }) => `${method} ${path}`);
    assert.deepEqual(
      expected.filter((route) => !listed.includes(route)),
      [],
    );
  }),

  scenario('P28: no route leaves nothing, decorated or not', {}, async (clinic, binding) => {
    clinic.signals.give('go on');
    for (const { method, path } of tableOf(clinic, binding)) {
      await touch(clinic, method, path);
      const events = await clinic.newEvents(1);
      assert.ok(events.length > 0, `${method} ${path} leaves nothing`);
    }
    clinic.signals.give('answered');
    await clinic.disregard();
  }),

  scenario(
    'P28: where a guard refuses, no route leaves anything but one denial',
    { route: (route) => ({ ...route, isForbidden: true }) },
    async (clinic, binding) => {
      for (const { method, path } of tableOf(clinic, binding)) {
        await touch(clinic, method, path);
        const events = await clinic.newEvents(1);
        assert.deepEqual(
          events.map(({ action, outcome, request }) => [action, outcome, request?.statusCode, request?.path]),
          [['ACCESS_DENIED', 'denied', 403, pathOfRoute(path)]],
          `${method} ${path}`,
        );
      }
    },
  ),
];

type Listed = Pick<KitRoute, 'path'> & { readonly method: string };

function tableOf(clinic: HttpClinic, { differences }: HttpBinding): Listed[] {
  const table: readonly Listed[] =
    differences?.['route-table'] === undefined ? clinic.app.routes : clinicRoutes(clinic);
  const routes = table.filter(
    ({ method, path }) => METHODS.has(method) && path.startsWith('/api/') && !SILENT.has(path),
  );
  assert.ok(routes.length > 30);
  return routes;
}

/** Asks, and is gone as soon as there is an answer: some have no end. */
async function touch({ origin }: HttpClinic, method: string, path: string): Promise<void> {
  const headers = { 'x-audit-reason': 'to see what is told' };
  const body = method === 'GET' || method === 'DELETE' ? undefined : { ids: ['1'], query: '{ nobody }' };
  const asked = begin(origin, pathOfRoute(path), { method, as: 'ann', headers, body });
  const message = await asked.catch(answeredNothing);
  if (message === undefined) return;
  message.on('error', () => undefined);
  message.once('data', () => message.destroy());
  await new Promise((closed) => message.once('close', closed));
}

/** A stream may break while the head of its answer waits to be durable: then the connection is all that ends. */
function answeredNothing(error: unknown): undefined {
  assert.equal((error as { readonly code?: unknown }).code, 'ECONNRESET');
}
