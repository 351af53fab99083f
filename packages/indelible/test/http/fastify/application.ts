import fastify, { type FastifyInstance, type FastifyServerOptions } from 'fastify';

import { auditFastify } from '../../../src/fastify.js';
import type { TestAudit } from '../../../src/testing/test-audit.js';
import { closeLater } from '../own-trail.js';

/** An application that knows who asks, and watches nothing yet. */
export function application(options: FastifyServerOptions = {}): FastifyInstance {
  const app = fastify({ forceCloseConnections: true, ...options });
  app.decorateRequest('user');
  app.addHook('onRequest', async (request) => {
    Object.assign(request, { user: { id: 'ann' } });
  });
  closeLater(() => app.close());
  return app;
}

export async function watched(
  audit: TestAudit,
  options: FastifyServerOptions = {},
): Promise<FastifyInstance> {
  const app = application(options);
  await app.register(auditFastify(audit));
  return app;
}
