import { HIDDEN_AFTER, HIDDEN_BEFORE } from '../../row-change.js';
import type { TableRules } from '../../tables.js';
import type { Column, Table } from '../catalogue/catalogue.js';
import { literal } from '../quote.js';
import { ownersOf } from './owners.js';
import { concat, list, object } from './text.js';
import { isDouble, isExact, jsonText, jsonValue } from './value.js';

/** How a column of one version of a row is written in SQL. */
export type Version = (column: string) => string;

/** SQL of the text of a change, and of when there is one; undefined where there always is. */
export interface ChangeText {
  readonly text: string;
  readonly when: string | undefined;
  /** True where the text is null by itself when there is none. */
  readonly isNullElse?: boolean;
}

/** Two versions of a row. */
export interface Versions {
  readonly before: Version;
  readonly after: Version;
  /** What a column was as JSON text, where it is known in no other form. */
  readonly written?: ((column: Column) => string) | undefined;
}

type Side = 'before' | 'after';
const HIDDEN: Readonly<Record<Side, number>> = { before: HIDDEN_BEFORE, after: HIDDEN_AFTER };

/** Writes the SQL that makes the text of a row's change. */
export class RowText {
  readonly table: Table;
  readonly model: string;
  readonly #rules: TableRules;
  readonly #columns: readonly Column[];
  readonly #key: readonly string[];
  readonly #warn: (message: string) => void;

  constructor(table: Table, rules: TableRules, warn: (message: string) => void) {
    this.table = table;
    this.model = rules.model;
    this.#rules = rules;
    this.#warn = warn;
    this.#columns = table.columns.filter(({ name }) => !rules.isExcluded(name));
    this.#key = this.#openKey();
  }

  /** The columns whose old values an update's text needs, when these are the ones that may change. */
  neededBefore(changing: ReadonlySet<string>): readonly Column[] {
    const kept = this.#kept();
    const changed = this.#changed(changing);
    return this.#columns.filter((column) => kept.includes(column) || changed.includes(column));
  }

  /** The first column that must be read for this and may not be. */
  unreadable(): Column | undefined {
    return this.#columns.find(({ isReadable }) => !isReadable);
  }

  insert(after: Version): ChangeText {
    return this.#whole('INSERT', 'after', after);
  }

  /** A row as it stands, of which nothing was known. */
  snapshot(row: Version): ChangeText {
    return this.#whole('SNAPSHOT', 'after', row);
  }

  delete(before: Version): ChangeText {
    return this.#whole('DELETE', 'before', before);
  }

  /** There is a change only where something changed that counts. */
  update(versions: Versions, changing: ReadonlySet<string>): ChangeText {
    const changed = this.#changed(changing);
    const [only] = changed;
    if (only === undefined) return { text: 'NULL::text', when: 'false' };
    const when = changed.map((column) => differs(column, versions)).join(' OR ');
    const head = literal(this.#head('UPDATE'));
    const tail = this.#tail(versions.after);
    if (changed.length === 1) {
      return { text: concat([head, ...this.#updateOfOne(only, versions), ...tail]), when };
    }
    const text = [head, ...this.#updateOfMany(changed, versions), ...tail].join(' || ');
    return { text, when, isNullElse: true };
  }

  #whole(op: 'INSERT' | 'DELETE' | 'SNAPSHOT', side: Side, version: Version): ChangeText {
    const members = object(this.#columns.map((column) => this.#member(side, column, version)));
    const text = [literal(`${this.#head(op)}"${side}":`), members, ...this.#tail(version)];
    return { text: concat(text), when: undefined };
  }

  #updateOfOne(column: Column, versions: Versions): string[] {
    const kept = this.#kept();
    const before = kept.includes(column) ? kept : [...kept, column];
    const old = versions.written
      ? before.map((each) => [each.name, `${this.#writtenText(each, versions)}::json`] as const)
      : before.map((each) => this.#member('before', each, versions.before));
    const now = this.#member('after', column, versions.after);
    return [`'"before":'`, object(old), `',"after":'`, object([now])];
  }

  #updateOfMany(changed: readonly Column[], versions: Versions): string[] {
    const kept = this.#kept();
    const others = changed.filter((column) => !kept.includes(column));
    const old = (column: Column): string =>
      labelled(column, `coalesce(${this.#writtenText(column, versions)}, 'null')`);
    const now = (column: Column): string =>
      labelled(column, `coalesce(${this.#text('after', column, versions.after)}, 'null')`);
    const ifChanged = (column: Column, text: string): string =>
      `CASE WHEN ${differs(column, versions)} THEN ${text} END`;
    const before = [...kept.map(old), ...others.map((column) => ifChanged(column, old(column)))];
    const after = changed.map((column) => ifChanged(column, now(column)));
    return [`'"before":{'`, list(before), `'},"after":{'`, list(after), `'}'`];
  }

  #writtenText(column: Column, versions: Versions): string {
    if (this.#rules.isHidden(column.name)) return `'${HIDDEN.before}'`;
    return versions.written?.(column) ?? this.#text('before', column, versions.before);
  }

  #text(side: Side, column: Column, version: Version): string {
    return this.#rules.isHidden(column.name) ? `'${HIDDEN[side]}'` : jsonText(column, version(column.name));
  }

  #member(side: Side, column: Column, version: Version): [string, string] {
    const { name } = column;
    return [name, this.#rules.isHidden(name) ? String(HIDDEN[side]) : jsonValue(column, version(name))];
  }

  #changed(changing: ReadonlySet<string>): readonly Column[] {
    return this.#columns.filter(({ name }) => changing.has(name) && !this.#rules.isIgnored(name));
  }

  #kept(): readonly Column[] {
    const { kept } = this.#rules;
    return this.#columns.filter(
      ({ name }) => (this.#key.includes(name) || kept.includes(name)) && !this.#rules.isHidden(name),
    );
  }

  /** A key that must not be seen names no record. */
  #openKey(): readonly string[] {
    const { key, name } = this.table;
    const closed = key.find((column) => this.#rules.isExcluded(column) || this.#rules.isHidden(column));
    if (closed === undefined) return key;
    this.#warn(
      `The table ${name} has the column ${closed} in its key, which is hidden or excluded: its events name no record.`,
    );
    return [];
  }

  #head(op: string): string {
    return `{"op":"${op}","model":${JSON.stringify(this.model)},"key":${JSON.stringify(this.#key)},`;
  }

  #tail(version: Version): string[] {
    return [...ownersOf(this.table, this.#rules, version, this.#warn), `'}'`];
  }
}

function labelled({ name }: Column, text: string): string {
  return `${literal(`${JSON.stringify(name)}:`)} || ${text}`;
}

/** True in SQL when two values differ in anything that can be seen of them. */
function differs(column: Column, { before, after, written }: Versions): string {
  const { name } = column;
  if (written) return `${written(column)} IS DISTINCT FROM ${jsonText(column, after(name))}`;
  const isOther = `${before(name)} IS DISTINCT FROM ${after(name)}`;
  if (isExact(column)) return isOther;
  // Of a double the text alone says too little, where the session shortens it; its value alone not -0 from 0.
  if (isDouble(column)) return `(${isOther} OR ${before(name)}::text IS DISTINCT FROM ${after(name)}::text)`;
  return `${before(name)}::text COLLATE "C" IS DISTINCT FROM ${after(name)}::text COLLATE "C"`;
}
