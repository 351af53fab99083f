import type { StoredEntry } from '../../event/read.js';
import type { EventQuery, SearchTerm, SummaryQuery } from '../query.js';

/** True when an entry satisfies every condition of a question. */
export function matches(
  entry: StoredEntry,
  query: (EventQuery | SummaryQuery) & { readonly search?: SearchTerm | undefined },
): boolean {
  return (
    (query.tenantId === null || (entry.core.tenant_id ?? '') === query.tenantId) &&
    matchesCore(entry, query.where) &&
    matchesSearchColumns(entry, query.where) &&
    (query.search === undefined || matchesSearch(entry, query.search))
  );
}

export function isBetween(id: string, from: string | undefined, to: string | undefined): boolean {
  return (from === undefined || id >= from) && (to === undefined || id < to);
}

function matchesCore({ core }: StoredEntry, where: EventQuery['where']): boolean {
  return (
    isAsked(where.actorId, core.actor.id) &&
    isAsked(where.targetType, core.target?.type) &&
    isAsked(where.targetId, core.target?.id) &&
    isAsked(where.outcome, core.outcome) &&
    isAsked(where.source, core.source) &&
    (where.actions === undefined || where.actions.includes(core.action)) &&
    isBetween(core.id, where.fromId, where.toId)
  );
}

function matchesSearchColumns({ core, search }: StoredEntry, where: EventQuery['where']): boolean {
  const { subjectId } = where;
  return (
    isAsked(where.role, search.role) &&
    isAsked(where.ip, search.ip) &&
    (where.actorText === undefined || holds(search.actorText, where.actorText)) &&
    (subjectId === undefined || core.subject_id === subjectId || (search.subjects ?? []).includes(subjectId))
  );
}

function matchesSearch({ core, search }: StoredEntry, { text, exact }: SearchTerm): boolean {
  return (
    [core.actor.id, core.target?.id, core.subject_id, search.ip].includes(exact) ||
    core.id === exact.toLowerCase() ||
    holds(search.actorText, text) ||
    holds(search.text, text)
  );
}

function holds(text: string | undefined, part: string): boolean {
  return text !== undefined && text.includes(part);
}

function isAsked(asked: string | undefined, found: string | undefined): boolean {
  return asked === undefined || asked === found;
}
