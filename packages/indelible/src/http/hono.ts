import type { Context, MiddlewareHandler, Next } from 'hono';

import type { Catalogue } from '../event/actions.js';
import type { Actor } from '../event/event.js';
import type { Audit } from '../trail/create-audit.js';
import { watchingOf } from '../trail/door.js';
import { actorOfUser } from './actor-of-user.js';
import { HonoFacts } from './hono/hono-facts.js';
import { nodeOf } from './hono/hono-node.js';
import { HonoWatch } from './hono/hono-watch.js';
import { REASON_REQUIRED } from './problem.js';
import type { Reading, ReadOptions } from './reading.js';
import { type AuditReading, type AuditSensitive, readingsBy } from './readings.js';
import type { RequestOptions } from './request-options.js';
import { SafetyNet } from './safety-net.js';
import type { Watching } from './watching.js';
import { peerBy } from './web/peer.js';
import { answerIn } from './web/response-answer.js';

/** What `auditHono` is told of the application. Who acts is `c.get('user')`, or `c.get('jwtPayload')`, unless `actor` says otherwise. */
export interface HonoOptions extends RequestOptions<Context> {
  /** The socket's address. Known by itself under `@hono/node-server`; elsewhere none is known, and no header is believed, without it. */
  readonly peer?: ((c: Context) => string | undefined) | undefined;
}
export type HonoReadOptions = ReadOptions<Context>;

/**
 * The middleware that watches a Hono application. Put it in front of everything that records.
 *
 * @example
 * ```ts
 * const app = new Hono();
 * app.use(auditHono(audit, { tenant: (c) => c.req.header('x-clinic') }));
 * ```
 */
export function auditHono<C extends Catalogue>(
  audit: Audit<C>,
  options: HonoOptions = {},
): MiddlewareHandler {
  const watching = watchingOf(audit);
  const { peer, ...settings } = options;
  const net = new SafetyNet<Context>(watching, { ...settings, actor: options.actor ?? userOf });
  watching.attached('Hono');
  return async (c, next) => {
    if (HonoWatch.of(watching, c) === undefined) await open(net, c, peer).around(next);
    else await next();
  };
}

const readings = readingsBy<Context, MiddlewareHandler>(watchRoute);

/**
 * Records that a route shows one record.
 *
 * @example
 * ```ts
 * app.get('/api/patients/:id', auditRead(audit, 'Patient'), (c) => c.json(patientOf(c.req.param('id'))));
 * ```
 */
export const auditRead: AuditReading<Context, MiddlewareHandler> = readings.read;

/** Records that a route shows a list: how many records, and which. A SEARCH when it is searched. */
export const auditList: AuditReading<Context, MiddlewareHandler> = readings.list;

/** Records that a route hands out records as a file, before it leaves. */
export const auditExport: AuditReading<Context, MiddlewareHandler> = readings.export;

/** Records that a route hands out a stored file, with its name, type and size. */
export const auditDownload: AuditReading<Context, MiddlewareHandler> = readings.download;

/** Records that a route did what the action says, such as PRINT. */
export const auditSensitive: AuditSensitive<Context, MiddlewareHandler> = readings.sensitive;

function watchRoute(watching: Watching, reading: Reading<Context>): MiddlewareHandler {
  const alone = new SafetyNet<Context>(watching, { enabled: false, actor: userOf });
  return async (c, next) => {
    const known = HonoWatch.of(watching, c);
    const watch = known ?? open(alone, c);
    const read = (): Promise<void> => readWith(reading, watch, next);
    await (known === undefined ? watch.around(read) : read());
  };
}

function open(net: SafetyNet<Context>, c: Context, peer: HonoOptions['peer'] = socketOf): HonoWatch {
  return new HonoWatch(
    net,
    new HonoFacts(
      c,
      peerBy(net.watching, () => peer(c)),
    ),
  );
}

async function readWith(reading: Reading<Context>, watch: HonoWatch, next: Next): Promise<void> {
  const { exchange, facts } = watch;
  if (!facts.header('x-audit-reason')) await facts.learnBody();
  if (!exchange.expects(reading)) return watch.answer(REASON_REQUIRED);
  const shown = keepAnswer(facts.native);
  await next();
  const isOpen = !shown.isKnown && facts.native.finalized;
  exchange.answers(isOpen ? await answerIn(facts.native.res) : shown.answer);
}

/** What a route answers, as it hands it over to be made JSON. */
interface Shown {
  isKnown: boolean;
  answer: unknown;
}

function keepAnswer(c: Context): Shown {
  const shown: Shown = { isKnown: false, answer: undefined };
  const json = c.json as (answer: unknown, ...rest: unknown[]) => unknown;
  const keeping = (answer: unknown, ...rest: unknown[]): unknown => {
    Object.assign(shown, { isKnown: true, answer });
    return json(answer, ...rest);
  };
  c.json = keeping as Context['json'];
  return shown;
}

function userOf(c: Context): Actor | undefined {
  return actorOfUser(c.get('user')) ?? actorOfUser(c.get('jwtPayload'));
}

function socketOf(c: Context): string | undefined {
  return nodeOf(c).incoming?.socket?.remoteAddress;
}
