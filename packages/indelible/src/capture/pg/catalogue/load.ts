import { Catalogue, type Column, type ForeignKey, type ReferentialAction, type Table } from './catalogue.js';
import { QUESTION } from './questions.js';
import { TypeBook, type TypeRow } from './type-book.js';

/** Asks a database; the parameters are for the driver to bind. */
export type Ask = (
  text: string,
  params: unknown[],
) => Promise<{ readonly rows: readonly Readonly<Record<string, unknown>>[] }>;

type ColumnRow = [
  name: string,
  type: number,
  limited: boolean,
  deterministic: boolean,
  generated: boolean,
  defaultTo: string | null,
  readable: boolean,
];
type Flags = [
  ruled: boolean,
  heirs: boolean,
  triggered: boolean,
  split: boolean,
  secured: boolean,
  lockable: boolean,
];
type TableRow = [
  oid: number,
  schema: string,
  name: string,
  kind: string,
  temporary: boolean,
  columns: ColumnRow[] | null,
  key: string[],
  parent: number | null,
  ...flags: Flags,
];
type ForeignKeyRow = [
  from: number,
  columns: string[],
  to: number,
  referenced: string[],
  onDelete: string,
  onUpdate: string,
  cleared: string[] | null,
];

/** Reads what the engine must know of a database's tables, in one round trip. */
export async function loadCatalogue(ask: Ask): Promise<Catalogue> {
  const { rows } = await ask(QUESTION, []);
  const row = rows[0] ?? {};
  const types = new TypeBook(parsed<TypeRow>(row['types']));
  const tables = new Map(parsed<TableRow>(row['tables']).map((each) => [each[0], new Found(each, types)]));
  for (const table of tables.values()) table.join(tables);
  for (const each of parsed<ForeignKeyRow>(row['foreign_keys'])) connect(each, tables);
  return new Catalogue({
    version: Number(row['version']),
    schemas: parsed<string>(row['schemas']),
    putSchema: textOf(row['put_schema']),
    outboxSchema: textOf(row['outbox_schema']),
    tables: [...tables.values()],
  });
}

function parsed<T>(value: unknown): T[] {
  return typeof value === 'string' ? (JSON.parse(value) as T[]) : [];
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

const KINDS: Readonly<Record<string, Table['kind']>> = {
  r: 'table',
  p: 'partitioned',
  v: 'view',
  f: 'foreign',
};

class Found implements Table {
  readonly schema: string;
  readonly name: string;
  readonly kind: Table['kind'];
  readonly columns: readonly Column[];
  readonly key: readonly string[];
  readonly references: ForeignKey[] = [];
  readonly hasRules: boolean;
  readonly hasHeirs: boolean;
  readonly hidesOwnRows: boolean;
  readonly isRowSecured: boolean;
  readonly isLockable: boolean;
  readonly pointing: ForeignKey[] = [];
  readonly #parentOid: number | null;
  #parent: Found | undefined;
  #hasBeforeTriggers: boolean;

  constructor(row: TableRow, types: TypeBook) {
    const [, schema, name, kind, isTemporary, columns, key, parent, ...flags] = row;
    const [ruled, heirs, triggered, split, secured, lockable] = flags;
    this.schema = schema;
    this.name = name;
    this.kind = isTemporary ? 'temporary' : (KINDS[kind] ?? 'foreign');
    this.columns = (columns ?? []).map((column) => columnOf(column, types));
    this.key = key;
    this.hasRules = ruled;
    this.hasHeirs = heirs;
    this.hidesOwnRows = split;
    this.isRowSecured = secured;
    this.isLockable = lockable;
    this.#parentOid = parent;
    this.#hasBeforeTriggers = triggered;
  }

  get root(): Table {
    return this.#parent?.root ?? this;
  }

  /** A key that points at a partitioned table points at its partitions too. */
  get referencedBy(): readonly ForeignKey[] {
    return this.#parent ? [...this.pointing, ...this.#parent.referencedBy] : this.pointing;
  }

  get hasBeforeTriggers(): boolean {
    return this.#hasBeforeTriggers;
  }

  /** A row may go to any partition, whose triggers then have their say. */
  join(tables: ReadonlyMap<number, Found>): void {
    this.#parent = this.#parentOid === null ? undefined : tables.get(this.#parentOid);
    if (!this.#hasBeforeTriggers) return;
    for (let up = this.#parent; up; up = up.parentIn(tables)) up.#hasBeforeTriggers = true;
  }

  parentIn(tables: ReadonlyMap<number, Found>): Found | undefined {
    return this.#parentOid === null ? undefined : tables.get(this.#parentOid);
  }
}

function columnOf(row: ColumnRow, types: TypeBook): Column {
  const [name, type, isLimited, isDeterministic, isGenerated, defaultTo, isReadable] = row;
  return {
    name,
    type: types.find(type),
    isLimited,
    isDeterministic,
    isGenerated,
    defaultTo: defaultTo ?? undefined,
    isReadable,
  };
}

const ACTIONS: Readonly<Record<string, ReferentialAction>> = {
  c: 'cascade',
  n: 'set null',
  d: 'set default',
};

function connect(row: ForeignKeyRow, tables: ReadonlyMap<number, Found>): void {
  const [fromOid, columns, toOid, referenced, onDelete, onUpdate, cleared] = row;
  const from = tables.get(fromOid);
  const to = tables.get(toOid);
  if (!from || !to) return;
  const key: ForeignKey = {
    from,
    columns,
    to,
    referenced,
    onDelete: ACTIONS[onDelete] ?? 'none',
    onUpdate: ACTIONS[onUpdate] ?? 'none',
    cleared: cleared ?? columns,
  };
  from.references.push(key);
  to.pointing.push(key);
}
