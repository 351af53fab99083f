import { keyText } from '../../event/key-text.js';
import type { BaselineTable, StandingRecord } from '../baseline/baseline.js';
import type { Tables, TableRules } from '../tables.js';
import { Body, digestOf, type SqliteValue } from './body.js';
import { readTables, type Table } from './catalogue.js';
import { Connection } from './connection.js';
import { pathOf, type TablesByName } from './path.js';
import { quoteName } from './quote.js';
import { RowImage } from './row-image.js';
import type { SqliteCaptureLike, SqliteCaptureStatement } from './sqlite-capture-like.js';
import { PUT } from './triggers.js';

/** A statement of better-sqlite3 that can answer every integer exactly. */
interface ExactStatement extends SqliteCaptureStatement {
  raw(): ExactStatement;
  safeIntegers(): ExactStatement;
}

/** The captured tables of a database whose records can be named, for a baseline. */
export function sqliteBaseline(
  db: SqliteCaptureLike,
  tables: Tables,
  warn: (message: string) => void,
): BaselineTable[] {
  const all = readTables(new Connection(db));
  const byName = new Map(all.map((table) => [table.name.toLowerCase(), table]));
  return all.flatMap((table) => {
    const rules = tables.rulesOf({ name: table.name });
    if (!rules) return [];
    const records = new Records(db, table, rules, byName);
    if (records.key.length > 0) return [records];
    warn(`The records of the table ${table.name} cannot be named, so no baseline is taken of them.`);
    return [];
  });
}

class Records implements BaselineTable {
  readonly model: string;
  readonly name: string;
  readonly key: readonly string[];
  readonly #db: SqliteCaptureLike;
  readonly #body: Body;
  readonly #values: string;

  constructor(db: SqliteCaptureLike, table: Table, rules: TableRules, byName: TablesByName) {
    const image = new RowImage(table, rules);
    const parts = image.whole('t');
    const paths = [rules.subject, rules.tenant].map((steps) => steps && pathOf(steps, table, 't', byName));
    this.model = rules.model;
    this.name = table.name;
    this.key = image.key;
    this.#db = db;
    this.#values = [
      ...parts.flatMap(({ values }) => values),
      ...paths.filter((path) => path !== undefined),
    ].join(', ');
    this.#body = new Body({
      op: 'SNAPSHOT',
      model: rules.model,
      key: image.key,
      members: parts.map(({ name, given }) => ({ name, given })),
      hasSubject: paths[0] !== undefined,
      hasTenant: paths[1] !== undefined,
    });
  }

  async after(place: readonly unknown[] | undefined, limit: number): Promise<StandingRecord[]> {
    const key = this.#key();
    const behind = place === undefined ? '' : `WHERE (${key}) > (${place.map(() => '?').join(', ')})`;
    const sql = `SELECT ${key} FROM main.${quoteName(this.name)} AS t ${behind} ORDER BY ${key} LIMIT ${limit}`;
    const rows = this.#exact(sql).all(...(place ?? [])) as SqliteValue[][];
    return rows.map((values) => ({ id: keyText(values.map(named)) ?? '', key: values }));
  }

  /** Read and written under one lock: what another process changes comes wholly before or wholly after. */
  async put(records: readonly StandingRecord[], context: string): Promise<number> {
    const match = this.key.map((name) => `t.${quoteName(name)} = ?`).join(' AND ');
    const read = this.#exact(`SELECT ${this.#values} FROM main.${quoteName(this.name)} AS t WHERE ${match}`);
    const write = this.#db.prepare(`${PUT} VALUES (NULL, ?, ?)`);
    let count = 0;
    this.#db.exec('BEGIN IMMEDIATE');
    try {
      for (const { key } of records) {
        const values = read.get(...key) as SqliteValue[] | undefined;
        if (values === undefined) continue;
        write.run(context, this.#body.text(values));
        count += 1;
      }
      this.#db.exec('COMMIT');
      return count;
    } catch (error) {
      this.#db.exec('ROLLBACK');
      throw error;
    }
  }

  #key(): string {
    return this.key.map((name) => `t.${quoteName(name)}`).join(', ');
  }

  #exact(sql: string): ExactStatement {
    return (this.#db.prepare(sql) as ExactStatement).raw().safeIntegers();
  }
}

/** As the relay names it: bytes by their digest, and a whole number as a number where it is one. */
function named(value: SqliteValue): unknown {
  if (value instanceof Uint8Array) return { digest: `sha256:${digestOf(value)}` };
  return typeof value === 'bigint' && Number.isSafeInteger(Number(value)) ? Number(value) : value;
}
