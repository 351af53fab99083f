import { setImmediate as immediately } from 'node:timers/promises';
import { Readable } from 'node:stream';

import fastify, { type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify';

import {
  auditDownload,
  type AuditedRequest,
  auditExport,
  auditFastify,
  auditList,
  auditRead,
  auditSensitive,
  type FastifyReading,
  type FastifyReadOptions,
} from '../../../src/fastify.js';
import {
  askedOptions,
  type HttpApp,
  type HttpBinding,
  type HttpSetUp,
  type KitAnswer,
  type KitReading,
  KitRefusal,
  type KitRequest,
  type KitRoute,
  type KitUser,
} from '../../../src/testing/http/http-binding.js';
import { inject } from './inject.js';
import { RouteTable } from './route-table.js';

export const fastifyBinding: HttpBinding = {
  name: 'Fastify 5',
  async open(setUp: HttpSetUp): Promise<HttpApp> {
    const app = fastify({ forceCloseConnections: true, bodyLimit: 8 * 1024 * 1024 });
    const table = new RouteTable(app);
    await buildClinic(app, setUp);
    const origin = await app.listen({ host: '127.0.0.1', port: 0 });
    return {
      origin,
      routes: table.routes,
      inject: (request) => inject(app, request),
      close: () => app.close(),
    };
  },
};

async function buildClinic(app: FastifyInstance, setUp: HttpSetUp): Promise<void> {
  const { audit, options, asked, routes, userOf, attachments } = setUp;
  const own = { ...options, ...askedOptions<AuditedRequest>(asked, headerOf) };
  for (let n = 0; n < attachments; n += 1) await app.register(auditFastify(audit, own));
  app.decorateRequest('user');
  // As most do: finds the user in its own time, and hangs it on the request.
  app.addHook('onRequest', async (request) => {
    await immediately();
    Object.assign(request, { user: userOf(request.headers.authorization) });
  });
  for (const route of routes) attachRoute(app, audit, route);
}

function attachRoute(app: FastifyInstance, audit: HttpSetUp['audit'], route: KitRoute): void {
  const { method, path, reading, isForbidden = false, handler } = route;
  app.route({
    method,
    url: path,
    ...(reading === undefined ? {} : watched(audit, reading)),
    ...(isForbidden ? { preValidation: refuseEverybody } : {}),
    handler: async (request, reply) => say(reply, await handler(kitRequest(request, reply))),
  });
}

async function refuseEverybody(): Promise<never> {
  throw new KitRefusal(403, 'forbidden');
}

function watched(
  audit: HttpSetUp['audit'],
  { kind, model = '', action = '', options }: KitReading,
): FastifyReading {
  const own: FastifyReadOptions | undefined = options;
  if (kind === 'sensitive') return auditSensitive(audit, action as 'PRINT', { ...own, model });
  const watch = { read: auditRead, list: auditList, export: auditExport, download: auditDownload }[kind];
  return watch(audit, model, own);
}

function kitRequest(request: FastifyRequest, reply: FastifyReply): KitRequest {
  return {
    params: request.params as Record<string, string>,
    query: new URL(request.url, 'http://kit').searchParams,
    body: request.body,
    user: (request as { readonly user?: KitUser }).user,
    node: { request: request.raw, response: reply.raw },
    header: (name) => headerOf(request, name),
  };
}

function headerOf(request: Pick<FastifyRequest, 'headers'>, name: string): string | undefined {
  return request.headers[name.toLowerCase()]?.toString();
}

function say(
  reply: FastifyReply,
  { status = 200, headers = {}, json, text, stream }: KitAnswer,
): FastifyReply {
  reply.code(status).headers(headers);
  return reply.send(stream === undefined ? (json ?? text) : Readable.from(stream()));
}
