import type { Catalogue } from '../event/actions.js';
import type { LooseInput } from '../event/input.js';
import type { Audit } from '../trail/create-audit.js';
import { watchingOf } from '../trail/door.js';

/** `true` for every model; a model with a key other than `id` is named with its key's fields. */
export type PrismaReads = boolean | readonly string[] | Readonly<Record<string, readonly string[]>>;

/** A call that was answered. */
interface Answered {
  readonly model: string;
  readonly operation: string;
  readonly args: unknown;
  readonly result: unknown;
}

/** A list keeps so many ids beside its full count. */
const MOST_IDS = 500;
const ONE = new Set(['findUnique', 'findUniqueOrThrow', 'findFirst', 'findFirstOrThrow']);

/** Records that records were read, when reading of their model is recorded and the call was one that reads. */
export async function recordRead<C extends Catalogue>(
  audit: Audit<C>,
  reads: PrismaReads,
  call: Answered,
): Promise<void> {
  const key = keyOf(reads, call.model);
  const event = key && eventOf(call, key);
  if (event) await watchingOf(audit).recordRead(event);
}

/** The fields of the model's key; undefined when reading it is not recorded. */
function keyOf(reads: PrismaReads, model: string): readonly string[] | undefined {
  if (typeof reads === 'boolean') return reads ? ['id'] : undefined;
  if (isList(reads)) return reads.includes(model) ? ['id'] : undefined;
  return Object.hasOwn(reads, model) ? reads[model] : undefined;
}

function isList(reads: object): reads is readonly string[] {
  return Array.isArray(reads);
}

function eventOf(
  { model, operation, args, result }: Answered,
  key: readonly string[],
): LooseInput | undefined {
  const base = { source: 'read', operation: `${model}.${operation}` } as const;
  if (ONE.has(operation) && isRecord(result)) {
    return { ...base, action: 'READ', target: { type: model, id: idOf(result, key) ?? idAsked(args, key) } };
  }
  if (operation !== 'findMany' || !Array.isArray(result)) return undefined;
  const first: unknown[] = result.slice(0, MOST_IDS);
  return {
    ...base,
    action: isEmpty(memberOf(args, 'where')) ? 'LIST' : 'SEARCH',
    target: { type: model },
    metadata: {
      count: result.length,
      ids: first.map((row) => idOf(row, key)).filter((id) => id !== undefined),
    },
  };
}

/** Written as that of a captured change is; undefined where the key was not selected. */
function idOf(row: unknown, key: readonly string[]): string | undefined {
  const values = key.map((field) => memberOf(row, field));
  if (!values.every((value) => isKeyValue(value))) return undefined;
  if (values.length === 1) return String(values[0]);
  return JSON.stringify(values, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
}

/** The id that was asked for. Prisma asks for a composite key under a name of its own. */
function idAsked(args: unknown, key: readonly string[]): string | undefined {
  const where = memberOf(args, 'where');
  if (key.length === 1 || !isRecord(where)) return idOf(where, key);
  const asked = Object.values(where).find((one) => isRecord(one) && Object.keys(one).length === key.length);
  return idOf(asked, key);
}

function isKeyValue(value: unknown): value is string | number | bigint {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'bigint';
}

function isEmpty(where: unknown): boolean {
  return !isRecord(where) || Object.keys(where).length === 0;
}

function memberOf(value: unknown, name: string): unknown {
  return isRecord(value) ? value[name] : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
