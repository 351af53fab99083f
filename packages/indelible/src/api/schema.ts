/** As much of JSON Schema 2020-12 as the API needs: what is published in the OpenAPI document is what checks. */
export interface Schema {
  readonly type?: SchemaType | readonly SchemaType[];
  readonly description?: string;
  readonly enum?: readonly string[];
  readonly pattern?: string;
  readonly format?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly default?: string | number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
  readonly minProperties?: number;
}

type SchemaType = 'string' | 'integer' | 'number' | 'boolean' | 'object' | 'array' | 'null';

/** Where something is not as it must be, and how it should be. */
export interface Flaw {
  /** The members on the way, joined by dots; empty for the whole. */
  readonly at: string;
  readonly message: string;
}

/** The first thing wrong with a value; undefined where nothing is. */
export function flawOf(value: unknown, schema: Schema, at = ''): Flaw | undefined {
  const types = schema.type === undefined ? [] : [schema.type].flat();
  const found = typesOf(value);
  if (types.length > 0 && !types.some((type) => found.includes(type)))
    return { at, message: `must be ${types.map(withArticle).join(' or ')}` };
  if (typeof value === 'string') return textFlaw(value, schema, at);
  if (typeof value === 'number') return numberFlaw(value, schema, at);
  if (Array.isArray(value)) return firstOf(value, (item, n) => flawOf(item, schema.items ?? {}, join(at, n)));
  return typeof value === 'object' && value !== null ? objectFlaw(value, schema, at) : undefined;
}

function textFlaw(value: string, schema: Schema, at: string): Flaw | undefined {
  const { enum: allowed, pattern, minLength = 0, maxLength = Infinity } = schema;
  if (allowed !== undefined && !allowed.includes(value))
    return { at, message: `must be one of ${allowed.join(', ')}` };
  if (value.length < minLength) return { at, message: 'must not be empty' };
  if (value.length > maxLength) return { at, message: `must have at most ${maxLength} characters` };
  if (pattern !== undefined && !new RegExp(pattern, 'u').test(value))
    return { at, message: `must look like ${schema.description ?? pattern}` };
  return undefined;
}

function numberFlaw(
  value: number,
  { minimum = -Infinity, maximum = Infinity }: Schema,
  at: string,
): Flaw | undefined {
  if (value >= minimum && value <= maximum) return undefined;
  return { at, message: `must be from ${minimum} to ${maximum}` };
}

function objectFlaw(value: object, schema: Schema, at: string): Flaw | undefined {
  const { properties = {}, required = [], additionalProperties = true, minProperties = 0 } = schema;
  const missing = required.find((name) => !Object.hasOwn(value, name));
  if (missing !== undefined) return { at: join(at, missing), message: 'is missing' };
  if (Object.keys(value).length < minProperties)
    return { at, message: `must have at least one of ${Object.keys(properties).join(', ')}` };
  return firstOf(Object.entries(value), ([name, member]: [string, unknown]) => {
    const known = Object.hasOwn(properties, name) ? properties[name] : undefined;
    if (known !== undefined) return flawOf(member, known, join(at, name));
    if (additionalProperties === false)
      return { at: join(at, name), message: `is not known; use ${Object.keys(properties).join(', ')}` };
    return additionalProperties === true ? undefined : flawOf(member, additionalProperties, join(at, name));
  });
}

function firstOf<T>(values: readonly T[], look: (value: T, n: number) => Flaw | undefined): Flaw | undefined {
  for (const [n, value] of values.entries()) {
    const flaw = look(value, n);
    if (flaw !== undefined) return flaw;
  }
  return undefined;
}

function typesOf(value: unknown): readonly SchemaType[] {
  if (value === null) return ['null'];
  if (Array.isArray(value)) return ['array'];
  if (typeof value === 'number') return Number.isInteger(value) ? ['integer', 'number'] : ['number'];
  if (typeof value === 'string' || typeof value === 'boolean') return [typeof value as 'string' | 'boolean'];
  return typeof value === 'object' ? ['object'] : [];
}

function withArticle(type: SchemaType): string {
  if (type === 'null') return 'null';
  return `${/^[aio]/.test(type) ? 'an' : 'a'} ${type === 'string' ? 'text' : type}`;
}

function join(at: string, name: string | number): string {
  return at === '' ? String(name) : `${at}.${name}`;
}
