import { AuditError } from '../event/errors.js';
import { type FieldRules, type ModelNames, modelsByColumn } from './field-rules.js';
import type { ModelRules } from './tables.js';

/** An entity: a class with decorators, or an `EntitySchema`. */
export type TypeOrmEntity<T> =
  | (abstract new (...args: never) => T)
  | {
      readonly '@instanceof': symbol;
      readonly options: { readonly columns: { readonly [P in keyof T]?: unknown } };
    };

/** The rules of one entity, in the names of its properties; false for one that is not captured. */
export type TypeOrmModel<T> = readonly [TypeOrmEntity<T>, FieldRules<PropertyOf<T>> | false];

type PropertyOf<T> = { [P in keyof T]: T[P] extends (...args: never) => unknown ? never : P }[keyof T] &
  string;

/** A data source, whose type is not imported. */
export interface DataSourceLike {
  readonly entityMetadatas: readonly EntityMetadataLike[];
  getMetadata(entity: never): EntityMetadataLike;
}

interface EntityMetadataLike {
  readonly name: string;
  readonly tablePath: string;
  readonly columns: readonly ColumnLike[];
  readonly relations: readonly {
    readonly propertyPath: string;
    readonly joinColumns: readonly ColumnLike[];
    readonly inverseEntityMetadata: { readonly name: string };
  }[];
}

interface ColumnLike {
  readonly propertyPath: string;
  readonly databaseName: string;
}

/**
 * The option `models` of `createAudit`, in the names of TypeORM's entities: which table and which columns they
 * are is asked of a data source that has not connected. A misspelt property does not compile.
 *
 * @example
 * ```ts
 * const options = { type: 'postgres' as const, driver: pg, url: 'postgres://localhost/clinic', entities: [Patient] };
 * const models = await typeOrmModels(new DataSource(options), [Patient, { redact: ['phone'] }]);
 * const audit = createAudit({ store, models });
 * ```
 */
export async function typeOrmModels<const T extends readonly unknown[]>(
  source: DataSourceLike,
  ...models: { readonly [I in keyof T]: TypeOrmModel<T[I]> }
): Promise<Record<string, ModelRules | false>> {
  await readEntities(source);
  const names = new Map(source.entityMetadatas.map((entity) => [entity.name, namesOf(entity)]));
  const rules = models.map(([entity, given]) => [source.getMetadata(entity as never).name, given] as const);
  return modelsByColumn(names, Object.fromEntries(rules));
}

/** What the data source itself does after it has connected; it does not need the connection. */
async function readEntities(source: DataSourceLike): Promise<void> {
  if (source.entityMetadatas.length > 0) return;
  const read: unknown = Reflect.get(source, 'buildMetadatas');
  if (typeof read !== 'function') {
    throw new AuditError(
      'INVALID_OPTIONS',
      'typeOrmModels cannot read the entities of this data source: give it one that is initialized.',
    );
  }
  await Reflect.apply(read, source, []);
}

/** A relation that has its foreign key here goes by its own name too, as entities seldom declare the column. */
function namesOf({ tablePath, columns, relations }: EntityMetadataLike): ModelNames {
  const keys = relations.flatMap(({ propertyPath, joinColumns }) =>
    joinColumns.length === 1 ? joinColumns.map(({ databaseName }) => ({ propertyPath, databaseName })) : [],
  );
  return {
    table: tablePath,
    columns: new Map([...keys, ...columns].map((column) => [column.propertyPath, column.databaseName])),
    related: relations.map(({ inverseEntityMetadata }) => inverseEntityMetadata.name),
  };
}
