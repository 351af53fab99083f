import { Stream } from 'node:stream';

import type { Context, Middleware } from 'koa';

import type { Catalogue } from '../event/actions.js';
import type { Actor } from '../event/event.js';
import type { Audit } from '../trail/create-audit.js';
import { watchingOf } from '../trail/door.js';
import { actorOfUser } from './actor-of-user.js';
import type { Exchange } from './exchange.js';
import { koaRoute } from './koa-route.js';
import { attachNode, exchangeOf } from './node/attach-node.js';
import { NodeFacts } from './node/node-facts.js';
import { PROBLEM_TYPE, problemBody, REASON_REQUIRED } from './problem.js';
import type { Reading, ReadOptions } from './reading.js';
import { type AuditReading, type AuditSensitive, readingsBy } from './readings.js';
import { pathOf } from './request-facts.js';
import type { RequestOptions } from './request-options.js';
import { SafetyNet } from './safety-net.js';
import type { Watching } from './watching.js';

/** What `auditKoa` is told of the application. Who acts is `ctx.state.user` unless `actor` says otherwise. */
export type KoaOptions = RequestOptions<Context>;
export type KoaReadOptions = ReadOptions<Context>;

/**
 * The middleware that watches a Koa application. Put it in front of everything that records.
 *
 * @example
 * ```ts
 * const app = new Koa();
 * app.use(auditKoa(audit, { tenant: (ctx) => ctx.hostname }));
 * ```
 */
export function auditKoa<C extends Catalogue>(audit: Audit<C>, options: KoaOptions = {}): Middleware {
  const watching = watchingOf(audit);
  const net = new SafetyNet<Context>(watching, { ...options, actor: options.actor ?? userOf });
  watching.attached('Koa');
  return (ctx, next) => {
    const exchange = attach(net, ctx);
    return exchange === undefined ? next() : watch(exchange, ctx, next);
  };
}

const readings = readingsBy<Context, Middleware>(watchRoute);

/**
 * Records that a route shows one record.
 *
 * @example
 * ```ts
 * router.get('/api/patients/:id', auditRead(audit, 'Patient'), showPatient);
 * ```
 */
export const auditRead: AuditReading<Context, Middleware> = readings.read;

/** Records that a route shows a list: how many records, and which. A SEARCH when it is searched. */
export const auditList: AuditReading<Context, Middleware> = readings.list;

/** Records that a route hands out records as a file, before it leaves. */
export const auditExport: AuditReading<Context, Middleware> = readings.export;

/** Records that a route hands out a stored file, with its name, type and size. */
export const auditDownload: AuditReading<Context, Middleware> = readings.download;

/** Records that a route did what the action says, such as PRINT. */
export const auditSensitive: AuditSensitive<Context, Middleware> = readings.sensitive;

function watchRoute(watching: Watching, reading: Reading<Context>): Middleware {
  const alone = new SafetyNet<Context>(watching, { enabled: false, actor: userOf });
  return async (ctx, next) => {
    const known = exchangeOf<Context>(watching, ctx.req);
    const exchange = known ?? attach(alone, ctx);
    if (exchange === undefined) await next();
    else if (!exchange.expects(reading)) refuse(ctx);
    else {
      await (known === undefined ? watch(exchange, ctx, next) : next());
      if (isData(ctx.body)) exchange.answers(ctx.body);
    }
  };
}

/** Koa answers when everything has returned, and so outside of what runs `within` here. */
async function watch(exchange: Exchange<Context>, ctx: Context, next: () => Promise<unknown>): Promise<void> {
  try {
    await exchange.within(next);
  } catch (error) {
    exchange.fails(error);
    throw error;
  }
  pipeWithin(exchange, ctx.body);
}

/** What is streamed is made while it is read, and it is read from where `pipe` is called. */
function pipeWithin(exchange: Exchange<Context>, body: unknown): void {
  if (!isPipe(body)) return;
  const pipe = body.pipe.bind(body);
  body.pipe = (...args) => exchange.within(() => pipe(...args));
}

/** Looks at no more than Koa itself does, in its order: a body may be made to fail for whoever looks. */
function isPipe(body: unknown): body is { pipe: (...args: unknown[]) => unknown } {
  if (body instanceof Stream) return true;
  if (typeof body !== 'object' || body === null) return false;
  const { readable } = body as { readonly readable?: unknown };
  return Boolean(readable) && typeof (body as { readonly pipe?: unknown }).pipe === 'function';
}

/** True for what Koa answers as JSON; all else are bytes, or will be. */
function isData(body: unknown): boolean {
  if (typeof body !== 'object' || body === null || isPipe(body)) return false;
  return ![Uint8Array, Blob, ReadableStream, Response].some((bytes) => body instanceof bytes);
}

function refuse(ctx: Context): void {
  ctx.status = REASON_REQUIRED.status;
  ctx.type = PROBLEM_TYPE;
  ctx.body = problemBody(REASON_REQUIRED);
}

function attach(net: SafetyNet<Context>, ctx: Context): Exchange<Context> | undefined {
  return attachNode(net, { facts: new KoaFacts(ctx), request: ctx.req, response: ctx.res });
}

function userOf(ctx: Context): Actor | undefined {
  return actorOfUser((ctx.state as { readonly user?: unknown } | undefined)?.user);
}

class KoaFacts extends NodeFacts<Context> {
  constructor(ctx: Context) {
    // Mounted applications see, and set, a shorter `url`.
    super(ctx, ctx.req, ctx.originalUrl);
  }

  route(): string | undefined {
    return koaRoute(this.native, pathOf(this.url));
  }

  body(): unknown {
    return (this.native.request as { readonly body?: unknown }).body;
  }
}
