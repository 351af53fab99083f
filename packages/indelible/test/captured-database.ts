import { type Client, Pool } from 'pg';

import type { Capturing } from '../src/capture/capturing.js';
import { loadCatalogue } from '../src/capture/pg/catalogue/load.js';
import type { Plan } from '../src/capture/pg/plan.js';
import { Planner } from '../src/capture/pg/planner.js';
import type { Row, RowChange } from '../src/capture/row-change.js';
import type { TableName, TableRules } from '../src/capture/tables.js';
import { PostgresOutbox } from '../src/stores/postgres/postgres-outbox.js';
import { connect } from './postgres-trail.js';
import { createDatabase } from './servers/postgres.js';

const TRUTH = `
CREATE TABLE truth (n bigint GENERATED ALWAYS AS IDENTITY, op text, model text, before jsonb, after jsonb);
CREATE FUNCTION keep_truth() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO truth (op, model, before, after) VALUES (tg_op, coalesce(tg_argv[0], tg_table_name),
    CASE WHEN tg_op <> 'INSERT' THEN to_jsonb(old) END, CASE WHEN tg_op <> 'DELETE' THEN to_jsonb(new) END);
  RETURN NULL;
END $$;
`;

/** What of a table is not as by default. */
export type Rules = Partial<{
  untracked: boolean;
  excluded: readonly string[];
  hidden: readonly string[];
  ignored: readonly string[];
  kept: readonly string[];
  subject: readonly string[];
  tenant: readonly string[];
}>;

interface Truth {
  readonly op: string;
  readonly model: string;
  readonly before: Row | null;
  readonly after: Row | null;
}

/** A database of a test's own whose writes are planned, and whose triggers keep the truth beside. */
export class CapturedDatabase {
  readonly url: string;
  readonly client: Client;
  readonly rules: Record<string, Rules> = {};
  readonly warnings: string[] = [];
  readonly failsClosed = new Set<string>();
  readonly #drop: () => Promise<void>;
  #planner: Planner | undefined;

  constructor(url: string, client: Client, drop: () => Promise<void>) {
    this.url = url;
    this.client = client;
    this.#drop = drop;
  }

  static async open(server: { url: string }, schema: string): Promise<CapturedDatabase> {
    const database = await createDatabase(server);
    const client = await connect(database.url);
    const pool = new Pool({ connectionString: database.url });
    await new PostgresOutbox(pool).migrate();
    await pool.end();
    await client.query(TRUTH + schema);
    const { rows } = await client.query<{ place: string; model: string }>(
      `SELECT format('%I.%I', nspname, relname) AS place, quote_literal(relname) AS model FROM pg_class c
       JOIN pg_namespace n ON n.oid = relnamespace WHERE relkind IN ('r', 'p') AND NOT relispartition
       AND nspname NOT IN ('pg_catalog', 'information_schema') AND relname NOT IN ('truth', 'indelible_outbox')`,
    );
    for (const { place, model } of rows) {
      await client.query(`CREATE TRIGGER zz_truth AFTER INSERT OR UPDATE OR DELETE ON ${place}
        FOR EACH ROW EXECUTE FUNCTION keep_truth(${model})`);
    }
    return new CapturedDatabase(database.url, client, () => database.drop());
  }

  /** With a version, the statements are made as for that one: what an older server understands a newer one does too. */
  async load(client: Client = this.client, version?: number): Promise<Planner> {
    const catalogue = await loadCatalogue((text, params) => client.query(text, params));
    if (version !== undefined) Reflect.set(catalogue, 'version', version);
    this.#planner = new Planner(catalogue, this.#capturing());
    return this.#planner;
  }

