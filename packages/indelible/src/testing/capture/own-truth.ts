import { parseExact } from '../../event/exact-json.js';
import type { TableName } from '../../capture/tables.js';
import { plainValue, typedValue } from './own-values.js';

/** The application's own database, by a connection that may make tables and triggers. */
export interface OwnDatabase {
  readonly kind: 'postgres' | 'sqlite';
  /** Answers rows, or something with rows, at once or by a promise. */
  readonly query: (sql: string) => unknown;
}

export interface OwnRow {
  readonly op: 'INSERT' | 'UPDATE' | 'DELETE';
  readonly table: TableName;
  readonly before: ReadonlyMap<string, string> | undefined;
  readonly after: ReadonlyMap<string, string> | undefined;
}

const TRUTH = 'indelible_truth';
const OPS = ['INSERT', 'UPDATE', 'DELETE'] as const;
const POSTGRES_TABLES = `SELECT nspname::text AS schema, relname::text AS name FROM pg_catalog.pg_class
  JOIN pg_catalog.pg_namespace ON pg_namespace.oid = relnamespace
  WHERE relkind IN ('r', 'p') AND NOT relispartition AND relpersistence = 'p'
    AND nspname NOT IN ('pg_catalog', 'information_schema')`;
const SQLITE_TABLES = `SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'
  AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'`;
const POSTGRES_FUNCTION = `CREATE FUNCTION ${TRUTH}() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
  SET timezone = 'UTC' SET datestyle = 'ISO' SET bytea_output = 'hex' AS $$ BEGIN
  EXECUTE format('INSERT INTO %s (op, place, name, before, after) VALUES ($1, $2, $3, $4, $5)', TG_ARGV[0])
  USING TG_OP, TG_ARGV[1], TG_ARGV[2], CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD)::text END,
    CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW)::text END;
  RETURN NULL; END $$`;

/** Triggers of the test's own, on whatever tables there are, that write down what happens to each row. */
export class OwnTruth {
  readonly #database: OwnDatabase;
  readonly #tables: readonly TableName[];

  private constructor(database: OwnDatabase, tables: readonly TableName[]) {
    this.#database = database;
    this.#tables = tables;
  }

  static async watch(database: OwnDatabase, isWanted: (table: TableName) => boolean): Promise<OwnTruth> {
    const found = await rowsOf(database, database.kind === 'postgres' ? POSTGRES_TABLES : SQLITE_TABLES);
    const tables = found
      .map(({ schema, name }) => ({
        schema: schema === undefined ? undefined : String(schema),
        name: String(name),
      }))
      .filter(isWanted);
    const truth = new OwnTruth(database, tables);
    await (database.kind === 'postgres' ? truth.#watchPostgres() : truth.#watchSqlite());
    return truth;
  }

  /** What happened since the last time, in its order. */
  async take(): Promise<OwnRow[]> {
    const rows = await rowsOf(this.#database, `SELECT * FROM ${TRUTH} ORDER BY n`);
    await this.#database.query(`DELETE FROM ${TRUTH}`);
    return rows.map(({ op, place, name, before, after }) => ({
      op: OPS.find((one) => one === op) ?? 'UPDATE',
      table: { schema: typeof place === 'string' && place !== '' ? place : undefined, name: String(name) },
      before: this.#image(before),
      after: this.#image(after),
    }));
  }

  async stop(): Promise<void> {
    for (const { schema, name } of this.#tables) {
      if (this.#database.kind === 'postgres')
        await this.#database.query(`DROP TRIGGER ${TRUTH} ON ${quoted(schema ?? 'public')}.${quoted(name)}`);
      else
        for (const op of OPS) await this.#database.query(`DROP TRIGGER ${quoted(`${TRUTH}_${op}_${name}`)}`);
    }
    await this.#database.query(`DROP TABLE ${TRUTH}`);
    if (this.#database.kind === 'postgres') await this.#database.query(`DROP FUNCTION ${TRUTH}()`);
  }

  async #watchPostgres(): Promise<void> {
    const { query } = this.#database;
    const columns = 'op text, place text, name text, before text, after text';
    await query(`CREATE TABLE ${TRUTH} (n bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, ${columns})`);
    await query(POSTGRES_FUNCTION);
    const [row] = await rowsOf(
      this.#database,
      `SELECT '${TRUTH}'::regclass::oid::regclass::text AS place, current_schema()::text AS schema`,
    );
    const place = literal(`${quoted(String(row?.['schema']))}.${TRUTH}`);
    for (const { schema = 'public', name } of this.#tables)
      await query(`CREATE TRIGGER ${TRUTH} AFTER INSERT OR UPDATE OR DELETE ON ${quoted(schema)}.${quoted(name)}
        FOR EACH ROW EXECUTE FUNCTION ${TRUTH}(${place}, ${literal(schema)}, ${literal(name)})`);
  }

  async #watchSqlite(): Promise<void> {
    const { query } = this.#database;
    await query(
      `CREATE TABLE ${TRUTH} (n INTEGER PRIMARY KEY AUTOINCREMENT, op TEXT, place TEXT, name TEXT, before TEXT, after TEXT)`,
    );
    for (const { name } of this.#tables) {
      const found = await rowsOf(
        this.#database,
        `SELECT name FROM pragma_table_xinfo(${literal(name)}) WHERE hidden <> 1`,
      );
      const columns = found.map((column) => String(column['name']));
      for (const op of OPS)
        await query(`CREATE TRIGGER ${quoted(`${TRUTH}_${op}_${name}`)} AFTER ${op} ON ${quoted(name)} BEGIN
          INSERT INTO ${TRUTH} (op, name, before, after) VALUES ('${op}', ${literal(name)},
            ${op === 'INSERT' ? 'NULL' : sqliteImage('OLD', columns)}, ${op === 'DELETE' ? 'NULL' : sqliteImage('NEW', columns)}); END`);
    }
  }

  #image(text: unknown): ReadonlyMap<string, string> | undefined {
    if (typeof text !== 'string') return undefined;
    const read = this.#database.kind === 'postgres' ? plainValue : typedValue;
    return new Map(Object.entries(parseExact(text) as object).map(([name, value]) => [name, read(value)]));
  }
}

/** Numbers go as text: JSON of SQLite's own would round some. */
function sqliteImage(row: 'OLD' | 'NEW', columns: readonly string[]): string {
  const members = columns.map((column) => {
    const value = `${row}.${quoted(column)}`;
    const text = `CASE typeof(${value}) WHEN 'blob' THEN hex(${value})
      WHEN 'real' THEN format('%!.17g', ${value}) ELSE CAST(${value} AS TEXT) END`;
    return `${literal(`${JSON.stringify(column)}:`)} || json_array(typeof(${value}), ${text})`;
  });
  return `'{' || ${members.join(" || ',' || ")} || '}'`;
}

async function rowsOf(
  { query }: OwnDatabase,
  sql: string,
): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const answer: unknown = await query(sql);
  const rows: unknown = Array.isArray(answer) ? answer : Reflect.get(answer as object, 'rows');
  return rows as readonly Readonly<Record<string, unknown>>[];
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
