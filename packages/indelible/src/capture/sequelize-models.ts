import { type FieldRules, type ModelNames, modelsByColumn } from './field-rules.js';
import type { ModelRules } from './tables.js';

/** A model of Sequelize's, defined with its attributes. */
export interface SequelizeModelLike {
  getTableName(): string | { readonly tableName: string; readonly schema: string };
  getAttributes(): Readonly<Record<string, SequelizeAttribute>>;
}

interface SequelizeAttribute {
  readonly field?: string | undefined;
  readonly references?: string | { readonly model?: unknown } | undefined;
}

/** Of each model, the rules, in the names of its attributes; false for one that is not captured. */
export type SequelizeModelRules<M> = {
  readonly [K in keyof M]?: FieldRules<AttributeOf<M[K]>> | false;
};

type AttributeOf<M> = M extends { prototype: { _attributes: infer A } } ? keyof A & string : string;

/**
 * The option `models` of `createAudit`, in the names of Sequelize's models: which table and which columns they
 * are is asked of the models, which may be defined on a Sequelize that never connects. A misspelt model or
 * attribute does not compile.
 *
 * @example
 * ```ts
 * const sequelize = new Sequelize({ dialect: 'postgres', dialectModule: pg });
 * const Patient = sequelize.define('Patient', { phone: DataTypes.STRING });
 * const models = sequelizeModels({ Patient }, { Patient: { redact: ['phone'] } });
 * const audit = createAudit({ store, models });
 * ```
 */
export function sequelizeModels<M extends { readonly [K in keyof M]: SequelizeModelLike }>(
  models: M,
  rules: SequelizeModelRules<M> = {},
): Record<string, ModelRules | false> {
  const given = Object.entries<SequelizeModelLike>(models);
  const modelIn = new Map(given.map(([name, model]) => [tableOf(model.getTableName()), name]));
  return modelsByColumn(new Map(given.map(([name, model]) => [name, namesOf(model, modelIn)])), rules);
}

function namesOf(model: SequelizeModelLike, modelIn: ReadonlyMap<unknown, string>): ModelNames {
  const attributes = Object.entries(model.getAttributes());
  return {
    table: tableOf(model.getTableName()),
    columns: new Map(attributes.map(([name, { field }]) => [name, field ?? name])),
    related: attributes.flatMap(([, { references }]) => modelIn.get(referenced(references)) ?? []),
  };
}

function referenced(references: SequelizeAttribute['references']): string | undefined {
  const model = typeof references === 'object' ? references.model : references;
  return typeof model === 'string' || isTable(model) ? tableOf(model) : undefined;
}

function isTable(value: unknown): value is { readonly tableName: string; readonly schema: string } {
  return typeof value === 'object' && value !== null && 'tableName' in value;
}

function tableOf(table: string | { readonly tableName: string; readonly schema: string }): string {
  if (typeof table === 'string') return table;
  return table.schema ? `${table.schema}.${table.tableName}` : table.tableName;
}
