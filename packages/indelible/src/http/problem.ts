/** What the adapters answer themselves, as RFC 9457 has it. */
export interface Problem {
  readonly status: 400 | 503;
  readonly title: string;
  readonly detail: string;
}

export const PROBLEM_TYPE = 'application/problem+json; charset=utf-8';

export const REASON_REQUIRED: Problem = {
  status: 400,
  title: 'Bad Request',
  detail: 'Say why this is needed: send a reason in the header X-Audit-Reason.',
};

/** The trail could not take what must not happen unrecorded. */
export const UNRECORDED: Problem = {
  status: 503,
  title: 'Service Unavailable',
  detail: 'This could not be recorded in the audit trail, so its answer is withheld. Try again in a moment.',
};

export function problemBody(problem: Problem): string {
  return JSON.stringify({ type: 'about:blank', ...problem });
}

/** Headers that say nothing of what was to be answered, and without which a browser may not see the refusal. */
const KEPT =
  /^(?:access-control-[a-z-]+|vary|strict-transport-security|content-security-policy|referrer-policy|x-content-type-options|x-frame-options|x-request-id)$/i;

export function isKept(header: string): boolean {
  return KEPT.test(header);
}
