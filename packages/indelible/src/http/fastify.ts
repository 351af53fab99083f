import { EventEmitter, errorMonitor } from 'node:events';

import type { FastifyInstance, FastifyPluginCallback, FastifyReply, FastifyRequest } from 'fastify';

import type { Catalogue } from '../event/actions.js';
import type { Actor } from '../event/event.js';
import type { Audit } from '../trail/create-audit.js';
import { watchingOf } from '../trail/door.js';
import { actorOfUser } from './actor-of-user.js';
import type { Exchange } from './exchange.js';
import { attachNode, exchangeOf } from './node/attach-node.js';
import { NodeFacts } from './node/node-facts.js';
import { PROBLEM_TYPE, problemBody, REASON_REQUIRED } from './problem.js';
import type { Reading, ReadOptions } from './reading.js';
import { type AuditReading, type AuditSensitive, readingsBy } from './readings.js';
import type { RequestOptions } from './request-options.js';
import { SafetyNet } from './safety-net.js';
import type { Watching } from './watching.js';

/** A request of Fastify's, as the functions among the options are given it. */
export type AuditedRequest = FastifyRequest<{
  Params: Readonly<Record<string, string>>;
  Querystring: Readonly<Record<string, string | readonly string[]>>;
}>;

/** What `auditFastify` is told of the application. Who acts is `request.user` unless `actor` says otherwise. */
export type FastifyOptions = RequestOptions<AuditedRequest>;
export type FastifyReadOptions = ReadOptions<AuditedRequest>;

/** Options of a route, to be handed to it as they are or spread among its others. */
export interface FastifyReading {
  readonly preHandler: (request: object, reply: object, done: () => void) => void;
  readonly preSerialization: PayloadHook;
  readonly onSend: PayloadHook;
}

/** Requests and replies differ by what is below them, such as HTTP/2; these hooks are for all. */
type PayloadHook = (
  request: object,
  reply: object,
  payload: unknown,
  done: (error: null, payload: unknown) => void,
) => void;

/**
 * The plugin that watches a Fastify application. Register it before whatever records. It is not encapsulated: it
 * watches every route of the instance that it is registered in, and of those below.
 *
 * @example
 * ```ts
 * const app = fastify();
 * await app.register(auditFastify(audit, { tenant: (request) => request.hostname }));
 * ```
 */
export function auditFastify<C extends Catalogue>(
  audit: Audit<C>,
  options: FastifyOptions = {},
): FastifyPluginCallback {
  const watching = watchingOf(audit);
  const net = new SafetyNet<AuditedRequest>(watching, { ...options, actor: options.actor ?? userOf });
  watching.attached('Fastify');
  const plugin: FastifyPluginCallback = (app, _options, done) => {
    app.addHook('onRequest', (request, reply, next) => {
      const exchange = attach(net, request as AuditedRequest, reply);
      if (exchange === undefined) next();
      else exchange.within(next);
    });
    learnErrors(watching, app);
    done();
  };
  return Object.assign(plugin, NOT_ENCAPSULATED);
}

function learnErrors(watching: Watching, app: FastifyInstance): void {
  app.addHook('onError', (request, _reply, error, next) => {
    const exchange = exchangeOf(watching, request.raw);
    exchange?.fails(error);
    // A timeout of the handler calls this from a timer that was set before the request had an exchange.
    if (exchange === undefined) next();
    else exchange.within(next);
  });
  app.addHook('onSend', (request, _reply, payload, next) => {
    const exchange = exchangeOf(watching, request.raw);
    if (exchange !== undefined && payload instanceof EventEmitter)
      payload.once(errorMonitor, (error) => exchange.fails(error));
    next(null, payload);
  });
}

const NOT_ENCAPSULATED = {
  [Symbol.for('skip-override')]: true,
  [Symbol.for('fastify.display-name')]: 'indelible',
  [Symbol.for('plugin-meta')]: { name: 'indelible', fastify: '5.x' },
} as const;

const readings = readingsBy<AuditedRequest, FastifyReading>(watchRoute);

