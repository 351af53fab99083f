import type { TableRules } from '../../tables.js';
import type { ForeignKey, Table } from '../catalogue/catalogue.js';
import { literal, name } from '../quote.js';
import type { Version } from './row-text.js';

/** The members that say who a row is about and whose it is, where the catalogue knows the way there. */
export function ownersOf(
  table: Table,
  rules: TableRules,
  version: Version,
  warn: (message: string) => void,
): string[] {
  return (['subject', 'tenant'] as const).flatMap((member) => {
    const steps = rules[member];
    if (!steps) return [];
    const value = valueAt(table, steps, version);
    if (value !== undefined) return [literal(`,"${member}":`), `coalesce(to_json(${value})::text, 'null')`];
    warn(
      `The ${member} of ${rules.model} cannot be found from the table ${table.name} by ${steps.join('.')}.`,
    );
    return [];
  });
}

/** The column at the end of the steps as SQL text. */
function valueAt(table: Table, steps: readonly string[], version: Version): string | undefined {
  const [step, ...rest] = steps;
  if (step === undefined) return undefined;
  if (rest.length === 0) return hasColumn(table, step) ? `${version(step)}::text` : undefined;
  const key = stepFrom(table, step);
  return key && lookUp(key, rest, version);
}

function lookUp(first: ForeignKey, steps: readonly string[], version: Version): string | undefined {
  let joined = `${place(first.to)} AS __s0`;
  const meet = condition(first, version, '__s0');
  let at = first.to;
  for (const [index, step] of steps.slice(0, -1).entries()) {
    const key = stepFrom(at, step);
    if (!key) return undefined;
    const alias = `__s${index + 1}`;
    joined += ` JOIN ${place(key.to)} AS ${alias} ON ${condition(key, (column) => `__s${index}.${name(column)}`, alias)}`;
    at = key.to;
  }
  const last = steps.at(-1) ?? '';
  if (!hasColumn(at, last)) return undefined;
  return `(SELECT __s${steps.length - 1}.${name(last)}::text FROM ${joined} WHERE ${meet})`;
}

function condition(key: ForeignKey, from: Version, to: string): string {
  return key.referenced
    .map((column, at) => `${to}.${name(column)} = ${from(key.columns[at] ?? '')}`)
    .join(' AND ');
}

/** The foreign key that a step means: of the column so called, or of the one that ends in _id or Id. */
function stepFrom(table: Table, step: string): ForeignKey | undefined {
  const keys = table.root.references;
  for (const column of [step, `${step}_id`, `${step}Id`]) {
    const key =
      keys.find(({ columns }) => columns.length === 1 && columns[0] === column) ??
      keys.find(({ columns }) => columns.includes(column));
    if (key) return key;
  }
  return undefined;
}

function hasColumn(table: Table, wanted: string): boolean {
  return table.columns.some((column) => column.name === wanted);
}

export function place({ schema, name: table }: { schema: string; name: string }): string {
  return `${name(schema)}.${name(table)}`;
}
