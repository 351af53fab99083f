import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';

import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';

import {
  auditDownload,
  auditExport,
  auditExpress,
  auditExpressErrors,
  auditList,
  auditRead,
  auditSensitive,
  type ExpressReadOptions,
} from '../../../src/express.js';
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
import { routeTable } from './route-table.js';

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';

export const expressBinding: HttpBinding = {
  name: 'Express 5',
  async open(setUp: HttpSetUp): Promise<HttpApp> {
    const app = clinicApp(setUp);
    const server = app.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return {
      origin: `http://127.0.0.1:${port}`,
      routes: routeTable(app),
      inject: (request) => inject(app, request),
      close: () => closed(server),
    };
  },
};

function clinicApp({ audit, options, asked, routes, userOf, attachments }: HttpSetUp): Express {
  const app = express();
  const own = { ...options, ...askedOptions<Request>(asked, (request, name) => request.get(name)) };
  for (let n = 0; n < attachments; n += 1) app.use(auditExpress(audit, own));
  app.use(express.json({ limit: '4mb' }));
  app.use(authentication(userOf));
  for (const route of routes) attachRoute(app, audit, route);
  for (let n = 0; n < attachments; n += 1) app.use(auditExpressErrors(audit));
  app.use(answerError);
  return app;
}

/** As most do: finds the user in its own time, and hangs it on the request. */
function authentication(userOf: HttpSetUp['userOf']): RequestHandler {
  return (request, _response, next) => {
    setImmediate(() => {
      Object.assign(request, { user: userOf(request.get('authorization')) });
      next();
    });
  };
}

function attachRoute(app: Express, audit: HttpSetUp['audit'], route: KitRoute): void {
  const { method, path, reading, isForbidden = false, handler } = route;
  const handlers: RequestHandler[] = [];
  // An error with a status is all that Express asks for: the kit's own will do.
  if (isForbidden) handlers.push((_request, _response, next) => next(new KitRefusal(403, 'forbidden')));
  if (reading !== undefined) handlers.push(watched(audit, reading));
  handlers.push(async (request, response) => {
    await say(response, await handler(kitRequest(request, response)));
  });
  app[method.toLowerCase() as Method](path, ...handlers);
}

/** Express's own would put the stack into the answer. */
const answerError: ErrorRequestHandler = (error: Partial<KitRefusal>, _request, response, next) => {
  if (response.headersSent) next(error);
  else response.status(error.status ?? 500).json({ detail: error.message });
};

function watched(
  audit: HttpSetUp['audit'],
  { kind, model = '', action = '', options }: KitReading,
): RequestHandler {
  const own = options as ExpressReadOptions | undefined;
  if (kind === 'sensitive') return auditSensitive(audit, action as 'PRINT', { ...own, model });
  const watch = { read: auditRead, list: auditList, export: auditExport, download: auditDownload }[kind];
  return watch(audit, model, own);
}

function kitRequest(request: Request, response: Response): KitRequest {
  return {
    params: request.params as Record<string, string>,
    query: new URL(request.originalUrl, 'http://kit').searchParams,
    body: request.body,
    user: Reflect.get(request, 'user') as KitUser | undefined,
    node: { request, response },
    header: (name) => request.get(name),
  };
}

async function say(
  response: Response,
  { status = 200, headers = {}, json, text, stream }: KitAnswer,
): Promise<void> {
  response.status(status).set(headers);
  if (stream !== undefined) await pipeline(Readable.from(stream()), response).catch(ignoreAborted);
  else if (json !== undefined) response.json(json);
  else if (text !== undefined) response.send(text);
  else response.end();
}

/** Whoever asked is gone. */
function ignoreAborted(error: NodeJS.ErrnoException): void {
  if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
}

async function closed(server: Server): Promise<void> {
  const done = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await done;
}
