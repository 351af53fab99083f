import {
  type CompiledQuery,
  DummyDriver,
  Kysely,
  PostgresAdapter,
  PostgresIntrospector,
  PostgresQueryCompiler,
  type RawBuilder,
  sql,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';

import type { TallyDialect } from './summary-dialect.js';

/** A piece of SQL with its parameters. */
export type Fragment = RawBuilder<unknown>;

/** A statement ready to be sent. */
export type Statement = Pick<CompiledQuery, 'sql' | 'parameters'>;

export type TextColumn = 'actor_text' | 'search_text';

/** Where the two databases differ in a question. */
export interface Dialect {
  /** What to select so that the store can make a `StoredEntry` of a row. */
  readonly columns: Fragment;
  /** A condition that stops a reading which takes too long, where the server does not do that itself. */
  readonly deadline?: Fragment | undefined;
  /** An id as this database holds it. */
  id(id: string): Fragment;
  /** An id of this database as text. */
  idText(id: unknown): string;
  /** The rows whose column holds the text anywhere, by an index if there is one. */
  contains(column: TextColumn, text: string): Fragment;
  /** False when `contains` has no index to go by for this text; by default for one of less than three characters. */
  isIndexed?(text: string): boolean;
  compile(fragment: Fragment): Statement;
  readonly tallies: TallyDialect;
}

/** Kysely builds and compiles here; the stores send the statements themselves. */
export function postgresCompiler(): Dialect['compile'] {
  const db = new Kysely<unknown>({
    dialect: {
      createAdapter: () => new PostgresAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (instance) => new PostgresIntrospector(instance),
      createQueryCompiler: () => new PostgresQueryCompiler(),
    },
  });
  return (fragment) => fragment.compile(db);
}

export function sqliteCompiler(): Dialect['compile'] {
  const db = new Kysely<unknown>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => new DummyDriver(),
      createIntrospector: (instance) => new SqliteIntrospector(instance),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
  return (fragment) => fragment.compile(db);
}

/** The rows whose column holds the text anywhere, by reading them; wildcards in the text are taken literally. */
export function like(column: TextColumn, text: string): Fragment {
  const pattern = `%${text.replaceAll(/[\\%_]/g, (wildcard) => `\\${wildcard}`)}%`;
  return sql`${sql.ref(column)} like ${pattern} escape '\\'`;
}

export function and(conditions: readonly Fragment[]): Fragment {
  return conditions.length === 0 ? sql`1 = 1` : sql.join([...conditions], sql` and `);
}

export function or(conditions: readonly Fragment[]): Fragment {
  return sql`(${sql.join([...conditions], sql` or `)})`;
}
