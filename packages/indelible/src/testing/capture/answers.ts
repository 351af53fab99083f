/** What an ORM answered, or what it threw, in a form that two runs can be compared by. */
export type Shown = string | number | boolean | null | readonly Shown[] | { readonly [key: string]: Shown };

/** Two runs differ in them, whoever wrote them. */
const OF_NOW = new Set(['createdAt', 'created_at', 'updatedAt', 'updated_at']);
const INSTANT = /\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[^\s,"']*/g;
/** Where an error came from says nothing of what it is. */
const ERROR_MEMBERS = ['code', 'constraint', 'table', 'column', 'detail', 'severity', 'schema', 'meta'];
const DEPTH = 8;

/** Values keep their types: a Date is no text and a bigint no number. */
export function shown(value: unknown, depth = 0): Shown {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value : { $number: String(value) };
  if (typeof value === 'bigint') return { $bigint: String(value) };
  if (typeof value !== 'object') return { $type: typeof value };
  if (depth > DEPTH) return { $type: 'deep' };
  if (value instanceof Date)
    return { $date: Number.isNaN(value.getTime()) ? 'invalid' : value.toISOString() };
  if (ArrayBuffer.isView(value))
    return { $bytes: Buffer.from(value.buffer, value.byteOffset, value.byteLength).toString('hex') };
  if (value instanceof Error) return shownError(value, depth);
  if (Array.isArray(value)) return value.map((member) => shown(member, depth + 1));
  return shownObject(value, depth);
}

function shownObject(value: object, depth: number): Shown {
  if (isPgResult(value)) return shownPgResult(value, depth);
  const toJSON: unknown = Reflect.get(value, 'toJSON');
  const plain: unknown = typeof toJSON === 'function' ? Reflect.apply(toJSON, value, []) : value;
  const $type = value.constructor?.name ?? 'Object';
  if (typeof plain !== 'object' || plain === null) return { $type, value: shown(plain, depth + 1) };
  return { ...($type === 'Object' ? {} : { $type }), ...membersOf(plain, depth) };
}

function membersOf(value: object, depth: number): Record<string, Shown> {
  const members = Object.entries(value)
    .filter(([key, member]) => !key.startsWith('_') && typeof member !== 'function')
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => [key, OF_NOW.has(key) ? 'now' : shown(member, depth + 1)] as const);
  return Object.fromEntries(members);
}

interface PgResult {
  readonly command: unknown;
  readonly rowCount: unknown;
  readonly rows: unknown;
  readonly fields: readonly { readonly name: string; readonly dataTypeID: number }[];
}

function isPgResult(value: object): value is PgResult {
  return 'command' in value && 'rowCount' in value && 'fields' in value && Array.isArray(value.fields);
}

function shownPgResult({ command, rowCount, rows, fields }: PgResult, depth: number): Shown {
  const columns = fields.map(({ name, dataTypeID }) => `${name}: ${dataTypeID}`);
  return { ...membersOf({ command, rowCount, rows }, depth), columns };
}

function shownError(error: Error, depth: number): Shown {
  const members = ERROR_MEMBERS.map((name) => [name, Reflect.get(error, name) as unknown] as const)
    .filter(([, member]) => member !== undefined)
    .map(([name, member]) => [name, shown(member, depth + 1)] as const);
  const cause = error.cause === undefined ? {} : { cause: shown(error.cause, depth + 1) };
  const message = error.message.replaceAll(INSTANT, 'now');
  return { $error: error.name, message, ...Object.fromEntries(members), ...cause };
}