/**
 * Records that a route shows one record.
 *
 * @example
 * ```ts
 * app.get('/api/patients/:id', auditRead(audit, 'Patient'), showPatient);
 * ```
 */
export const auditRead: AuditReading<AuditedRequest, FastifyReading> = readings.read;

/** Records that a route shows a list: how many records, and which. A SEARCH when it is searched. */
export const auditList: AuditReading<AuditedRequest, FastifyReading> = readings.list;

/** Records that a route hands out records as a file, before it leaves. */
export const auditExport: AuditReading<AuditedRequest, FastifyReading> = readings.export;

/** Records that a route hands out a stored file, with its name, type and size. */
export const auditDownload: AuditReading<AuditedRequest, FastifyReading> = readings.download;

/** Records that a route did what the action says, such as PRINT. */
export const auditSensitive: AuditSensitive<AuditedRequest, FastifyReading> = readings.sensitive;

function watchRoute(watching: Watching, reading: Reading<AuditedRequest>): FastifyReading {
  const route = new WatchedRoute(watching, reading);
  return {
    preHandler: (request, reply, done) => {
      const exchange = route.exchangeOf(request as AuditedRequest, reply as FastifyReply);
      if (exchange === undefined) done();
      else if (route.expects(exchange)) exchange.within(done);
      else refuse(reply as FastifyReply).send(problemBody(REASON_REQUIRED));
    },
    preSerialization: (request, reply, answer, done) => {
      route.exchangeOf(request as AuditedRequest, reply as FastifyReply)?.answers(answer);
      done(null, answer);
    },
    // Our preHandler has not been called when a guard refused before it, or when a route that spreads these options
    // names one of its own, which replaces it.
    onSend: (request, reply, payload, done) => {
      const exchange = route.exchangeOf(request as AuditedRequest, reply as FastifyReply);
      const isExpected = exchange === undefined || route.expects(exchange);
      if (isExpected || (reply as FastifyReply).statusCode >= 400) done(null, payload);
      else {
        refuse(reply as FastifyReply);
        done(null, problemBody(REASON_REQUIRED));
      }
    },
  };
}

/** A route with a reading, whichever of its hooks comes to know of a request first. */
class WatchedRoute {
  readonly #watching: Watching;
  readonly #alone: SafetyNet<AuditedRequest>;
  readonly #reading: Reading<AuditedRequest>;

  constructor(watching: Watching, reading: Reading<AuditedRequest>) {
    this.#watching = watching;
    this.#alone = new SafetyNet<AuditedRequest>(watching, { enabled: false, actor: userOf });
    this.#reading = reading;
  }

  exchangeOf(request: AuditedRequest, reply: FastifyReply): Exchange<AuditedRequest> | undefined {
    return exchangeOf<AuditedRequest>(this.#watching, request.raw) ?? attach(this.#alone, request, reply);
  }

  /** False when a reason is missing. */
  expects(exchange: Exchange<AuditedRequest>): boolean {
    return exchange.isExpecting(this.#reading) || exchange.expects(this.#reading);
  }
}

function attach(
  net: SafetyNet<AuditedRequest>,
  request: AuditedRequest,
  reply: FastifyReply,
): Exchange<AuditedRequest> | undefined {
  return attachNode(net, { facts: new FastifyFacts(request), request: request.raw, response: reply.raw });
}

function refuse(reply: FastifyReply): FastifyReply {
  return reply.code(REASON_REQUIRED.status).type(PROBLEM_TYPE);
}

function userOf(request: AuditedRequest): Actor | undefined {
  return actorOfUser((request as { readonly user?: unknown }).user);
}

class FastifyFacts extends NodeFacts<AuditedRequest> {
  // Known before any hook is called, and no longer once a handler has said `callNotFound`.
  readonly #route: string | undefined;

  constructor(request: AuditedRequest) {
    super(request, request.raw);
    this.#route = request.routeOptions.url;
  }

  route(): string | undefined {
    return this.#route;
  }

  body(): unknown {
    return this.native.body;
  }
}
