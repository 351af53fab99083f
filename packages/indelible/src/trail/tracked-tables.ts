import type { Derived, ModelRules, TableName, TableRules, Tables } from '../capture/tables.js';
import type { Redactor } from '../event/redaction.js';
import { IGNORED_BY_DEFAULT } from '../event/changes.js';
import type { ModelOptions } from './options.js';

/** Tables of migrations, sessions and queues, which hold no records. */
const LEFT_OUT: ReadonlySet<string> = new Set(
  ['_prisma_migrations', '__drizzle_migrations', 'migrations', 'typeorm_metadata', 'schema_migrations']
    .concat(['SequelizeMeta', 'SequelizeData', 'kysely_migration', 'kysely_migration_lock'])
    .concat(['knex_migrations', 'knex_migrations_lock', 'mikro_orm_migrations'])
    .concat(['session', 'sessions', 'Session', 'Sessions', 'user_session', 'user_sessions']),
);
const LEFT_OUT_SCHEMAS: ReadonlySet<string> = new Set(['drizzle', 'pgboss', 'graphile_worker']);
const OWN = /^indelible_/;
const REMEMBERED = 10_000;

/** Finds for a table what the options say of its model; a table they do not name is captured whole. */
export class TrackedTables implements Tables {
  readonly #redactor: Redactor;
  readonly #named = new Map<string, { readonly model: string; readonly options: ModelOptions }>();
  readonly #found = new Map<string, TableRules | undefined>();

  constructor(models: Readonly<Record<string, ModelOptions>>, redactor: Redactor) {
    this.#redactor = redactor;
    for (const [model, options] of Object.entries(models))
      this.#named.set((options === false ? undefined : options.table) ?? model, { model, options });
  }

  rulesOf(table: TableName): TableRules | undefined {
    const name = table.schema === undefined ? table.name : `${table.schema}.${table.name}`;
    if (this.#found.has(name)) return this.#found.get(name);
    // Temporary tables may have a new name each.
    if (this.#found.size >= REMEMBERED) this.#found.clear();
    const found = this.#find(table, name);
    this.#found.set(name, found);
    return found;
  }

  #find(table: TableName, name: string): TableRules | undefined {
    if (OWN.test(table.name)) return undefined;
    const named = this.#named.get(name) ?? this.#named.get(table.name);
    if (named !== undefined)
      return named.options === false ? undefined : rules(named.model, named.options, this.#redactor);
    const isLeftOut = LEFT_OUT.has(table.name) || LEFT_OUT_SCHEMAS.has(table.schema ?? '');
    return isLeftOut ? undefined : rules(table.name, {}, this.#redactor);
  }
}

function rules(model: string, options: ModelRules, redactor: Redactor): TableRules {
  const excluded = new Set(options.exclude);
  const hidden = new Set(options.redact);
  const ignored = new Set([...IGNORED_BY_DEFAULT, ...(options.ignore ?? [])]);
  const { subject, tenant, label } = options;
  return {
    model,
    isExcluded: (column) => excluded.has(column),
    isHidden: (column) => hidden.has(column) || redactor.isSecret(column),
    isIgnored: (column) => ignored.has(column),
    subject: pathOf(subject),
    tenant: pathOf(tenant),
    kept: [...new Set([subject, tenant, label].flatMap(columnsOf))],
  };
}

function pathOf(given: string | Derived | undefined): readonly string[] | undefined {
  return typeof given === 'string' ? given.split('.') : undefined;
}

function columnsOf(given: string | Derived | undefined): readonly string[] {
  return typeof given === 'object' ? given.columns : [];
}
