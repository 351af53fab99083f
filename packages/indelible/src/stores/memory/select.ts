import type { StoredEntry } from '../../event/read.js';
import { endOfIds, momentOf } from '../removal-check.js';
import { type Clause, type EventMatch, KEPT_ACTIONS, type Selection } from '../removal.js';

type Test = (entry: StoredEntry) => boolean;

/** What a selection asks of an event, besides having a leaf. */
export function selects({ clauses, holds }: Selection): Test {
  const asked = clauses.map(satisfies);
  return (entry) =>
    asked.some((test) => test(entry)) &&
    !KEPT_ACTIONS.includes(entry.core.action) &&
    !holds.some((hold) => isLike(hold, entry));
}

function satisfies({ match, except, recordedBefore, hasSubject }: Clause): Test {
  const end = momentOf(recordedBefore);
  return (entry) =>
    Date.parse(entry.recordedAt ?? '') < end &&
    entry.core.id < endOfIds(recordedBefore) &&
    isLike(match, entry) &&
    !except.some((one) => isLike(one, entry)) &&
    (hasSubject === undefined || hasSubject === isAboutOne(entry));
}

function isLike(match: EventMatch, { core, search }: StoredEntry): boolean {
  const { subjectId } = match;
  return (
    isAsked(match.tenantId, core.tenant_id ?? '') &&
    isAsked(match.action, core.action) &&
    isAsked(match.targetType, core.target?.type) &&
    isAsked(match.targetId, core.target?.id) &&
    isAsked(match.actorId, core.actor.id) &&
    (subjectId === undefined || core.subject_id === subjectId || (search.subjects ?? []).includes(subjectId))
  );
}

function isAboutOne({ core, search }: StoredEntry): boolean {
  return core.subject_id !== undefined || (search.subjects ?? []).length > 0;
}

function isAsked(asked: string | undefined, found: string | undefined): boolean {
  return asked === undefined || asked === found;
}
