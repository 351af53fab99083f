import type { ModelRules } from './tables.js';

/** A column of the table, or a path that begins with one and goes on over foreign keys. */
type Path<K extends string> = K | `${K}.${string}`;

interface KyselyDerived<K extends string> {
  readonly columns: readonly K[];
  readonly text: (record: Readonly<Record<K, unknown>>) => string | null | undefined;
}

interface KyselyRules<T extends string, K extends string> {
  readonly table: T;
  readonly subject?: Path<K> | KyselyDerived<K> | undefined;
  readonly tenant?: Path<K> | KyselyDerived<K> | undefined;
  readonly label?: KyselyDerived<K> | undefined;
  readonly exclude?: readonly K[] | undefined;
  readonly redact?: readonly K[] | undefined;
  readonly ignore?: readonly K[] | undefined;
}

/** The rules of one model, whose columns are those of its table in Kysely's database type. */
export type KyselyModel<DB> = {
  [T in keyof DB & string]: KyselyRules<T, keyof DB[T] & string>;
}[keyof DB & string];

/**
 * The `models` of a trail, with tables and columns checked against Kysely's database type.
 *
 * @example
 * ```ts
 * const models = kyselyModels<ClinicDb>()({
 *   Appointment: { table: 'appointment', subject: 'user_id', redact: ['notes'] },
 * });
 * ```
 */
export function kyselyModels<DB>(): <const M extends string>(
  models: Readonly<Record<M, KyselyModel<DB>>>,
) => Readonly<Record<M, ModelRules>> {
  return (models) => models as Readonly<Record<string, unknown>> as Readonly<Record<string, ModelRules>>;
}
