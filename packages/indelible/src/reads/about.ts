import type { Derived, ModelRules } from '../capture/tables.js';
import type { Target } from '../event/event.js';
import type { EventFields } from '../event/input.js';
import { type Fields, idIn, idText, isFields, MOST_IDS, recordsIn, totalIn } from './shown.js';

/** What a reading looks for in what was read; each function is given what was answered. */
export interface Selectors {
  /** The part of an answer that holds the record or the records; the answer itself, or the list in it, by default. */
  readonly select?: ((answer: unknown) => unknown) | undefined;
  /** Whom a record is about; by default as the rules of its model say, where the answer has their column. */
  readonly subject?: ((record: Fields) => unknown) | undefined;
  /** The record's human text; by default as the rules of its model say. */
  readonly label?: ((record: Fields) => string | undefined) | undefined;
}

export interface About extends Pick<EventFields, 'target' | 'subjectId' | 'subjects'> {
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
}

/** What an event says of one record that was read. Where the application names the id, the answer's is not asked for. */
export function aboutRecord(
  { type, id }: Target,
  answer: unknown,
  rules: ModelRules,
  selectors: Selectors & { readonly id?: unknown },
): About {
  const selected = selectors.select === undefined ? answer : selectors.select(answer);
  if (!isFields(selected)) return { target: { type, id } };
  return {
    target: {
      type,
      id: selectors.id === undefined ? (idIn(selected) ?? id) : id,
      label: labelOf(selected, rules, selectors),
    },
    subjectId: subjectOf(selected, rules, selectors),
  };
}

/** What an event says of a list: how many were shown, and which. */
export function aboutList(
  { type, id }: Target,
  answer: unknown,
  rules: ModelRules,
  selectors: Selectors,
): About {
  const records = recordsIn(selectors.select === undefined ? answer : selectors.select(answer));
  // No number is made up for an answer of another shape.
  if (records === undefined) return { target: { type, id }, metadata: { total: totalIn(answer) } };
  const subjects = new Set<string>();
  const ids: string[] = [];
  for (const record of records) {
    const subject = subjectOf(record, rules, selectors);
    if (subject !== undefined) subjects.add(subject);
    const recordId = ids.length < MOST_IDS ? idIn(record) : undefined;
    if (recordId !== undefined) ids.push(recordId);
  }
  return {
    target: { type, id },
    subjects: [...subjects],
    metadata: { count: records.length, ids, total: totalIn(answer) },
  };
}

function subjectOf(record: Fields, rules: ModelRules, { subject }: Selectors): string | undefined {
  if (subject !== undefined) return idText(subject(record));
  return typeof rules.subject === 'object'
    ? derived(rules.subject, record)
    : idText(column(record, rules.subject));
}

function labelOf(record: Fields, rules: ModelRules, { label }: Selectors): string | undefined {
  return label === undefined ? rules.label && derived(rules.label, record) : label(record);
}

/** Undefined where the answer does not show every column it is made of. */
function derived({ columns, text }: Derived, record: Fields): string | undefined {
  const values = columns.map((name) => [name, column(record, name)] as const);
  if (values.some(([, value]) => value === undefined)) return undefined;
  return text(Object.fromEntries(values)) ?? undefined;
}

/** Answers often name in camelCase what the database names in snake_case. */
function column(record: Fields, name: string | undefined): unknown {
  if (name === undefined) return undefined;
  return record[name] ?? record[name.replaceAll(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())];
}
