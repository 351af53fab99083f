import type { ErrorRequestHandler, Request, RequestHandler, Response } from 'express';

import type { Catalogue } from '../event/actions.js';
import type { Actor } from '../event/event.js';
import type { Audit } from '../trail/create-audit.js';
import { watchingOf } from '../trail/door.js';
import { actorOfUser } from './actor-of-user.js';
import type { Exchange } from './exchange.js';
import { mountOf } from './route/mount-of.js';
import { attachNode, exchangeOf } from './node/attach-node.js';
import { NodeFacts } from './node/node-facts.js';
import { PROBLEM_TYPE, problemBody, REASON_REQUIRED } from './problem.js';
import type { Reading, ReadOptions } from './reading.js';
import { type AuditReading, type AuditSensitive, readingsBy } from './readings.js';
import { pathOf } from './request-facts.js';
import type { RequestOptions } from './request-options.js';
import { SafetyNet } from './safety-net.js';
import type { Watching } from './watching.js';

/** What `auditExpress` is told of the application. Who acts is `request.user` unless `actor` says otherwise. */
export type ExpressOptions = RequestOptions<Request>;
export type ExpressReadOptions = ReadOptions<Request>;

/**
 * The middleware that watches an Express application. Put it in front of everything that records.
 *
 * @example
 * ```ts
 * const app = express();
 * app.use(auditExpress(audit, { tenant: (request) => request.hostname }));
 * ```
 */
export function auditExpress<C extends Catalogue>(
  audit: Audit<C>,
  options: ExpressOptions = {},
): RequestHandler {
  const watching = watchingOf(audit);
  const net = new SafetyNet<Request>(watching, { ...options, actor: options.actor ?? userOf });
  watching.attached('Express');
  return (request, response, next) => {
    const exchange = attachNode(net, { facts: new ExpressFacts(request), request, response });
    if (exchange === undefined) next();
    else exchange.within(next);
  };
}

/** Keeps what handlers throw for the event of their request. Put it in front of the handlers of errors. */
export function auditExpressErrors<C extends Catalogue>(audit: Audit<C>): ErrorRequestHandler {
  const watching = watchingOf(audit);
  return (error: unknown, request, _response, next) => {
    exchangeOf(watching, request)?.fails(error);
    next(error);
  };
}

const readings = readingsBy<Request, RequestHandler>(watchRoute);

/**
 * Records that a route shows one record.
 *
 * @example
 * ```ts
 * app.get('/api/patients/:id', auditRead(audit, 'Patient'), showPatient);
 * ```
 */
export const auditRead: AuditReading<Request, RequestHandler> = readings.read;

/** Records that a route shows a list: how many records, and which. A SEARCH when it is searched. */
export const auditList: AuditReading<Request, RequestHandler> = readings.list;

/** Records that a route hands out records as a file, before it leaves. */
export const auditExport: AuditReading<Request, RequestHandler> = readings.export;

/** Records that a route hands out a stored file, with its name, type and size. */
export const auditDownload: AuditReading<Request, RequestHandler> = readings.download;

/** Records that a route did what the action says, such as PRINT. */
export const auditSensitive: AuditSensitive<Request, RequestHandler> = readings.sensitive;

function watchRoute(watching: Watching, reading: Reading<Request>): RequestHandler {
  const alone = new SafetyNet<Request>(watching, { enabled: false, actor: userOf });
  return (request, response, next) => {
    const exchange =
      exchangeOf<Request>(watching, request) ??
      attachNode(alone, { facts: new ExpressFacts(request), request, response });
    if (exchange === undefined) next();
    else if (exchange.expects(reading)) {
      keepAnswer(exchange, response);
      exchange.within(next);
    } else response.status(REASON_REQUIRED.status).type(PROBLEM_TYPE).send(problemBody(REASON_REQUIRED));
  };
}

/** `send` of an object goes through `json` too. */
function keepAnswer(exchange: Exchange<Request>, response: Response): void {
  const json = response.json.bind(response);
  response.json = (answer) => {
    exchange.answers(answer);
    return json(answer);
  };
}

function userOf(request: Request): Actor | undefined {
  return actorOfUser((request as { readonly user?: unknown }).user);
}

class ExpressFacts extends NodeFacts<Request> {
  /** Of what the route was last made; it is asked for more often than it changes. */
  #own: string | undefined;
  #mount: string | undefined;
  #route: string | undefined;

  constructor(request: Request) {
    super(request, request, request.originalUrl);
  }

  body(): unknown {
    return this.native.body;
  }

  /**
   * A router's own patterns do not say where it is mounted, and once it has been left, as by an error, nothing
   * does: then what the pattern does not cover is taken from the path. Once the last one has been left there is
   * no `baseUrl` at all.
   */
  route(): string | undefined {
    const { route, baseUrl } = this.native as {
      readonly route?: { readonly path?: unknown };
      baseUrl?: string;
    };
    const own = route?.path;
    if (typeof own !== 'string') return undefined;
    if (own !== this.#own || baseUrl !== this.#mount) {
      [this.#own, this.#mount] = [own, baseUrl];
      this.#route = `${baseUrl || mountOf(own, pathOf(this.url))}${own}`;
    }
    return this.#route;
  }
}
