import type { RequestHandler } from 'express';

import { apiServer } from '../api/audit-api.js';
import type { ApiOptions } from '../api/options.js';
import type { Catalogue } from '../event/actions.js';
import type { Audit } from '../trail/create-audit.js';
import { answerNode } from './mount/answer-node.js';
import { pathOf } from './request-facts.js';

/**
 * The audit API as a middleware, which answers what lies under its path and passes on everything else.
 *
 * @example
 * ```ts
 * app.use(auditApi(audit, { authorize: (request) => viewerOf(request) }));
 * ```
 */
export function auditApi<C extends Catalogue>(audit: Audit<C>, options: ApiOptions): RequestHandler {
  const api = apiServer(audit, options);
  return (request, response, next) => {
    const { originalUrl: url, body } = request as typeof request & { readonly body: unknown };
    if (api.owns(pathOf(url))) void answerNode(api, { request, response, url, body });
    else next();
  };
}
