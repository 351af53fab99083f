import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { setImmediate as immediately } from 'node:timers/promises';

import { bodyParser } from '@koa/bodyparser';
import { Router } from '@koa/router';
import Koa, { type Context, type Middleware } from 'koa';

import {
  auditDownload,
  auditExport,
  auditKoa,
  auditList,
  auditRead,
  auditSensitive,
  type KoaReadOptions,
} from '../../../src/koa.js';
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

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

export const koaBinding: HttpBinding = {
  name: 'Koa 3',
  async open(setUp: HttpSetUp): Promise<HttpApp> {
    const router = clinicRouter(setUp);
    const app = clinicApp(setUp, router);
    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return {
      origin: `http://127.0.0.1:${port}`,
      routes: routesOf(router),
      inject: (request) => inject(app, request),
      close: async () => {
        const done = once(server, 'close');
        server.close();
        server.closeAllConnections();
        await done;
      },
    };
  },
};

function clinicApp({ audit, options, asked, userOf, attachments }: HttpSetUp, router: Router): Koa {
  const app = new Koa();
  app.silent = true;
  const own = { ...options, ...askedOptions<Context>(asked, (ctx, name) => ctx.get(name) || undefined) };
  for (let n = 0; n < attachments; n += 1) app.use(auditKoa(audit, own));
  // As most do: finds the user in its own time, and hangs it on the state.
  app.use(async (ctx, next) => {
    await immediately();
    Object.assign(ctx.state, { user: userOf(ctx.get('authorization') || undefined) });
    await next();
  });
  app.use(bodyParser({ jsonLimit: '8mb' }));
  app.use(router.routes());
  app.use(router.allowedMethods());
  return app;
}

function clinicRouter({ audit, routes }: HttpSetUp): Router {
  const router = new Router();
  for (const route of routes) attachRoute(router, audit, route);
  return router;
}

function attachRoute(router: Router, audit: HttpSetUp['audit'], route: KitRoute): void {
  const { method, path, reading, isForbidden = false, handler } = route;
  const handlers: Middleware[] = [];
  if (isForbidden) handlers.push((ctx) => ctx.throw(403, 'forbidden'));
  if (reading !== undefined) handlers.push(watched(audit, reading));
  handlers.push(async (ctx) => say(ctx, await answerOf(ctx, handler)));
  router[method.toLowerCase() as Method](path, ...handlers);
}

async function answerOf(ctx: Context, handler: KitRoute['handler']): Promise<KitAnswer> {
  try {
    return await handler(kitRequest(ctx));
  } catch (error) {
    if (error instanceof KitRefusal) ctx.throw(error.status, error.message);
    throw error;
  }
}

function watched(
  audit: HttpSetUp['audit'],
  { kind, model = '', action = '', options }: KitReading,
): Middleware {
  const own: KoaReadOptions | undefined = options;
  if (kind === 'sensitive') return auditSensitive(audit, action as 'PRINT', { ...own, model });
  const watch = { read: auditRead, list: auditList, export: auditExport, download: auditDownload }[kind];
  return watch(audit, model, own);
}

function kitRequest(ctx: Context): KitRequest {
  const { user } = ctx.state as { readonly user?: KitUser };
  return {
    params: ctx['params'] as Record<string, string>,
    query: new URLSearchParams(ctx.querystring),
    body: (ctx.request as { readonly body?: unknown }).body,
    user,
    node: { request: ctx.req, response: ctx.res },
    header: (name) => ctx.get(name) || undefined,
  };
}

function say(ctx: Context, { status = 200, headers = {}, json, text, stream }: KitAnswer): void {
  ctx.status = status;
  ctx.set({ ...headers });
  if (stream !== undefined) ctx.body = Readable.from(stream());
  else ctx.body = json ?? text ?? null;
  // Koa has an opinion of its own on what is no content.
  ctx.status = status;
}

function routesOf(router: Router): { method: string; path: string }[] {
  return router.stack.flatMap(({ methods, path }) =>
    methods.filter((method) => method !== 'HEAD').map((method) => ({ method, path: String(path) })),
  );
}
