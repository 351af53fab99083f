import type { Flag } from './flag.js';
import { readMember } from './foreign.js';
import { type Fields, ImageTaker, type Images } from './images.js';
import type { Redactor } from './redaction.js';
import { isSame } from './same.js';
import { HIDDEN } from './snapshot.js';

/** Fields that change with every save and mean nothing by themselves. */
export const IGNORED_BY_DEFAULT: readonly string[] = [
  'updated_at',
  'updatedAt',
  'created_at',
  'createdAt',
  'last_login',
  'lastLogin',
];

/** What of a model is kept. */
export interface ChangeRules {
  /** Never stored. */
  readonly exclude?: readonly string[] | undefined;
  /** Shown as changed, with the value hidden. */
  readonly redact?: readonly string[] | undefined;
  /** Does not count as a change. */
  readonly ignore?: readonly string[] | undefined;
}

type Row = ReadonlyMap<string, unknown>;

/**
 * What an event keeps of a record: everything of a create or a delete, so that it can be restored, and of
 * an update old and new of what changed. Undefined for an update that changed nothing worth recording.
 */
export class ChangeTaker {
  readonly #images: ImageTaker;

  constructor(redactor: Redactor, limitBytes: number) {
    this.#images = new ImageTaker(limitBytes, redactor);
  }

  take(before: unknown, after: unknown, rules: ChangeRules, flags: Set<Flag>): Images | undefined {
    const old = rowOf(before, flags);
    const now = rowOf(after, flags);
    const names = old && now ? changedNames(old, now, rules) : keptNames(old ?? now, rules);
    if (old && now && names.length === 0) return undefined;
    const redacted = new Set(rules.redact);
    return this.#images.take(
      { before: old && fieldsOf(old, names, redacted), after: now && fieldsOf(now, names, redacted) },
      flags,
    );
  }
}

function keptNames(row: Row | undefined, rules: ChangeRules): string[] {
  const excluded = new Set(rules.exclude);
  return [...(row?.keys() ?? [])].filter((name) => !excluded.has(name));
}

/** A field that is left away, or `undefined`, was not touched. */
function changedNames(old: Row, now: Row, rules: ChangeRules): string[] {
  const ignored = new Set([...IGNORED_BY_DEFAULT, ...(rules.ignore ?? [])]);
  return keptNames(now, rules).filter((name) => {
    const value = now.get(name);
    return value !== undefined && !ignored.has(name) && !isSame(old.get(name), value);
  });
}

function fieldsOf(row: Row, names: readonly string[], redacted: ReadonlySet<string>): Fields {
  return names
    .filter((name) => row.has(name))
    .map((name) => [name, redacted.has(name) ? HIDDEN : row.get(name)] as const);
}

/** The fields of a record, each read once; undefined, with a flag, for what is no record. */
function rowOf(given: unknown, flags: Set<Flag>): Row | undefined {
  if (given === undefined || given === null) return undefined;
  try {
    const record = plainRecord(given);
    if (record) return new Map(Object.keys(record).map((name) => [name, readMember(record, name)]));
  } catch {
    // A hostile proxy, or a `toJSON` that throws, is no record.
  }
  flags.add('invalid_input');
  return undefined;
}

/** Entities of some mappers keep their fields inside, and give them by `toJSON`. */
function plainRecord(given: unknown): object | undefined {
  if (!isRecord(given)) return undefined;
  if (given instanceof Map) return Object.fromEntries(given);
  const toJSON: unknown = Reflect.get(given, 'toJSON');
  const converted: unknown = typeof toJSON === 'function' ? Reflect.apply(toJSON, given, []) : given;
  return isRecord(converted) ? converted : undefined;
}

function isRecord(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !ArrayBuffer.isView(value);
}
