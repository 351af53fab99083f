import type { StoredEntry } from '../../event/read.js';
import {
  type EventMatch,
  KEPT_ACTIONS,
  type Selection,
  type SelectionPreview,
} from '../../stores/removal.js';

/** What each member of a match means, one by one and without any index. */
const MEMBERS: Record<keyof EventMatch, (entry: StoredEntry, asked: string) => boolean> = {
  tenantId: ({ core }, asked) => (core.tenant_id ?? '') === asked,
  action: ({ core }, asked) => core.action === asked,
  targetType: ({ core }, asked) => core.target?.type === asked,
  targetId: ({ core }, asked) => core.target?.id === asked,
  actorId: ({ core }, asked) => core.actor.id === asked,
  subjectId: ({ core, search }, asked) => [core.subject_id, ...(search.subjects ?? [])].includes(asked),
};

/** The events that a selection asks for, of those with a leaf, in the order of their ids. */
export function selected(selection: Selection, sealed: readonly StoredEntry[]): StoredEntry[] {
  const found = sealed.filter((entry) => isSelected(selection, entry));
  return found.toSorted((a, b) => (a.core.id < b.core.id ? -1 : 1));
}

export function previewOf(entries: readonly StoredEntry[]): SelectionPreview {
  const times = entries.map(({ recordedAt }) => recordedAt ?? '').sort();
  return {
    count: entries.length,
    byAction: counts(entries.map(({ core }) => core.action)),
    byModel: counts(entries.map(({ core }) => core.target?.type ?? '')),
    oldest: times[0] ?? null,
    newest: times.at(-1) ?? null,
  };
}

function isSelected({ clauses, holds }: Selection, entry: StoredEntry): boolean {
  if (KEPT_ACTIONS.includes(entry.core.action) || holds.some((hold) => isMatch(hold, entry))) return false;
  const hasSubject = [entry.core.subject_id, ...(entry.search.subjects ?? [])].some(
    (one) => one !== undefined,
  );
  return clauses.some(
    ({ match, except, recordedBefore, ...clause }) =>
      isMatch(match, entry) &&
      !except.some((one) => isMatch(one, entry)) &&
      Date.parse(entry.recordedAt ?? '') < Date.parse(recordedBefore) &&
      (clause.hasSubject ?? hasSubject) === hasSubject,
  );
}

function isMatch(match: EventMatch, entry: StoredEntry): boolean {
  return Object.entries(match).every(
    ([name, asked]: [string, string | undefined]) =>
      asked === undefined || MEMBERS[name as keyof EventMatch](entry, asked),
  );
}

function counts(names: readonly string[]): Record<string, number> {
  return Object.fromEntries(
    [...new Set(names)].map((name) => [name, names.filter((one) => one === name).length]),
  );
}
