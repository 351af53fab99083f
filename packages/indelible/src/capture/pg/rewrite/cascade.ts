import type { Column, ForeignKey, Table } from '../catalogue/catalogue.js';
import { place } from '../images/owners.js';
import type { RowText, Version } from '../images/row-text.js';
import { name } from '../quote.js';
import { ofTarget, type Job } from './job.js';
import { changeOrNull } from './statement-text.js';

/** What a DELETE must return, and the parts that read the rows of other tables that it also changes. */
export interface Cascade {
  readonly more: readonly string[];
  readonly after: ReadonlyMap<string, string>;
}

type RowOf = Job['rowOf'];

/** The models whose rows a DELETE of the table's rows also changes. */
export function modelsReached(table: Table, rowOf: RowOf, seen: Set<Table> = new Set()): string[] {
  if (seen.has(table)) return [];
  seen.add(table);
  return table.referencedBy.flatMap(({ from, onDelete }) => {
    if (onDelete === 'none') return [];
    const own = rowOf(from)?.model;
    const further = onDelete === 'cascade' ? modelsReached(from, rowOf, seen) : [];
    return own === undefined ? further : [own, ...further];
  });
}

/** Why the rows that go with a DELETE cannot be read; or the parts that read them. */
export function cascadeOf(job: Job): Cascade | string {
  const { table, rowOf } = job;
  if (modelsReached(table, rowOf).length === 0) return { more: [], after: new Map() };
  const order: Table[] = [];
  const circle = visit(table.root, table, rowOf, [], order);
  if (circle !== undefined) return circle;
  const reader = new CascadeReader(job);
  const reason =
    firstReason(order, (each) => reader.readDeleted(each)) ??
    firstReason(order, (each) => reader.readCleared(each));
  if (reason !== undefined) return reason;
  return { more: reader.exposed(table, ofTarget(job)), after: reader.parts };
}

/** Puts tables after those whose rows take theirs away; a reason when that is not possible. */
function visit(
  table: Table,
  keys: Table,
  rowOf: RowOf,
  path: readonly Table[],
  order: Table[],
): string | undefined {
  if (path.includes(table)) return `foreign keys delete in a circle from ${table.name} to itself`;
  if (order.includes(table)) return undefined;
  const children: string[] = [];
  for (const { from, onDelete } of keys.referencedBy) {
    if (onDelete !== 'cascade' || from === table) continue;
    if (rowOf(from) === undefined && modelsReached(from, rowOf).length === 0) continue;
    const reason = visit(from, from, rowOf, [...path, table], order);
    if (reason !== undefined) children.push(reason);
  }
  order.unshift(table);
  return children[0];
}

function firstReason(
  tables: readonly Table[],
  read: (table: Table) => string | undefined,
): string | undefined {
  for (const table of tables) {
    const reason = read(table);
    if (reason !== undefined) return reason;
  }
  return undefined;
}

class CascadeReader {
  readonly parts = new Map<string, string>();
  readonly #job: Job;
  readonly #rowOf: RowOf;
  /** The parts that hold a table's deleted rows. */
  readonly #deleted = new Map<Table, string[]>();

  constructor(job: Job) {
    this.#job = job;
    this.#rowOf = job.rowOf;
    this.#deleted.set(job.table.root, ['__u']);
  }

  /** Reads the rows of a table that are deleted, which the tables that point at it come after. */
  readDeleted(table: Table): string | undefined {
    const incoming = this.#incoming(table);
    const unreadable = incoming.length > 0 ? this.#obstacle(table) : undefined;
    if (unreadable !== undefined) return unreadable;
    for (const [at, key] of incoming.entries()) this.#readChildren(key, incoming.slice(0, at));
    const own = this.#keysTo(table).filter(({ from, onDelete }) => from === table && onDelete === 'cascade');
    if (own.length > 1) return `${table.name} points at itself more than once`;
    if (own[0]) this.#readDescendants(own[0]);
    return undefined;
  }

  /** Reads the rows elsewhere that lose what they point at, when all is known that is deleted. */
  readCleared(table: Table): string | undefined {
    return this.#keysTo(table)
      .filter(({ onDelete }) => onDelete === 'set null' || onDelete === 'set default')
      .map((key) => this.#readLosing(key))
      .find((reason) => reason !== undefined);
  }

  /** The columns by which other parts know a row, under names of our own. */
  exposed(table: Table, version: Version): string[] {
    const wanted = new Set([
      ...table.key,
      ...this.#keysTo(table.root).flatMap(({ referenced }) => referenced),
    ]);
    return [...wanted].map((column) => `${version(column)} AS ${this.#alias(table, column)}`);
  }

  #keysTo(table: Table): readonly ForeignKey[] {
    return table === this.#job.table.root ? this.#job.table.referencedBy : table.referencedBy;
  }

