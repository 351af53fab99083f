import { createHmac } from 'node:crypto';

import { messageOf } from '../event/errors.js';
import type { Finding } from './finding.js';

export interface WebhookOptions {
  /** An address of http or https. Redirects are not followed. */
  readonly url: string;
  /** What each body is signed with, 16 characters or more. */
  readonly secret?: string | undefined;
  /** Another way to send, such as through a proxy; the `fetch` of the platform by default. */
  readonly fetch?: typeof fetch | undefined;
}

/** Why a finding was not taken; null when it was. */
export type Refusal = string | null;

const DEADLINE_MS = 10_000;

/**
 * Sends one finding as a CloudEvent. Whatever comes of it, it does not throw. Only a 2xx is a yes: a redirect could lead
 * the server into a network that whoever wrote the address has no business in.
 */
export async function send(
  finding: Finding,
  options: WebhookOptions,
  signal: AbortSignal,
  deadlineMs: number = DEADLINE_MS,
): Promise<Refusal> {
  const { url, secret, fetch: sendBy = fetch } = options;
  const body = JSON.stringify(messageFor(finding));
  const headers: Record<string, string> = { 'content-type': 'application/cloudevents+json' };
  if (secret !== undefined) headers['x-indelible-signature'] = signatureOf(body, secret);
  const until = AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]);
  try {
    const answer = await sendBy(url, { method: 'POST', body, headers, redirect: 'manual', signal: until });
    // Nobody asked for the answer's body, which may never end.
    await answer.body?.cancel();
    return answer.status >= 200 && answer.status < 300 ? null : `it answered ${answer.status}`;
  } catch (error) {
    return reasonOf(error);
  }
}

/** What tells a delivery from others: a finding that has become worse is sent again. */
export function deliveryOf({ id, severity }: Pick<Finding, 'id' | 'severity'>): string {
  return `${id}.${severity}`;
}

function signatureOf(body: string, secret: string): string {
  return `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`;
}

function messageFor(finding: Finding): object {
  const { id, type, severity, description, count, events, first, last } = finding;
  const { actorId, ip, tenantId, isComplete } = finding;
  return {
    specversion: '1.0',
    id: deliveryOf(finding),
    source: '/indelible/findings',
    type: 'indelible.finding',
    subject: id,
    time: new Date().toISOString(),
    datacontenttype: 'application/json',
    data: {
      id,
      type,
      severity,
      description,
      count,
      events,
      first,
      last,
      actor_id: actorId,
      ip_address: ip,
      tenant_id: tenantId,
      is_complete: isComplete,
    },
  };
}

/** What fetch says is "fetch failed"; why stands in its cause. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return messageOf(cause) || messageOf(error);
}
