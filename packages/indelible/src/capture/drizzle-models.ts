import type { Derived, ModelRules } from './tables.js';

/** A table of Drizzle's, by the rows it selects. */
export interface DrizzleTable {
  readonly $inferSelect: object;
}

interface DrizzleColumn {
  readonly name: string;
  /** True for a column without a name of its own, which the casing of the database object gives it. */
  readonly keyAsName?: boolean;
}

type KeyOf<T extends DrizzleTable> = keyof T['$inferSelect'] & string;

interface DrizzleDerived<K extends string> {
  readonly columns: readonly K[];
  readonly text: (record: Readonly<Record<K, unknown>>) => string | null | undefined;
}

/** The rules of one model, in the words of its Drizzle table; a path is the columns it goes over. */
export interface DrizzleModel<K extends string> {
  readonly subject?: K | readonly DrizzleColumn[] | DrizzleDerived<K> | undefined;
  readonly tenant?: K | readonly DrizzleColumn[] | DrizzleDerived<K> | undefined;
  readonly label?: DrizzleDerived<K> | undefined;
  readonly exclude?: readonly K[] | undefined;
  readonly redact?: readonly K[] | undefined;
  readonly ignore?: readonly K[] | undefined;
}

type Rules<T extends Readonly<Record<string, DrizzleTable>>> = {
  readonly [M in keyof T]?: DrizzleModel<KeyOf<T[M]>>;
};

export interface DrizzleNaming {
  /** As it was given to `drizzle({ casing })`. */
  readonly casing?: 'snake_case' | 'camelCase' | undefined;
}

/**
 * The `models` of a trail, made of Drizzle's tables: models are named as their keys, and a column that a
 * table does not have does not compile.
 *
 * @example
 * ```ts
 * const models = drizzleModels(
 *   { Appointment: appointments, Invoice: invoices },
 *   {
 *     Appointment: { subject: 'userId', redact: ['notes'] },
 *     Invoice: { subject: [invoices.appointmentId, appointments.userId] },
 *   },
 * );
 * ```
 */
export function drizzleModels<const T extends Readonly<Record<string, DrizzleTable>>>(
  tables: T,
  rules: Rules<T> = {},
  naming: DrizzleNaming = {},
): Readonly<Record<keyof T & string, ModelRules>> {
  const models = Object.entries(tables).map(([model, table]) => {
    const names = new ColumnNames(table, naming);
    return [model, { table: tableName(table), ...rulesOf(names, rules[model] ?? {}) }] as const;
  });
  return Object.fromEntries(models) as Record<keyof T & string, ModelRules>;
}

function rulesOf(names: ColumnNames, model: DrizzleModel<string>): ModelRules {
  const { subject, tenant, label, exclude, redact, ignore } = model;
  return {
    subject: names.path(subject),
    tenant: names.path(tenant),
    label: label && names.derived(label),
    exclude: exclude?.map((key) => names.of(key)),
    redact: redact?.map((key) => names.of(key)),
    ignore: ignore?.map((key) => names.of(key)),
  };
}

// Drizzle registers its symbols for everybody, so that they need no import of it.
const NAME = Symbol.for('drizzle:Name');
const SCHEMA = Symbol.for('drizzle:Schema');
const COLUMNS = Symbol.for('drizzle:Columns');

function tableName(table: DrizzleTable): string {
  const name: unknown = Reflect.get(table, NAME);
  const schema: unknown = Reflect.get(table, SCHEMA);
  if (typeof name !== 'string')
    throw new TypeError('drizzleModels takes tables of Drizzle, such as pgTable makes.');
  return typeof schema === 'string' ? `${schema}.${name}` : name;
}

/** What the columns of a table are called in the database. */
class ColumnNames {
  readonly #columns: Readonly<Record<string, DrizzleColumn>>;
  readonly #casing: DrizzleNaming['casing'];

  constructor(table: DrizzleTable, { casing }: DrizzleNaming) {
    this.#columns = (Reflect.get(table, COLUMNS) ?? {}) as Readonly<Record<string, DrizzleColumn>>;
    this.#casing = casing;
  }

  of(key: string): string {
    const column = this.#columns[key];
    if (column === undefined) throw new TypeError(`There is no column ${key} in the table.`);
    return this.#cased(column);
  }

  path(given: DrizzleModel<string>['subject']): string | Derived | undefined {
    if (given === undefined) return undefined;
    if (typeof given === 'string') return this.of(given);
    return isPath(given) ? given.map((column) => this.#cased(column)).join('.') : this.derived(given);
  }

  /** The function is given the record as it knows it, by the keys of the table. */
  derived({ columns, text }: DrizzleDerived<string>): Derived {
    const names = columns.map((key) => [key, this.of(key)] as const);
    return {
      columns: names.map(([, name]) => name),
      text: (record) => text(Object.fromEntries(names.map(([key, name]) => [key, record[name]]))),
    };
  }

  #cased({ name, keyAsName }: DrizzleColumn): string {
    if (keyAsName !== true || this.#casing === undefined) return name;
    return this.#casing === 'snake_case' ? snakeCase(name) : name;
  }
}

function isPath(given: readonly DrizzleColumn[] | DrizzleDerived<string>): given is readonly DrizzleColumn[] {
  return Array.isArray(given);
}

const WORD_START = /(?<=[a-z\d])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/;

function snakeCase(key: string): string {
  return key.split(WORD_START).join('_').toLowerCase();
}
