import type { LooseInput } from '../event/input.js';

type Told = Pick<LooseInput, 'action' | 'target'>;

const READS: ReadonlySet<string> = new Set(['READ', 'LIST', 'SEARCH']);

export function isSame(one: Told, other: Told): boolean {
  const [a, b] = [one.target, other.target];
  return one.action === other.action && a !== undefined && a.type === b?.type && a.id === b.id;
}

/** True when both are about the same record; of lists nobody can say so. */
export function isSameRecord(one: Told, other: Told): boolean {
  return one.target?.id !== undefined && isSame(one, other);
}

/**
 * True when what is shown tells also of what was read on the way: an export of the list it was made from, a print of
 * its record, a list of each of its records.
 */
export function isToldBy(read: LooseInput, shown: LooseInput): boolean {
  const [own, whole] = [read.target, shown.target];
  if (own === undefined || own.type !== whole?.type) return false;
  if (read.action !== shown.action && !READS.has(read.action)) return false;
  if (own.id !== undefined && own.id === whole.id) return true;
  return whole.id === undefined && areAmong(own.id === undefined ? idsOf(read) : [own.id], idsOf(shown));
}

/** What is shown, with what only those who read it on the way know of it. */
export function completedBy(shown: LooseInput, read: LooseInput): LooseInput {
  const { count, ids } = read.metadata ?? {};
  const isUnnamed = idsOf(shown).length === 0 && idsOf(read).length > 0;
  return {
    ...shown,
    reason: shown.reason ?? read.reason,
    operation: shown.operation ?? read.operation,
    subjectId: shown.subjectId ?? read.subjectId,
    subjects: shown.subjects?.length ? shown.subjects : read.subjects,
    metadata: isUnnamed ? { ...shown.metadata, count, ids } : shown.metadata,
  };
}

/** What names no records is believed to have shown all that was read for it. */
function areAmong(ids: readonly unknown[], shown: readonly unknown[]): boolean {
  if (shown.length === 0) return true;
  const known = new Set(shown);
  return ids.every((id) => known.has(id));
}

function idsOf({ metadata }: LooseInput): readonly unknown[] {
  const ids = metadata?.['ids'];
  return Array.isArray(ids) ? ids : [];
}
