import type { RequestInfo } from '../event/event.js';
import { clipText } from '../event/text.js';
import type { ClientAddress } from './address/client-address.js';
import { queryOf, type RequestFacts } from './request-facts.js';

const USER_AGENT = 512;

/** What every event of a request says of it. */
export function requestInfo<R>(
  id: string,
  path: string,
  facts: RequestFacts<R>,
  { ip, ipSource, forwardedFor }: ClientAddress,
): RequestInfo {
  return {
    id,
    method: facts.method,
    path,
    route: facts.route(),
    query: queryOf(facts.url),
    ip,
    ipSource,
    forwardedFor,
    userAgent: shortened(facts.header('user-agent')),
  };
}

function shortened(text: string | undefined): string | undefined {
  return text === undefined || text.length <= USER_AGENT ? text : `${clipText(text, USER_AGENT - 1)}…`;
}
