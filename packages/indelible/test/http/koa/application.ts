import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import type { Router } from '@koa/router';
import Koa from 'koa';

import { auditKoa } from '../../../src/koa.js';
import type { TestAudit } from '../../../src/testing/test-audit.js';
import { closeLater } from '../own-trail.js';

/** An application that knows who asks, and watches nothing yet. */
export function application(): Koa {
  const app = new Koa();
  app.silent = true;
  return app.use((ctx, next) => {
    ctx.state.user = { id: 'ann' };
    return next();
  });
}

export function watched(audit: TestAudit): Koa {
  return application().use(auditKoa(audit));
}

/** Where it listens. */
export async function listening(app: Koa): Promise<string> {
  const server = app.listen(0, '127.0.0.1');
  closeLater(async () => {
    const closed = once(server, 'close');
    server.close();
    server.closeAllConnections();
    await closed;
  });
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export function serving(app: Koa, router: Router): Promise<string> {
  app.use(router.routes());
  return listening(app);
}
