import Database from 'better-sqlite3';
import type { EventFields } from 'indelible';

import type { ModelName } from '../audit.js';
import { Problem } from '../problem.js';
import type { RecordedDatabase } from './recorded-database.js';
import { WriteRefused } from './write-refused.js';

interface Identified {
  readonly id: number;
}
type Generated = 'id' | 'created_at' | 'updated_at';
/** What of a row is written; the rest the database gives. */
export type Written<Row> = Omit<Row, Generated>;
type Value = string | number | null;
export type Conditions<Row> = {
  readonly [K in keyof Row & string]?: Value | readonly Value[] | undefined;
};
type RowEvent = Pick<EventFields, 'before' | 'after'> & { readonly action: 'CREATE' | 'UPDATE' | 'DELETE' };
/** What an event says about the record it touched. */
export type About = Pick<EventFields, 'target' | 'subjectId' | 'subjectLabel'>;

export interface Model<Row> {
  readonly name: ModelName;
  readonly table: string;
  readonly order: string;
  /** The record's human text, and the patient it is about. */
  readonly describe: (row: Row) => Pick<About, 'subjectId' | 'subjectLabel'> & { readonly label: string };
}

export interface Slice {
  readonly limit: number;
  readonly offset: number;
}

export interface Rows<Row> {
  readonly rows: readonly Row[];
  /** How many match in all. */
  readonly count: number;
}

/**
 * One table, and the only place where it is written: every row that is created, changed or deleted leaves
 * its event in the same transaction, with what it was before and what it is after.
 */
export class RecordedTable<Row extends Identified> {
  readonly #database: RecordedDatabase;
  readonly #model: Model<Row>;

  constructor(database: RecordedDatabase, model: Model<Row>) {
    this.#database = database;
    this.#model = model;
  }

  /** The members of an event that say which record it is about. */
  about(row: Row): About {
    const { label, ...subject } = this.#model.describe(row);
    return { target: { type: this.#model.name, id: String(row.id), label }, ...subject };
  }

  find(id: number): Row | undefined {
    return this.#database.get(`SELECT * FROM ${this.#model.table} WHERE id = ?`, id) as Row | undefined;
  }

  /** The row of this id; without one the request cannot be done. */
  need(id: number): Row {
    const row = this.find(id);
    if (row === undefined) throw new Problem(404, `There is no ${this.#model.name.toLowerCase()} ${id}.`);
    return row;
  }

  /** The rows for which every condition holds; all of them where no page is asked for. */
  list(where: readonly Conditions<Row>[], { limit, offset }: Slice = { limit: -1, offset: 0 }): Rows<Row> {
    const { table, order } = this.#model;
    const { sql, params } = conditionsOf(where);
    const count = this.#database.get(`SELECT count(*) AS n FROM ${table} ${sql}`, ...params);
    const rows = this.#database.all(
      `SELECT * FROM ${table} ${sql} ORDER BY ${order} LIMIT ? OFFSET ?`,
      ...params,
      limit,
      offset,
    );
    return { rows: rows as Row[], count: (count as { n: number }).n };
  }

  insert(fields: Written<Row>): Row {
    const names = Object.keys(fields);
    const sql = `INSERT INTO ${this.#model.table} (${names.join(', ')})
      VALUES (${names.map(() => '?').join(', ')}) RETURNING *`;
    return this.#write({ action: 'CREATE', after: fields }, sql, Object.values(fields));
  }

  /** The row as it is afterwards. Without a difference nothing is written, and nothing recorded. */
  update(id: number, changes: Partial<Written<Row>>): Row {
    return this.#database.transaction(() => {
      const before = this.need(id);
      const after = { ...before, ...changes };
      const names = Object.keys(changes) as (keyof Row & string)[];
      if (names.every((name) => before[name] === after[name])) return before;
      const sql = `UPDATE ${this.#model.table} SET ${names.map((name) => `${name} = ?`).join(', ')},
        updated_at = strftime('%Y-%m-%dT%H:%M:%fZ', 'now') WHERE id = ? RETURNING *`;
      return this.#write({ action: 'UPDATE', before, after }, sql, [...Object.values(changes), id]);
    });
  }

  delete(id: number): void {
    this.#database.transaction(() => {
      const before = this.need(id);
      this.#write({ action: 'DELETE', before }, `DELETE FROM ${this.#model.table} WHERE id = ? RETURNING *`, [
        id,
      ]);
    });
  }

  #write(event: RowEvent, sql: string, params: readonly unknown[]): Row {
    return this.#database.transaction(() => {
      const row = this.#attempt(event, sql, params);
      const images = event.action === 'DELETE' ? {} : { after: row };
      this.#database.record({ ...event, ...images, ...this.#origin(event), ...this.about(row) });
      return row;
    });
  }

  /** What the database refuses rolls back, its event with it; the refusal is recorded by who answers for it. */
  #attempt(event: RowEvent, sql: string, params: readonly unknown[]): Row {
    try {
      const row = this.#database.get(sql, ...params) as Row | undefined;
      if (row === undefined) throw new Error(`${this.#model.name}: the statement answered no row`);
      return row;
    } catch (error) {
      if (!(error instanceof Database.SqliteError && error.code.startsWith('SQLITE_CONSTRAINT'))) throw error;
      const about = event.before ? this.about(event.before as Row) : { target: { type: this.#model.name } };
      throw new WriteRefused({ ...event, ...this.#origin(event), ...about }, error);
    }
  }

  #origin({ action }: RowEvent): Pick<EventFields, 'source' | 'operation'> {
    return { source: 'model', operation: `${this.#model.name}.${action.toLowerCase()}` };
  }
}

/** The names are columns of the row type, never a caller's text. */
function conditionsOf(where: readonly object[]): { sql: string; params: unknown[] } {
  const given = where.flatMap(Object.entries).filter(([, value]) => value !== undefined);
  const tests = given.map(([name, value]) =>
    Array.isArray(value) ? `${name} IN (SELECT value FROM json_each(?))` : `${name} = ?`,
  );
  return {
    sql: tests.length === 0 ? '' : `WHERE ${tests.join(' AND ')}`,
    params: given.map(([, value]) => (Array.isArray(value) ? JSON.stringify(value) : value)),
  };
}
