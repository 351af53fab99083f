import type { FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify';

import { apiServer } from '../api/audit-api.js';
import type { ApiOptions } from '../api/options.js';
import type { Catalogue } from '../event/actions.js';
import type { Audit } from '../trail/create-audit.js';
import { answerNode, type Mounted } from './mount/answer-node.js';

/** The audit API as a plugin. Registered with a prefix, it lies there. */
export function auditApi<C extends Catalogue>(audit: Audit<C>, options: ApiOptions): FastifyPluginCallback {
  return (app, _options, done) => {
    const api = apiServer(audit, app.prefix === '' ? options : { ...options, path: app.prefix });
    // The API reads its bodies itself, and only where it has let somebody in.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', (_request, _payload, parsed) => parsed(null));
    const at = app.prefix === '' ? api.path : '';
    for (const url of new Set([at === '' ? '/' : at, `${at}/*`]))
      app.all(url, (request, reply) => answer(api, request, reply));
    done();
  };
}

/** What hooks have put among the headers of the reply leaves with the answer. */
async function answer(api: Mounted, request: FastifyRequest, reply: FastifyReply): Promise<void> {
  reply.hijack();
  for (const [name, value] of Object.entries(reply.getHeaders()))
    if (value !== undefined) reply.raw.setHeader(name, value);
  await answerNode(api, { request: request.raw, response: reply.raw, url: request.originalUrl });
}
