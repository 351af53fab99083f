import { AuditError } from '../event/errors.js';
import { type FieldRules, type ModelNames, modelsByColumn } from './field-rules.js';
import type { ModelRules } from './tables.js';

/** The class that Prisma generates. */
export type PrismaClientClass<Client = object> = new (options: never) => Client;

/** Of each model of a client, the rules, in the names of the schema. */
export type PrismaModelRules<Client> = {
  readonly [M in NameOf<Client[keyof Client & string]>]?:
    | FieldRules<FieldOf<Client[keyof Client & string], M>>
    | false;
};

type Payload<N, S> = { [key: symbol]: { types: { payload: { name: N; scalars: S } } } };
type NameOf<Delegate> = Delegate extends Payload<infer N extends string, unknown> ? N : never;
type FieldOf<Delegate, Model> = Delegate extends Payload<Model, infer S> ? keyof S & string : never;

/** A model as the generated client describes it to itself. */
interface RuntimeModel {
  readonly dbName: string | null;
  readonly schema?: string | null;
  readonly fields: readonly {
    readonly name: string;
    readonly kind: string;
    readonly type: string;
    readonly dbName?: string;
  }[];
}

/**
 * The option `models` of `createAudit`, in the names of a Prisma schema: which table and which columns they are
 * (`@@map`, `@map`) is read from the generated client. A misspelt model or field does not compile.
 *
 * @example
 * ```ts
 * const audit = createAudit({
 *   store,
 *   models: prismaModels(PrismaClient, { User: { redact: ['email'] }, Invoice: { subject: 'appointmentId.userId' } }),
 * });
 * ```
 */
export function prismaModels<Client extends object>(
  client: PrismaClientClass<Client>,
  rules: PrismaModelRules<Client> = {},
): Record<string, ModelRules | false> {
  const models = Object.entries(runtimeModels(client));
  const names = new Map(models.map(([name, model]) => [name, namesOf(name, model)]));
  return modelsByColumn(names, rules);
}

function namesOf(name: string, { dbName, schema, fields }: RuntimeModel): ModelNames {
  const table = dbName ?? name;
  return {
    table: schema ? `${schema}.${table}` : table,
    columns: new Map(
      fields.filter(({ kind }) => kind !== 'object').map((field) => [field.name, field.dbName ?? field.name]),
    ),
    related: fields.filter(({ kind }) => kind === 'object').map(({ type }) => type),
  };
}

/** Only an instance knows its models: one is made for each kind of database until it is the client's, and never connected. */
function runtimeModels(client: PrismaClientClass): Readonly<Record<string, RuntimeModel>> {
  let cause: unknown;
  for (const provider of ['postgres', 'sqlite']) {
    try {
      const made: object = Reflect.construct(client, [{ adapter: unconnected(provider) }]);
      const { models } = Reflect.get(made, '_runtimeDataModel');
      return models;
    } catch (error) {
      cause = error;
    }
  }
  throw AuditError.from(
    cause,
    'INVALID_OPTIONS',
    'prismaModels cannot read the models of the client: give it the class PrismaClient that Prisma 7 generated',
  );
}

function unconnected(provider: string): object {
  const refuse = (): never => {
    throw new Error('This client was made to read its models, not to connect.');
  };
  return { provider, adapterName: 'indelible', connect: refuse };
}
