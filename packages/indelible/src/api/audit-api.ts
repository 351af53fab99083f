import type { Catalogue } from '../event/actions.js';
import type { Audit } from '../trail/create-audit.js';
import { servingOf, watchingOf } from '../trail/door.js';
import { type ApiOptions, apiSettings } from './options.js';
import { routesOf } from './routes/routes.js';
import { Server } from './server.js';
import { Listeners } from './tail/listeners.js';
import { Verifying } from './verifying.js';

/** The API as the mounts of frameworks have it. */
export function apiServer<C extends Catalogue>(audit: Audit<C>, options: ApiOptions): Server {
  const settings = apiSettings(options);
  const [serving, watching] = [servingOf(audit), watchingOf(audit)];
  watching.attached(`audit API under ${settings.path || '/'}`);
  return new Server({
    trail: audit,
    serving,
    watching,
    settings,
    routes: routesOf(settings),
    verifying: new Verifying(serving),
    listeners: new Listeners(settings.maxListeners),
  });
}

/**
 * The REST API over a trail: one function that answers requests under its path.
 *
 * @example
 * ```ts
 * const api = auditApi(audit, {
 *   authorize: async (request) => {
 *     const user = await userOf(request);
 *     return user && { id: user.id, role: user.role, tenantId: null, may: user.role === 'owner' ? 'all' : 'own' };
 *   },
 * });
 * const response = await api(new Request('https://clinic.example/api/audit/logs/?action=UPDATE'));
 * ```
 */
export function auditApi<C extends Catalogue>(
  audit: Audit<C>,
  options: ApiOptions,
): (request: Request) => Promise<Response> {
  const server = apiServer(audit, options);
  return (request) => server.answer(request);
}
