import type { Catalogue } from '../event/actions.js';
import { AuditError } from '../event/errors.js';
import type { Audit } from '../trail/create-audit.js';
import { watchingOf } from '../trail/door.js';
import type { ReadOptions } from './reading.js';
import { type AuditReading, type AuditSensitive, readingsBy } from './readings.js';
import { SafetyNet } from './safety-net.js';
import type { Watching } from './watching.js';
import { FetchCall } from './web/fetch-call.js';
import { FetchHandler } from './web/fetch-handler.js';
import {
  type AskFetch,
  ask,
  type CalledWith,
  type FetchArguments,
  type FetchOptions,
  type FetchReading,
  type FetchRoute,
} from './web/fetch-options.js';

export type FetchReadOptions = ReadOptions<Request>;

/** Wraps a handler so that its requests are watched; it is called, and answers, as before. */
export type AuditedFetch = <P extends FetchArguments, T>(
  handler: (...args: P) => T,
  route?: FetchRoute,
) => (...args: CalledWith<P>) => Promise<Awaited<T>>;

/**
 * Makes the wrapper that watches handlers of the form `(request) => response`: those of Next, Remix, SvelteKit, Bun,
 * Deno and Workers, or the one of a whole router.
 *
 * @example
 * ```ts
 * const audited = auditFetch(audit, { actor: (request) => sessionOf(request)?.user });
 * const GET = audited((request: Request) => showPatient(request), {
 *   route: '/api/patients/[id]',
 *   reading: auditRead(audit, 'Patient'),
 * });
 * ```
 */
export function auditFetch<C extends Catalogue>(audit: Audit<C>, options: FetchOptions = {}): AuditedFetch {
  const watching = watchingOf(audit);
  const { actor, tenant, session, requestId, peer, ...settings } = options;
  const net = new SafetyNet<Request>(watching, {
    ...settings,
    actor: asking(watching, actor),
    tenant: asking(watching, tenant),
    session: asking(watching, session),
    requestId: asking(watching, requestId),
  });
  watching.attached('fetch');
  return <P extends FetchArguments, T>(handler: (...args: P) => T, route: FetchRoute = {}) => {
    checkReadings(watching, route);
    const watched = new FetchHandler({ net, peer }, handler, route);
    return (...args: CalledWith<P>) => watched.call(args as unknown as P);
  };
}

const readings = readingsBy<Request, FetchReading>((watching, reading) => ({ watching, reading }));

/**
 * Records that a handler shows one record.
 *
 * @example
 * ```ts
 * const audited = auditFetch(audit);
 * const GET = audited(showPatient, { route: '/api/patients/:id', reading: auditRead(audit, 'Patient') });
 * ```
 */
export const auditRead: AuditReading<Request, FetchReading> = readings.read;

/** Records that a handler shows a list: how many records, and which. A SEARCH when it is searched. */
export const auditList: AuditReading<Request, FetchReading> = readings.list;

/** Records that a handler hands out records as a file, before it leaves. */
export const auditExport: AuditReading<Request, FetchReading> = readings.export;

/** Records that a handler hands out a stored file, with its name, type and size. */
export const auditDownload: AuditReading<Request, FetchReading> = readings.download;

/** Records that a handler did what the action says, such as PRINT. */
export const auditSensitive: AuditSensitive<Request, FetchReading> = readings.sensitive;

/** A question of the options, asked with what the request's handler was called with. */
function asking<T>(
  watching: Watching,
  question: AskFetch<T> | undefined,
): ((request: Request) => T | undefined) | undefined {
  return question && ((request) => ask(question, request, FetchCall.of(watching, request)?.facts.rest ?? []));
}

function checkReadings(watching: Watching, { reading = [] }: FetchRoute): void {
  if ([reading].flat().every((one) => one.watching === watching)) return;
  throw new AuditError(
    'INVALID_OPTIONS',
    'auditFetch: the reading was made for another trail than the handler: pass the same `audit` to both.',
  );
}
