import type { Actor } from '../../event/event.js';
import type { LooseInput } from '../../event/input.js';
import type { AuthFacts, AuthUser } from './auth-details.js';

export const ANONYMOUS: Actor = { type: 'anonymous' };

/** Somebody's account as the one who acts. */
export function actorOf({ id, username, email, name, role }: AuthUser): Actor {
  return { type: 'user', id, username, email, name, role };
}

/** What all events of signing in have alike; `more` is what the metadata says of this one. */
export function authEvent(
  action: string,
  facts: AuthFacts,
  more: Readonly<Record<string, unknown>> = {},
): LooseInput {
  const { sessionId, reason, outcome, subjectId, subjectLabel, tenantId, request, method, metadata } = facts;
  return {
    action,
    source: 'auth',
    outcome,
    sessionId,
    reason,
    subjectId,
    subjectLabel,
    tenantId,
    request,
    metadata: { ...metadata, method, ...more },
  };
}