  #alias(table: Table, column: string): string {
    return `__r${table.root.columns.findIndex((each: Column) => each.name === column)}`;
  }

  #incoming(table: Table): ForeignKey[] {
    return [...this.#deleted.keys()]
      .filter((parent) => parent !== table)
      .flatMap((parent) => this.#keysTo(parent))
      .filter(({ from, onDelete }) => from === table && onDelete === 'cascade');
  }

  /** The deleted rows of a table, from all parts that hold some. */
  #rows(table: Table): string {
    const parts = this.#deleted.get(table.root) ?? [];
    const columns = this.exposed(table.root, (column) => column).map((each) => each.split(' AS ')[1] ?? '');
    return parts.length === 1
      ? (parts[0] ?? '')
      : `(${parts.map((part) => `SELECT ${columns.join(', ')} FROM ${part}`).join(' UNION ALL ')})`;
  }

  #joined({ to, columns, referenced }: ForeignKey, child: string, parent: string): string {
    return referenced
      .map((column, at) => `${child}.${name(columns[at] ?? '')} = ${parent}.${this.#alias(to, column)}`)
      .join(' AND ');
  }

  /** That a row of the child is not deleted by way of another key. */
  #spared(key: ForeignKey): string {
    return `NOT EXISTS (SELECT FROM ${this.#rows(key.to)} AS __x WHERE ${this.#joined(key, '__t', '__x')})`;
  }

  #readChildren(key: ForeignKey, others: readonly ForeignKey[]): void {
    const { from, to } = key;
    const spared = others.map((other) => ` AND ${this.#spared(other)}`).join('');
    const rows = `${place(from)} AS __t JOIN ${this.#rows(to)} AS __p ON ${this.#joined(key, '__t', '__p')}`;
    this.#addDeleted(
      from,
      `${this.#selected(from)} FROM ${rows}${spared === '' ? '' : ` WHERE true${spared}`}${lock(from, 'UPDATE')}`,
    );
  }

  /** A table that points at itself: down from the rows that are deleted, each once however they are reached. */
  #readDescendants(key: ForeignKey): void {
    const { from } = key;
    const reached = key.referenced.map((column) => this.#alias(from, column)).join(', ');
    const next = key.referenced.map((column) => `__n.${name(column)}`).join(', ');
    const walk = `WITH RECURSIVE __w(${reached}) AS (SELECT ${reached} FROM ${this.#rows(from)} AS __p
      UNION SELECT ${next} FROM ${place(from)} AS __n JOIN __w ON ${this.#joined(key, '__n', '__w')})`;
    const known = key.referenced.map((column) => `__x.${this.#alias(from, column)} = __t.${name(column)}`);
    const already = `NOT EXISTS (SELECT FROM ${this.#rows(from)} AS __x WHERE ${known.join(' AND ')})`;
    const rows = `${place(from)} AS __t JOIN __w ON ${this.#joined(key, '__t', '__w')} WHERE ${already}`;
    this.#addDeleted(from, `${walk} ${this.#selected(from)} FROM ${rows}${lock(from, 'UPDATE')}`);
  }

  #selected(table: Table): string {
    const row = this.#rowOf(table);
    const change = row ? changeOrNull(row.delete(ofChild)) : 'NULL::text';
    return `SELECT ${[`${change} AS __c`, ...this.exposed(table, ofChild)].join(', ')}`;
  }

  #addDeleted(table: Table, text: string): void {
    const part = `__d${this.parts.size}`;
    this.parts.set(part, text);
    this.#deleted.set(table, [...(this.#deleted.get(table) ?? []), part]);
  }

  #readLosing(key: ForeignKey): string | undefined {
    const { from, to, cleared } = key;
    const row = this.#rowOf(from);
    if (!row) return undefined;
    const values = new Map(cleared.map((column) => [column, clearedValue(key, column)]));
    if ([...values.values()].includes(undefined))
      return `a default of ${from.name} cannot be known beforehand`;
    const after: Version = (column) => values.get(column) ?? ofChild(column);
    const change = row.update({ before: ofChild, after }, new Set(cleared));
    const others = [...this.#deleted.keys()]
      .flatMap((parent) => this.#keysTo(parent))
      .filter((other) => other.from === from && other.onDelete === 'cascade')
      .map((other) => ` AND ${this.#spared(other)}`);
    const self = from === to.root ? ` AND ${this.#remains(from, key)}` : '';
    const rows = `${place(from)} AS __t JOIN ${this.#rows(to)} AS __p ON ${this.#joined(key, '__t', '__p')}`;
    const text = `SELECT ${changeOrNull(change)} AS __c FROM ${rows} WHERE true${others.join('')}${self}${lock(from, 'NO KEY UPDATE')}`;
    this.parts.set(`__n${this.parts.size}`, text);
    return this.#obstacle(from);
  }

  /** That a row of a table which points at itself is not deleted too. */
  #remains(table: Table, { referenced }: ForeignKey): string {
    const same = referenced.map((column) => `__x.${this.#alias(table, column)} = __t.${name(column)}`);
    return `NOT EXISTS (SELECT FROM ${this.#rows(table)} AS __x WHERE ${same.join(' AND ')})`;
  }

  /** The database changes these rows with the rights of their owner, and we read them with the role's own. */
  #obstacle(table: Table): string | undefined {
    const row: RowText | undefined = this.#rowOf(table);
    const closed = row ? row.unreadable() : table.columns.find(({ isReadable }) => !isReadable);
    if (closed) return `this role must not read the column ${closed.name} of ${table.name}`;
    return table.isRowSecured ? `row security may hide rows of ${table.name} that go too` : undefined;
  }
}

const ofChild: Version = (column) => `__t.${name(column)}`;

/** Without the right to lock, the rows are read as the statement found them. */
function lock(table: Table, strength: string): string {
  return table.isLockable ? ` FOR ${strength} OF __t` : '';
}

/** What a column becomes, of its own type; undefined for a default that may be another each time. */
function clearedValue({ from, onDelete }: ForeignKey, column: string): string | undefined {
  const nothing = `nullif(${ofChild(column)}, ${ofChild(column)})`;
  if (onDelete === 'set null') return nothing;
  const { defaultTo = nothing } = from.columns.find((each) => each.name === column) ?? {};
  return defaultTo === nothing || !defaultTo.includes('(') ? defaultTo : undefined;
}
