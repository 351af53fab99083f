import type { Outcome, Target } from '../event/event.js';
import type { AnswerHead } from './request-facts.js';

/** How an answer came to its end. */
export type Ending = 'answered' | 'aborted';

const ATTEMPTS: Readonly<Record<string, string>> = { PUT: 'UPDATE', PATCH: 'UPDATE', DELETE: 'DELETE' };

/** True when an answer keeps somebody away from something; a missing record that is protected does so too. */
export function isDenial(status: number, isProtected: boolean): boolean {
  return status === 401 || status === 403 || (status === 404 && isProtected);
}

/** What somebody wanted to do by a request that nobody explains better. */
export function attemptOf(method: string, target: Target | undefined): string {
  const isOne = target?.id !== undefined;
  if (method === 'GET' || method === 'HEAD') return isOne ? 'READ' : 'LIST';
  if (method === 'POST') return isOne ? 'UPDATE' : 'CREATE';
  return ATTEMPTS[method] ?? method;
}

export function outcomeOf(head: AnswerHead | undefined, ending: Ending, hasFailed: boolean): Outcome {
  const status = head?.status ?? 0;
  if (status >= 500 || (hasFailed && status < 400)) return 'error';
  if (status >= 400) return 'failure';
  return ending === 'aborted' && !isOpenEnded(head) ? 'failure' : 'success';
}

/** A stream of events ends when nobody listens any more. */
function isOpenEnded(head: AnswerHead | undefined): boolean {
  return head?.header('content-type')?.startsWith('text/event-stream') ?? false;
}