  /** Sends a statement as it is planned. */
  async run(
    text: string,
    params: unknown[] = [],
    client: Client = this.client,
  ): Promise<{ plan: Plan; rowCount: number; rows: Row[] }> {
    const planner = this.#planner ?? (await this.load());
    const plan = planner.plan(text);
    if (plan.kind !== 'rewritten') {
      const { rows, rowCount } = await client.query<Row>(text, params);
      return { plan, rows, rowCount: rowCount ?? 0 };
    }
    const { rows, fields } = await client.query<unknown[]>({
      text: plan.text,
      values: [...params, '{"actor":"ana"}'],
      rowMode: 'array',
    });
    if (plan.answer === 'count') return { plan, rows: [], rowCount: Number(rows[0]?.[0] ?? 0) };
    const names = fields.slice(0, fields.length - plan.hiddenColumns).map(({ name }) => name);
    const users = rows.map((row) => Object.fromEntries(names.map((name, at) => [name, row[at]])) as Row);
    return { plan, rows: users, rowCount: users.length };
  }

  /** The changes captured and those the triggers saw, in the same form and order; both are cleared. */
  async compare(): Promise<{ captured: RowChange[]; truth: RowChange[] }> {
    const captured = await this.captured();
    const { rows } = await this.client.query<Truth>('SELECT op, model, before, after FROM truth ORDER BY n');
    await this.client.query('TRUNCATE truth, indelible_outbox');
    const keys = new Map(captured.map(({ model, key }) => [model, key]));
    const expected = rows.flatMap((row) => this.#expected(row, keys.get(row.model) ?? ['id']));
    return { captured: captured.toSorted(byText), truth: expected.toSorted(byText) };
  }

  async captured(): Promise<RowChange[]> {
    const { rows } = await this.client.query<{ body: string }>(
      'SELECT unnest(bodies) AS body FROM indelible_outbox ORDER BY seq',
    );
    return rows.map(({ body }) => JSON.parse(body) as RowChange);
  }

  async close(): Promise<void> {
    await this.client.end();
    await this.#drop();
  }

  #expected({ op, model, before, after }: Truth, key: readonly string[]): RowChange[] {
    if (this.rules[model]?.untracked) return [];
    const head = { op: op as RowChange['op'], model, key };
    if (before === null || after === null) {
      return [{ ...head, ...(before ? { before } : {}), ...(after ? { after } : {}) }];
    }
    const changed = Object.keys(after).filter(
      (name) => JSON.stringify(before[name]) !== JSON.stringify(after[name]),
    );
    if (changed.length === 0) return [];
    const only = (row: Row, names: readonly string[]): Row =>
      Object.fromEntries(Object.entries(row).filter(([name]) => names.includes(name)));
    return [{ ...head, before: only(before, [...key, ...changed]), after: only(after, changed) }];
  }

  #capturing(): Capturing {
    return {
      tables: { rulesOf: (table) => this.#rulesOf(table) },
      onUnsupported: 'record',
      failsClosed: (_op, model) => model !== undefined && this.failsClosed.has(model),
      context: () => '{}',
      changed: () => undefined,
      written: () => undefined,
      lost: () => undefined,
      failed: () => undefined,
      warn: (message) => void this.warnings.push(message),
      attached: () => undefined,
    };
  }

  #rulesOf({ name }: TableName): TableRules | undefined {
    const rules = this.rules[name] ?? {};
    if (rules.untracked || name === 'truth' || name.startsWith('indelible')) return undefined;
    return {
      model: name,
      isExcluded: (column) => rules.excluded?.includes(column) ?? false,
      isHidden: (column) => rules.hidden?.includes(column) ?? false,
      isIgnored: (column) => rules.ignored?.includes(column) ?? false,
      subject: rules.subject,
      tenant: rules.tenant,
      kept: rules.kept ?? [],
    };
  }
}

/** Members in the order of their names, so that equal changes are equal texts. */
function byText(one: RowChange, other: RowChange): number {
  return sorted(one) < sorted(other) ? -1 : 1;
}

function sorted(value: unknown): string {
  return JSON.stringify(value, (_name, part: unknown) =>
    typeof part === 'object' && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
