import { apiServer } from '../api/audit-api.js';
import type { ApiOptions } from '../api/options.js';
import type { Catalogue } from '../event/actions.js';
import type { Audit } from '../trail/create-audit.js';
import { watchingOf } from '../trail/door.js';
import { type AskFetch, ask } from './web/fetch-options.js';
import { peerBy } from './web/peer.js';

export interface FetchApiOptions extends ApiOptions {
  /** The socket's address. Without it there is no address, and no header is believed. */
  readonly peer?: AskFetch<string> | undefined;
}

/** The audit API as a handler of requests, called with whatever else the framework gives its handlers. */
export function auditApi<C extends Catalogue>(
  audit: Audit<C>,
  options: FetchApiOptions,
): (request: Request, ...rest: unknown[]) => Promise<Response> {
  const { peer, ...others } = options;
  const [api, watching] = [apiServer(audit, others), watchingOf(audit)];
  return (request, ...rest) =>
    api.answer(request, { peer: peer && peerBy(watching, () => ask(peer, request, rest)) });
}
