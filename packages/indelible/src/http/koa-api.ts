import type { Context, Middleware } from 'koa';

import { apiServer } from '../api/audit-api.js';
import type { ApiOptions } from '../api/options.js';
import type { Catalogue } from '../event/actions.js';
import type { Audit } from '../trail/create-audit.js';
import { answerNode } from './mount/answer-node.js';
import { pathOf } from './request-facts.js';

/** The audit API as a middleware, which answers what lies under its path and passes on everything else. */
export function auditApi<C extends Catalogue>(audit: Audit<C>, options: ApiOptions): Middleware {
  const api = apiServer(audit, options);
  return async (ctx: Context, next) => {
    const { req: request, res: response, originalUrl: url } = ctx;
    if (!api.owns(pathOf(url))) return next();
    ctx.respond = false;
    const { body } = ctx.request as { readonly body?: unknown };
    return answerNode(api, { request, response, url, body });
  };
}
