import { setImmediate as immediately } from 'node:timers/promises';

import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { inspectRoutes } from 'hono/dev';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';

import {
  auditDownload,
  auditExport,
  auditHono,
  auditList,
  auditRead,
  auditSensitive,
  type HonoReadOptions,
} from '../../../src/hono.js';
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
import { bodyInPieces, served } from '../web-server.js';

type ClinicEnv = { Variables: { user: KitUser | undefined } };

export const honoBinding: HttpBinding = {
  name: 'Hono 4',
  async open(setUp: HttpSetUp): Promise<HttpApp> {
    const app = clinicApp(setUp);
    return {
      ...(await served(app.fetch)),
      routes: inspectRoutes(app).filter(({ isMiddleware }) => !isMiddleware),
      inject: async (request) => app.request(request),
    };
  },
};

function clinicApp({ audit, options, asked, routes, userOf, attachments }: HttpSetUp): Hono<ClinicEnv> {
  const app = new Hono<ClinicEnv>();
  const own = { ...options, ...askedOptions<Context>(asked, (c, name) => c.req.header(name)) };
  for (let n = 0; n < attachments; n += 1) app.use(auditHono(audit, own));
  // As most do: finds the user in its own time, and keeps it in a variable.
  app.use(async (c, next) => {
    await immediately();
    c.set('user', userOf(c.req.header('authorization')));
    await next();
  });
  for (const route of routes) attachRoute(app, audit, route);
  // Else Hono prints what is thrown.
  app.onError((error, c) =>
    error instanceof HTTPException ? error.getResponse() : c.text(error.message, 500),
  );
  return app;
}

function attachRoute(app: Hono<ClinicEnv>, audit: HttpSetUp['audit'], route: KitRoute): void {
  const { method, path, reading, isForbidden = false, handler } = route;
  if (isForbidden) app.on(method, path, forbid);
  if (reading !== undefined) app.on(method, path, watched(audit, reading));
  app.on(method, path, async (c) => say(c, await answerOf(c, handler)));
}

const forbid: MiddlewareHandler = async (_c, _next) => {
  throw new HTTPException(403, { message: 'forbidden' });
};

function watched(
  audit: HttpSetUp['audit'],
  { kind, model = '', action = '', options }: KitReading,
): MiddlewareHandler {
  const own = options as HonoReadOptions | undefined;
  if (kind === 'sensitive') return auditSensitive(audit, action as 'PRINT', { ...own, model });
  const watch = { read: auditRead, list: auditList, export: auditExport, download: auditDownload }[kind];
  return watch(audit, model, own);
}

async function answerOf(c: Context<ClinicEnv>, handler: KitRoute['handler']): Promise<KitAnswer> {
  const request = await kitRequest(c);
  try {
    return await handler(request);
  } catch (error) {
    if (error instanceof KitRefusal)
      throw new HTTPException(error.status as ContentfulStatusCode, { message: error.message });
    throw error;
  }
}

async function kitRequest(c: Context<ClinicEnv>): Promise<KitRequest> {
  return {
    params: c.req.param(),
    query: new URL(c.req.url).searchParams,
    body: await bodyOf(c),
    user: c.get('user'),
    header: (name) => c.req.header(name),
  };
}

async function bodyOf(c: Context): Promise<unknown> {
  if (c.req.header('content-type')?.startsWith('application/json') !== true) return undefined;
  const text = await c.req.text();
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch (cause) {
    throw new HTTPException(400, { message: 'malformed', cause });
  }
}

function say(c: Context, { status = 200, headers = {}, json, text, stream }: KitAnswer): Response {
  const code = status as ContentfulStatusCode;
  if (json !== undefined) return c.json(json as object, code, { ...headers });
  return c.newResponse(stream === undefined ? (text ?? null) : bodyInPieces(stream), code, { ...headers });
}
