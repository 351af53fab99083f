import type { Column, ColumnType } from '../catalogue/catalogue.js';

/** Types of which `to_json` writes every digit, the same in every session. */
const AS_JSON: ReadonlySet<string> =
  words(`bool int2 int4 float4 float8 text varchar bpchar name uuid json jsonb date time timetz
  timestamp interval inet cidr macaddr macaddr8 bit varbit money oid xml tsvector point box
  path polygon line lseg circle`);

/**
 * What is longer is cut, so that no change grows past what a text can hold. It is more than an event may hold by
 * default, so that the event says that it was cut.
 */
const LONGEST = 1_200_000;
const LARGEST_JSON = 20_000_000;

/**
 * A column's value as SQL that `to_json` writes as this engine means it: the UTC instant, the exact number as
 * text, bytes by their digest. It raises no error for any value that the column can hold, since that error
 * would refuse the user's write.
 */
export function jsonValue({ type, isLimited }: Column, value: string): string {
  const { name = '', element, isEnum } = type;
  if (element) return arrayValue(element, value);
  if ((name === 'text' || name === 'varchar') && !isLimited) return `left(${value}, ${LONGEST})`;
  if (name === 'json' || name === 'jsonb') return documentValue(value);
  if (isEnum || AS_JSON.has(name)) return value;
  if (name === 'timestamptz') return instantValue(value);
  return name === 'bytea' ? bytesValue(value) : `${value}::text`;
}

/** The JSON text of a column's value; null for a null. */
export function jsonText(column: Column, value: string): string {
  const { name = '' } = column.type;
  return BARE.has(name) ? `${value}::text` : `to_json(${jsonValue(column, value)})::text`;
}

const BARE: ReadonlySet<string> = new Set(['bool', 'int2', 'int4']);

/** True where equal values are the same to the last digit, so that they need not be compared as texts. */
export function isExact({ type, isLimited, isDeterministic }: Column): boolean {
  const { name = '', element } = type;
  if (element) return EXACT_ELEMENTS.has(element.name ?? '') && isDeterministic;
  return type.isEnum || (isDeterministic && EXACT.has(name)) || (name === 'numeric' && isLimited);
}

export function isDouble({ type }: Column): boolean {
  return type.name === 'float4' || type.name === 'float8';
}

const EXACT_ELEMENTS: ReadonlySet<string> = words('bool int2 int4 int8 text varchar uuid date');
const EXACT: ReadonlySet<string> = new Set([
  ...EXACT_ELEMENTS,
  ...words(`bpchar time timetz timestamp timestamptz bytea name inet cidr macaddr bit varbit oid
  money`),
]);

/** Infinity has no zone. */
function instantValue(value: string): string {
  const utc = `to_json(${value} AT TIME ZONE 'UTC') #>> '{}'`;
  return `(${utc} || CASE WHEN isfinite(${value}) THEN 'Z' ELSE '' END)`;
}

/** The bytes stay in the table; their length and digest tell whether they changed. */
function bytesValue(value: string): string {
  return `('~b:' || length(${value}) || ':' || encode(sha256(${value}), 'hex'))`;
}

function documentValue(value: string): string {
  const size = `pg_column_size(${value})`;
  return `CASE WHEN ${size} > ${LARGEST_JSON} THEN to_json('~j:' || ${size}) ELSE to_json(${value}) END`;
}

const ELEMENTS_AS_JSON: ReadonlySet<string> = new Set([...AS_JSON].filter((name) => name !== 'interval'));

function arrayValue(element: ColumnType, value: string): string {
  const { name = '' } = element;
  if (ELEMENTS_AS_JSON.has(name)) return value;
  if (name === 'bytea') return listValue(bytesValue('__e.v'), value);
  if (name !== 'timestamptz') return `${value}::text[]`;
  const list = listValue(instantValue('__e.v'), value);
  return `CASE WHEN array_ndims(${value}) > 1 THEN to_json(${value}) ELSE ${list} END`;
}

/** Element by element, in one dimension. */
function listValue(each: string, value: string): string {
  const list = `SELECT coalesce(json_agg(${each} ORDER BY __e.n), '[]') FROM unnest(${value}) WITH ORDINALITY AS __e(v, n)`;
  return `CASE WHEN ${value} IS NOT NULL THEN (${list}) END`;
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/));
}
