import { isActionName } from './actions.js';
import type { Draft } from './draft.js';
import { CORE_VERSION, type EventCore } from './entry.js';
import {
  type Actor,
  ACTOR_TYPES,
  type Outcome,
  OUTCOMES,
  type Source,
  SOURCES,
  type Target,
} from './event.js';
import type { Flag } from './flag.js';
import { idText } from './id-text.js';

/** The name of every action that is none. */
export const OTHER = 'OTHER';
const OUTCOME_OF: Readonly<Record<string, Outcome>> = { LOGIN_FAILED: 'failure', ACCESS_DENIED: 'denied' };

/** A core that is not yet bound to its payload. */
export type OpenCore = Omit<EventCore, 'payload_digest'>;

/** The part of an event that is hashed into the log: of exact types, and without names or values. */
export function coreOf(
  draft: Draft,
  action: string,
  process: EventCore['process'],
  flags: Set<Flag>,
): OpenCore {
  return {
    v: CORE_VERSION,
    id: draft.id,
    action,
    outcome: oneOf(OUTCOMES, draft.outcome, OUTCOME_OF[action] ?? 'success', flags),
    source: oneOf(SOURCES, draft.source, sourceOf(action), flags),
    actor: actorCore(draft.actor, flags),
    tenant_id: idText(draft.tenantId, flags),
    target: draft.target && targetCore(draft.target, flags),
    subject_id: idText(draft.subjectId, flags),
    process,
    count: countOf(draft.count, flags),
  };
}

/** An unknown action is kept under its own name, an impossible one as OTHER. */
export function actionOf(given: unknown, knows: (action: string) => boolean, flags: Set<Flag>): string {
  const name = typeof given === 'string' ? given.toUpperCase() : '';
  if (name !== given || !knows(name)) flags.add('unknown_action');
  return isActionName(name) ? name : OTHER;
}

/** What of an actor is never erased. */
export function actorCore(actor: Partial<Actor>, flags: Set<Flag>): EventCore['actor'] {
  if (actor.type === undefined) flags.add('invalid_input');
  return { type: oneOf(ACTOR_TYPES, actor.type, 'anonymous', flags), id: idText(actor.id, flags) };
}

function targetCore(target: Target, flags: Set<Flag>): EventCore['target'] {
  const type = idText(target.type, flags);
  if (type === undefined) flags.add('invalid_input');
  return { type: type ?? 'Unknown', id: idText(target.id, flags) };
}

function sourceOf(action: string): Source {
  if (action.startsWith('LOGIN_') || action === 'LOGOUT') return 'auth';
  return action.startsWith('AUDIT_') ? 'system' : 'manual';
}

/** One act goes without saying. */
function countOf(given: unknown, flags: Set<Flag>): number | undefined {
  if (given === undefined || given === 1) return undefined;
  if (typeof given === 'number' && Number.isSafeInteger(given) && given > 1) return given;
  flags.add('invalid_input');
  return undefined;
}

function oneOf<T extends string>(allowed: readonly T[], given: unknown, fallback: T, flags: Set<Flag>): T {
  if (given === undefined) return fallback;
  if (allowed.includes(given as T)) return given as T;
  flags.add('invalid_input');
  return fallback;
}
