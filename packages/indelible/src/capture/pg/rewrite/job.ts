import type { Catalogue, Table } from '../catalogue/catalogue.js';
import type { RowText } from '../images/row-text.js';
import type { Span, Write } from '../statement.js';
import { name } from '../quote.js';

/** A write that is to be taken apart, with all that is known for it. */
export interface Job {
  readonly text: string;
  readonly write: Write;
  readonly catalogue: Catalogue;
  readonly table: Table;
  readonly row: RowText;
  /** False when only what goes with its rows is captured. */
  readonly isCaptured: boolean;
  /** How another table's changes are written; undefined when they are not captured. */
  readonly rowOf: (table: Table) => RowText | undefined;
  readonly failsClosed: boolean;
}

/** A part of the user's text. A comment to the end of the line must not swallow what we write behind it. */
export function slice({ text }: Job, span: Span): string {
  const part = text.slice(span.start, span.end);
  return part.includes('--') ? `${part}\n` : part;
}

/** What the target is called in its own statement. */
export function targetName({ write }: Job): string {
  return write.alias ?? name(write.table.name);
}

/** The columns of the target, as its statement calls them. */
export function ofTarget(job: Job): (column: string) => string {
  const target = targetName(job);
  return (column) => `${target}.${name(column)}`;
}

export function contextAt({ write }: Job): number {
  return write.parameters + 1;
}

/** The columns whose values an UPDATE of these may change. */
export function changingColumns({ table }: Job, assigned: readonly string[]): ReadonlySet<string> {
  const all = table.columns;
  if (table.root.hasBeforeTriggers || table.hasBeforeTriggers)
    return new Set(all.map((column) => column.name));
  const computed = all.filter(({ isGenerated }) => isGenerated).map((column) => column.name);
  return new Set([...assigned, ...computed]);
}
