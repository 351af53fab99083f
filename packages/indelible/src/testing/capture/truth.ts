import type { ClinicDatabase } from './clinic-orm.js';
import { CLINIC_TABLES, quoted, tableOn, TRUTH } from './clinic-tables.js';
import type { ClinicQuery } from './clinic-set-up.js';

/** One physical change of a row, as a trigger of the kit's saw it. */
export interface TruthRow {
  readonly op: 'INSERT' | 'UPDATE' | 'DELETE';
  readonly table: string;
  readonly before: TruthImage | undefined;
  readonly after: TruthImage | undefined;
}

/** As the trigger wrote it: plain JSON on PostgreSQL, `[type, text]` for each column on SQLite. */
export type TruthImage = Readonly<Record<string, unknown>>;

const OPS = ['INSERT', 'UPDATE', 'DELETE'] as const;

/** Makes the table of truth, and on every table the triggers that fill it. */
export async function watchRows(database: ClinicDatabase, query: ClinicQuery): Promise<void> {
  const statements = database === 'postgres' ? postgresTriggers() : sqliteTriggers();
  for (const statement of statements) await query(statement);
}

function postgresTriggers(): string[] {
  const triggers = Object.keys(CLINIC_TABLES).map(
    (table) => `CREATE TRIGGER clinic_truth AFTER INSERT OR UPDATE OR DELETE ON ${quoted(table)}
      FOR EACH ROW EXECUTE FUNCTION clinic_truth()`,
  );
  return [
    `CREATE TABLE ${TRUTH} (seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
      op text NOT NULL, tbl text NOT NULL, before text, after text)`,
    `CREATE FUNCTION clinic_truth() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER
      SET timezone = 'UTC' SET datestyle = 'ISO' AS $$ BEGIN
      INSERT INTO ${TRUTH} (op, tbl, before, after) VALUES (TG_OP, TG_TABLE_NAME,
        CASE WHEN TG_OP <> 'INSERT' THEN to_jsonb(OLD)::text END,
        CASE WHEN TG_OP <> 'DELETE' THEN to_jsonb(NEW)::text END);
      RETURN NULL; END $$`,
    ...triggers,
  ];
}

function sqliteTriggers(): string[] {
  const triggers = Object.keys(CLINIC_TABLES).flatMap((table) =>
    OPS.map(
      (op) => `CREATE TRIGGER ${quoted(`clinic_truth_${op}_${table}`)} AFTER ${op} ON ${quoted(table)} BEGIN
      INSERT INTO ${TRUTH} (op, tbl, before, after) VALUES ('${op}', '${table}',
        ${op === 'INSERT' ? 'NULL' : sqliteImage('OLD', table)},
        ${op === 'DELETE' ? 'NULL' : sqliteImage('NEW', table)}); END`,
    ),
  );
  return [
    `CREATE TABLE ${TRUTH} (seq INTEGER PRIMARY KEY AUTOINCREMENT, op TEXT, tbl TEXT, before TEXT, after TEXT)`,
    ...triggers,
  ];
}

/** Numbers go as text: JSON of SQLite's own would round some. */
function sqliteImage(row: 'OLD' | 'NEW', table: string): string {
  const members = Object.keys(tableOn('sqlite', table)?.columns ?? {}).map((column) => {
    const value = `${row}.${quoted(column)}`;
    const text = `CASE typeof(${value}) WHEN 'blob' THEN hex(${value})
      WHEN 'real' THEN format('%!.17g', ${value}) ELSE CAST(${value} AS TEXT) END`;
    return `'${column}', json_array(typeof(${value}), ${text})`;
  });
  return `json_object(${members.join(', ')})`;
}

/** What really happened since the last look, in its order. */
export async function readTruth(query: ClinicQuery): Promise<TruthRow[]> {
  const rows = await query(`SELECT op, tbl, before, after FROM ${TRUTH} ORDER BY seq`);
  return rows.map(({ op, tbl, before, after }) => ({
    op: OPS.find((one) => one === op) ?? 'UPDATE',
    table: String(tbl),
    before: imageOf(before),
    after: imageOf(after),
  }));
}

/** A text, or a number outside texts. */
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d[\d.]*(?:[eE][+-]?\d+)?/gs;
const MARK = '\u0001number ';

function imageOf(text: unknown): TruthImage | undefined {
  if (typeof text !== 'string') return undefined;
  const exact = text.replaceAll(TOKEN, (token) =>
    token.startsWith('"') ? token : JSON.stringify(MARK + token),
  );
  return JSON.parse(exact, (_, value: unknown) =>
    typeof value === 'string' && value.startsWith(MARK) ? new ExactNumber(value.slice(MARK.length)) : value,
  ) as TruthImage;
}

/** A number as a database wrote it, which a double might not hold. */
export class ExactNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export async function forgetTruth(query: ClinicQuery): Promise<void> {
  await query(`DELETE FROM ${TRUTH}`);
}
