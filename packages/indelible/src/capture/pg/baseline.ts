import { parseExact } from '../../event/exact-json.js';
import { keyText } from '../../event/key-text.js';
import type { BaselineTable, StandingRecord } from '../baseline/baseline.js';
import type { Tables } from '../tables.js';
import type { Catalogue, Column, Table } from './catalogue/catalogue.js';
import { type Ask, loadCatalogue } from './catalogue/load.js';
import { RowText } from './images/row-text.js';
import { jsonText } from './images/value.js';
import { name as quoted } from './quote.js';

/** The captured tables of a database whose records can be named, for a baseline. */
export async function postgresBaseline(
  ask: Ask,
  tables: Tables,
  warn: (message: string) => void,
): Promise<BaselineTable[]> {
  const catalogue = await loadCatalogue(ask);
  return [...catalogue.tables].flatMap((table) => {
    const rules = isWhole(table) ? tables.rulesOf(table) : undefined;
    if (!rules) return [];
    const row = new RowText(table, rules, warn);
    const key = table.key.flatMap((name) => table.columns.filter((column) => column.name === name));
    const isOpen = key.every(({ name }) => !rules.isExcluded(name) && !rules.isHidden(name));
    if (key.length > 0 && isOpen && !row.unreadable()) return [new Records(ask, catalogue, table, row, key)];
    warn(`The records of the table ${table.name} cannot be named or read, so no baseline is taken of them.`);
    return [];
  });
}

/** The records of a partition are met in the table it is a part of. */
function isWhole({ kind, root, schema, name }: Table): boolean {
  const isRoot = root.schema === schema && root.name === name;
  return isRoot && (kind === 'table' || kind === 'partitioned');
}

class Records implements BaselineTable {
  readonly model: string;
  readonly name: string;
  readonly #ask: Ask;
  readonly #outbox: string;
  readonly #from: string;
  readonly #row: RowText;
  readonly #key: readonly Column[];

  constructor(ask: Ask, { outboxSchema }: Catalogue, table: Table, row: RowText, key: readonly Column[]) {
    this.model = row.model;
    this.name = `${table.schema}.${table.name}`;
    this.#ask = ask;
    this.#outbox =
      outboxSchema === undefined ? 'indelible_outbox' : `${quoted(outboxSchema)}.indelible_outbox`;
    this.#from = `${quoted(table.schema)}.${quoted(table.name)} AS t`;
    this.#row = row;
    this.#key = key;
  }

  async after(place: readonly unknown[] | undefined, limit: number): Promise<StandingRecord[]> {
    const key = this.#names();
    const shown = this.#key.map((column) => `coalesce(${jsonText(column, member(column.name))}, 'null')`);
    const values = this.#key.map(({ name }, at) => `${member(name)}::text AS k${at}`);
    const behind =
      place === undefined ? '' : `WHERE (${key}) > (${place.map((_, at) => `$${at + 1}`).join(', ')})`;
    const { rows } = await this.#ask(
      `SELECT concat('[', concat_ws(',', ${shown.join(', ')}), ']') AS id, ${values.join(', ')}
       FROM ${this.#from} ${behind} ORDER BY ${key} LIMIT ${limit}`,
      [...(place ?? [])],
    );
    return rows.map((row) => ({
      id: keyText(parseExact(String(row['id'])) as unknown[]) ?? '',
      key: this.#key.map((_, at) => row[`k${at}`]),
    }));
  }

  /** The lock lets what another session changes come wholly before or wholly after. */
  async put(records: readonly StandingRecord[], context: string): Promise<number> {
    const params: unknown[] = [context];
    const keys = records.map(({ key }) => `(${key.map((value) => `$${params.push(value)}`).join(', ')})`);
    const { text } = this.#row.snapshot(member);
    const { rows } = await this.#ask(
      `WITH standing AS (SELECT ${text} AS body FROM ${this.#from} WHERE (${this.#names()}) IN (${keys.join(', ')}) FOR SHARE),
       put AS (INSERT INTO ${this.#outbox} (context, bodies) SELECT $1, array_agg(body) FROM standing HAVING count(*) > 0)
       SELECT count(*)::int AS count FROM standing`,
      params,
    );
    return Number(rows[0]?.['count'] ?? 0);
  }

  #names(): string {
    return this.#key.map(({ name }) => member(name)).join(', ');
  }
}

function member(column: string): string {
  return `t.${quoted(column)}`;
}
