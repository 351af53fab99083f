import type { TableRules } from '../tables.js';
import type { Member } from './body.js';
import type { Column, Table } from './catalogue.js';
import { join, quoteName } from './quote.js';

/** A member of an image, and the SQL of the values it is made of. */
export interface Part extends Member {
  readonly values: readonly string[];
}

/** What is kept of one table's rows. */
export class RowImage {
  /** Empty also when a part of it may not be shown: what is left of a key names no row. */
  readonly key: readonly string[];
  readonly #columns: readonly Column[];
  readonly #rules: TableRules;
  readonly #always: ReadonlySet<string>;

  constructor(table: Table, rules: TableRules) {
    const isShown = (name: string): boolean => !rules.isExcluded(name) && !rules.isHidden(name);
    const known = new Set(table.columns.map(({ name }) => name));
    this.#rules = rules;
    this.key = table.key.every(isShown) ? table.key : [];
    const rowid = this.key.filter((name) => !known.has(name)).map((name) => ({ name, isUntyped: false }));
    this.#columns = [...rowid, ...table.columns].filter(({ name }) => !rules.isExcluded(name));
    this.#always = new Set([...this.key, ...rules.kept.filter(isShown)]);
  }

  /** Every column of a row that was inserted or deleted. */
  whole(row: string): Part[] {
    return this.#columns.map(({ name }) =>
      this.#rules.isHidden(name)
        ? { name, given: 'hidden', values: [] }
        : { name, given: 'value', values: [`${row}.${quoteName(name)}`] },
    );
  }

  /** What an update changed, with the columns that are captured in any case. */
  changed(): Part[] {
    return this.#columns.flatMap((column): Part[] => {
      const { name } = column;
      const [old, now] = [`OLD.${quoteName(name)}`, `NEW.${quoteName(name)}`];
      const isAlways = this.#always.has(name);
      if (this.#isIgnored(name)) return isAlways ? [{ name, given: 'old', values: [old] }] : [];
      if (this.#rules.isHidden(name)) return [{ name, given: 'hidden-change', values: [isChanged(column)] }];
      return [{ name, given: isAlways ? 'both' : 'change', values: [old, now] }];
    });
  }

  /** The condition under which an update is one; undefined when no column counts. */
  get condition(): string | undefined {
    const counted = this.#columns.filter(({ name }) => !this.#isIgnored(name));
    return counted.length === 0 ? undefined : join(counted.map(isChanged), ' OR ');
  }

  #isIgnored(name: string): boolean {
    return this.#rules.isIgnored(name) && !this.key.includes(name);
  }
}

/** The column's own collation must not decide: to it `a` may be the same as `A`. */
function isChanged({ name, isUntyped }: Column): string {
  const [old, now] = [`OLD.${quoteName(name)}`, `NEW.${quoteName(name)}`];
  const differs = `${old} IS NOT ${now} COLLATE BINARY`;
  return isUntyped ? `(${differs} OR typeof(${old})<>typeof(${now}))` : differs;
}
