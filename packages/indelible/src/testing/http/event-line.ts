import type { AuditEvent } from '../../event/event.js';

/** What an event says, in the one line that tests expect: `READ Patient 1 by ann: success 200`. */
export function lineOf({ action, target, actor, outcome, request }: AuditEvent): string {
  const what =
    target === null ? action : [action, target.type, target.id].filter((part) => part !== null).join(' ');
  const status = request?.statusCode ?? null;
  return `${what} by ${actor.id ?? actor.type}: ${outcome}${status === null ? '' : ` ${status}`}`;
}
