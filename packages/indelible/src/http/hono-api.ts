import type { HonoRequest, MiddlewareHandler } from 'hono';

import { apiServer } from '../api/audit-api.js';
import type { ApiOptions } from '../api/options.js';
import type { Catalogue } from '../event/actions.js';
import type { Audit } from '../trail/create-audit.js';
import { nodeOf } from './hono/hono-node.js';

/** The audit API as a middleware, which answers what lies under its path and passes on everything else. */
export function auditApi<C extends Catalogue>(audit: Audit<C>, options: ApiOptions): MiddlewareHandler {
  const api = apiServer(audit, options);
  return async (c, next) => {
    if (!api.owns(new URL(c.req.url).pathname)) return next();
    return api.answer(await unread(c.req), { peer: nodeOf(c).incoming?.socket?.remoteAddress });
  };
}

/** What a middleware in front has read already, Hono keeps. */
async function unread(request: HonoRequest): Promise<Request> {
  const { raw } = request;
  if (!raw.bodyUsed) return raw;
  const { method, headers, signal } = raw;
  return new Request(raw.url, { method, headers, signal, body: await request.text() });
}
