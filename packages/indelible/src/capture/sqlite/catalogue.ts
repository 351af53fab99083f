import type { Connection } from './connection.js';
import { quoteText } from './quote.js';

export interface Column {
  readonly name: string;
  /** True where a value's type is kept as it was given, so that 1 can become 1.0. */
  readonly isUntyped: boolean;
}

export interface ForeignKey {
  readonly table: string;
  readonly from: readonly string[];
  /** Undefined when it is the primary key of the other table. */
  readonly to: readonly string[] | undefined;
}

interface UniqueColumn {
  readonly name: string;
  readonly collation: string;
}

export interface Table {
  readonly name: string;
  readonly columns: readonly Column[];
  /** The primary key, else a unique index without nulls, else the name by which the rowid can be had, else nothing. */
  readonly key: readonly string[];
  /** A name by which the rowid can be had; undefined without one. */
  readonly rowid: string | undefined;
  /** The columns that two rows may not share, in each such way. */
  readonly unique: readonly (readonly UniqueColumn[])[];
  /** True when an index over an expression makes rows unique. */
  readonly hasUniqueExpression: boolean;
  readonly foreignKeys: readonly ForeignKey[];
}

const TABLES = `SELECT name, wr FROM pragma_table_list
  WHERE schema = 'main' AND type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'`;
const ROWID_NAMES = ['rowid', '_rowid_', 'oid'];
/** A declared type that gives a column none of the four affinities that convert what is put into it. */
const UNTYPED = /^(?:|.*blob.*|any)$/i;

/** The tables of a database that triggers can be put on, in the order of their names. */
export function readTables(connection: Connection): Table[] {
  return connection
    .rows(`${TABLES} ORDER BY name`)
    .map((row) => readTable(connection, String(row['name']), Number(row['wr']) === 0));
}

function readTable(connection: Connection, name: string, hasRowid: boolean): Table {
  const rows =
    connection.rows(`SELECT name, type, pk, "notnull" FROM pragma_table_xinfo(${quoteText(name)}, 'main')
    WHERE hidden <> 1 ORDER BY cid`);
  const columns = rows.map((row) => ({
    name: String(row['name']),
    isUntyped: UNTYPED.test(String(row['type'])),
  }));
  const declared = rows
    .filter((row) => Number(row['pk']) > 0)
    .toSorted((a, b) => Number(a['pk']) - Number(b['pk']))
    .map((row) => String(row['name']));
  const rowid = hasRowid ? rowidOf(columns) : undefined;
  const indexes = readUnique(connection, name);
  const unique = indexes.flatMap(({ columns: over }) => (over ? [over] : []));
  const filled = new Set(
    rows.filter((row) => Number(row['notnull']) === 1).map((row) => String(row['name'])),
  );
  const naming = indexes.find(
    ({ columns: over, isPartial }) => !isPartial && over?.every((column) => filled.has(column.name)),
  );
  const undeclared = naming?.columns?.map((column) => column.name) ?? (rowid === undefined ? [] : [rowid]);
  const key = declared.length > 0 ? declared : undeclared;
  const hasUniqueExpression = unique.length < indexes.length;
  const foreignKeys = readForeignKeys(connection, name);
  return { name, columns, key, rowid, unique, hasUniqueExpression, foreignKeys };
}

function rowidOf(columns: readonly Column[]): string | undefined {
  const taken = new Set(columns.map((column) => column.name.toLowerCase()));
  return ROWID_NAMES.find((name) => !taken.has(name));
}

interface UniqueIndex {
  /** Undefined for an index over an expression. */
  readonly columns: readonly UniqueColumn[] | undefined;
  readonly isPartial: boolean;
}

function readUnique(connection: Connection, name: string): UniqueIndex[] {
  const indexes = connection.rows(
    `SELECT name, partial FROM pragma_index_list(${quoteText(name)}, 'main') WHERE "unique" ORDER BY seq`,
  );
  return indexes.map((index) => {
    const columns = connection.rows(
      `SELECT name, coll FROM pragma_index_xinfo(${quoteText(String(index['name']))}, 'main') WHERE key ORDER BY seqno`,
    );
    const isPlain = columns.every((column) => column['name'] !== null);
    const named = columns.map((column) => ({
      name: String(column['name']),
      collation: String(column['coll']),
    }));
    return { columns: isPlain ? named : undefined, isPartial: Number(index['partial']) === 1 };
  });
}

function readForeignKeys(connection: Connection, name: string): ForeignKey[] {
  const rows = connection.rows(
    `SELECT id, "table", "from", "to" FROM pragma_foreign_key_list(${quoteText(name)}, 'main') ORDER BY id, seq`,
  );
  const groups = new Map<unknown, Record<string, unknown>[]>();
  for (const row of rows) groups.set(row['id'], [...(groups.get(row['id']) ?? []), row]);
  return [...groups.values()].map((group) => ({
    table: String(group[0]?.['table']),
    from: group.map((row) => String(row['from'])),
    to: group.some((row) => row['to'] === null) ? undefined : group.map((row) => String(row['to'])),
  }));
}
