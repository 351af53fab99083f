import { AuditError } from '../event/errors.js';
import type { Derived, ModelRules } from './tables.js';

/** What is kept of a model, as `ModelRules`, with everything named as the model's fields are. */
export interface FieldRules<F extends string = string> {
  /** Never stored. */
  readonly exclude?: readonly F[] | undefined;
  /** Shown as changed, with the value hidden. */
  readonly redact?: readonly F[] | undefined;
  /** Does not count as a change. */
  readonly ignore?: readonly F[] | undefined;
  /** Who the record is about: a field, a path over foreign keys such as `invoiceId.patientId`, or a function. */
  readonly subject?: FieldPath<F> | FieldText<F> | undefined;
  /** Whose record it is, as `subject`. */
  readonly tenant?: FieldPath<F> | FieldText<F> | undefined;
  /** The record's human text. */
  readonly label?: FieldText<F> | undefined;
}

type FieldPath<F extends string> = F | `${F}.${string}`;

/** A text made of some of a record's fields. */
export interface FieldText<F extends string> {
  readonly columns: readonly F[];
  readonly text: (record: Readonly<Record<F, unknown>>) => string | null | undefined;
}

/** How a model's names are written in the database. */
export interface ModelNames {
  readonly table: string;
  /** Of each field, its column. */
  readonly columns: ReadonlyMap<string, string>;
  /** The models its foreign keys may lead to. */
  readonly related: readonly string[];
}

/** The same rules by the database's names, and of every model the table it is in. */
export function modelsByColumn(
  names: ReadonlyMap<string, ModelNames>,
  given: Readonly<Record<string, FieldRules | false | undefined>>,
): Record<string, ModelRules | false> {
  const stranger = Object.keys(given).find((model) => !names.has(model));
  if (stranger !== undefined) throw unknown(`the model "${stranger}"`, [...names.keys()]);
  return Object.fromEntries(
    [...names].map(([model, { table }]) => {
      const rules = given[model];
      // A table that is not captured has no model whose name would count.
      return rules === false ? [table, false] : [model, rulesByColumn(names, model, rules ?? {})];
    }),
  );
}

function rulesByColumn(
  names: ReadonlyMap<string, ModelNames>,
  model: string,
  { exclude, redact, ignore, subject, tenant, label }: FieldRules,
): ModelRules {
  const columns = (fields: readonly string[] | undefined): readonly string[] | undefined =>
    fields?.map((field) => columnOf(names, [model], field).column);
  const derived = ({ columns: fields, text }: FieldText<string>): Derived => ({
    columns: columns(fields) ?? [],
    text: (record) =>
      text(
        Object.fromEntries(fields.map((field) => [field, record[columnOf(names, [model], field).column]])),
      ),
  });
  const owner = (given: string | FieldText<string> | undefined): string | Derived | undefined =>
    typeof given === 'string' ? columnPath(names, model, given) : given && derived(given);
  return {
    table: names.get(model)?.table,
    exclude: columns(exclude),
    redact: columns(redact),
    ignore: columns(ignore),
    subject: owner(subject),
    tenant: owner(tenant),
    label: label && derived(label),
  };
}

function columnPath(names: ReadonlyMap<string, ModelNames>, model: string, path: string): string {
  let models: readonly string[] = [model];
  const columns: string[] = [];
  for (const field of path.split('.')) {
    const step = columnOf(names, models, field);
    columns.push(step.column);
    models = step.models.flatMap((one) => names.get(one)?.related ?? []);
  }
  return columns.join('.');
}

/** The column of a field that one of the models has; several may have it, if they write it alike. */
function columnOf(
  names: ReadonlyMap<string, ModelNames>,
  models: readonly string[],
  field: string,
): { column: string; models: readonly string[] } {
  const having = models.filter((model) => names.get(model)?.columns.has(field));
  const columns = new Set(having.map((model) => names.get(model)?.columns.get(field)));
  const [column] = columns;
  if (column !== undefined && columns.size === 1) return { column, models: having };
  const known = models.flatMap((model) => [...(names.get(model)?.columns.keys() ?? [])]);
  throw unknown(`the field "${field}" of ${models.join(', ')}`, known);
}

function unknown(what: string, known: readonly string[]): AuditError {
  return new AuditError(
    'INVALID_OPTIONS',
    `The models are given rules for ${what}, which cannot be found. Known are ${known.join(', ')}.`,
  );
}
