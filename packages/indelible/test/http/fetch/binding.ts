import { setImmediate as immediately } from 'node:timers/promises';

import type { HttpBindings } from '@hono/node-server';

import { actorOfUser } from '../../../src/http/actor-of-user.js';
import {
  type AuditedFetch,
  auditDownload,
  auditExport,
  auditFetch,
  auditList,
  auditRead,
  auditSensitive,
  type FetchReading,
  type FetchReadOptions,
} from '../../../src/fetch.js';
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
import { router, type RoutedHandler } from './router.js';

type Handler = (request: Request, env?: HttpBindings) => Promise<Response>;

export const fetchBinding: HttpBinding = {
  name: 'fetch',
  differences: {
    'aborted-stream': 'a Response is handed on untouched, and nobody says when its last byte has left',
    'route-table': 'a handler is told its own pattern, and knows of no other',
  },
  async open(setUp: HttpSetUp): Promise<HttpApp> {
    const handler = clinicHandler(setUp);
    return { ...(await served(handler)), routes: [], inject: (request) => handler(request) };
  },
};

/** Who has been found to ask. */
const users = new WeakMap<Request, KitUser>();

function clinicHandler(setUp: HttpSetUp): Handler {
  const { audit, options, asked, userOf, attachments } = setUp;
  const audited = auditFetch(audit, {
    ...options,
    actor: (request) => actorOfUser(users.get(request)),
    peer: (_request, env?: HttpBindings) => env?.incoming.socket.remoteAddress,
    ...askedOptions<Request>(asked, (request, name) => request.headers.get(name) ?? undefined),
  });
  const isWatched = attachments > 0;
  const routes = setUp.routes.map((route) => routedHandler(setUp, route, isWatched ? audited : plain));
  const route = router<[HttpBindings?]>(routes);
  let handler: Handler = async (request, env) => {
    // As most do: finds the user in its own time.
    await immediately();
    const user = userOf(request.headers.get('authorization') ?? undefined);
    if (user !== undefined) users.set(request, user);
    return route(request, env);
  };
  for (let n = 0; n < attachments; n += 1) handler = audited(handler);
  return (request, env) => answered(handler(request, env));
}

/** What is not watched at all. */
const plain = ((handler) => handler) as AuditedFetch;

function routedHandler(
  { audit }: HttpSetUp,
  { method, path, reading, isForbidden = false, handler }: KitRoute,
  audited: AuditedFetch,
): RoutedHandler<[HttpBindings?]> {
  const route = path.replaceAll(/:(\w+)/g, '[$1]');
  const answer = async (request: Request, params: KitRequest['params']): Promise<Response> => {
    if (isForbidden) throw refusal(403, 'forbidden');
    return responseOf(await answerOf(handler, await kitRequest(request, params)));
  };
  const watched = reading === undefined ? {} : { reading: readingOf(audit, reading) };
  return { method, path: route, handler: audited(answer, { route, ...watched }) };
}

function readingOf(
  audit: HttpSetUp['audit'],
  { kind, model = '', action = '', options }: KitReading,
): FetchReading {
  const own: FetchReadOptions | undefined = options;
  if (kind === 'sensitive') return auditSensitive(audit, action as 'PRINT', { ...own, model });
  const watch = { read: auditRead, list: auditList, export: auditExport, download: auditDownload }[kind];
  return watch(audit, model, own);
}

/** As the loaders of Remix do: a refusal is a Response that is thrown. */
function refusal(status: number, message: string): unknown {
  return new Response(message, { status });
}

async function answerOf(handler: KitRoute['handler'], request: KitRequest): Promise<KitAnswer> {
  try {
    return await handler(request);
  } catch (error) {
    throw error instanceof KitRefusal ? refusal(error.status, error.message) : error;
  }
}

/** As every server does with what is thrown. */
async function answered(answer: Promise<Response>): Promise<Response> {
  try {
    return await answer;
  } catch (thrown) {
    return thrown instanceof Response ? thrown : new Response('Something went wrong', { status: 500 });
  }
}

async function kitRequest(request: Request, params: KitRequest['params']): Promise<KitRequest> {
  return {
    params,
    query: new URL(request.url).searchParams,
    body: await bodyOf(request),
    user: users.get(request),
    header: (name) => request.headers.get(name) ?? undefined,
  };
}

async function bodyOf(request: Request): Promise<unknown> {
  if (request.headers.get('content-type')?.startsWith('application/json') !== true) return undefined;
  const text = await request.text();
  try {
    return text === '' ? undefined : JSON.parse(text);
  } catch {
    throw refusal(400, 'malformed');
  }
}

function responseOf({ status = 200, headers = {}, json, text, stream }: KitAnswer): Response {
  const init = { status, headers: { ...headers } };
  if (stream !== undefined) return new Response(bodyInPieces(stream), init);
  return json === undefined ? new Response(text ?? null, init) : Response.json(json, init);
}
