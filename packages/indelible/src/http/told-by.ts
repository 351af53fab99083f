import type { LooseInput } from '../event/input.js';
import { MOST_IDS } from '../reads/shown.js';

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

/** What is shown, with what only those know of it who read it on the way. */
export function completedBy(shown: LooseInput, reads: readonly LooseInput[]): LooseInput {
  if (reads.length === 0) return shown;
  const first = <K extends keyof LooseInput>(key: K): LooseInput[K] | undefined =>
    shown[key] ?? reads.find((read) => read[key] !== undefined)?.[key];
  const isUnnamed = shown.target?.id === undefined && idsOf(shown).length === 0;
  return {
    ...shown,
    target: labelled(shown, reads),
    reason: first('reason'),
    operation: first('operation'),
    subjectId: first('subjectId'),
    subjectLabel: subjectLabelOf(shown, reads),
    subjects: shown.subjects?.length ? shown.subjects : subjectsOf(reads),
    metadata: isUnnamed ? { ...shown.metadata, ...recordsOf(reads) } : shown.metadata,
  };
}

/** A route knows the id of its record, and who read it what it is called. */
function labelled(shown: LooseInput, reads: readonly LooseInput[]): LooseInput['target'] {
  const { target } = shown;
  if (target === undefined || target.label !== undefined) return target;
  const named = reads.find((read) => read.target?.id === target.id && read.target?.label !== undefined);
  return named === undefined ? target : { ...target, label: named.target?.label };
}

function subjectLabelOf(
  { subjectId, subjectLabel }: LooseInput,
  reads: readonly LooseInput[],
): LooseInput['subjectLabel'] {
  if (subjectLabel !== undefined) return subjectLabel;
  const about = reads.filter((read) => subjectId === undefined || read.subjectId === subjectId);
  return about.find((read) => read.subjectLabel !== undefined)?.subjectLabel;
}

function subjectsOf(reads: readonly LooseInput[]): readonly string[] {
  return [...new Set(reads.flatMap(({ subjects = [] }) => subjects))];
}

function recordsOf(reads: readonly LooseInput[]): { count: number; ids: unknown[] } {
  const counts = reads.map(({ metadata }) => Number(metadata?.['count'] ?? 1));
  const ids = new Set(reads.flatMap((read) => read.target?.id ?? idsOf(read)));
  return { count: counts.reduce((sum, count) => sum + count, 0), ids: [...ids].slice(0, MOST_IDS) };
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
