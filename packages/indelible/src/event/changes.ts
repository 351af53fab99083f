import { canonicalize } from '../integrity/canonical.js';
import type { Json } from './event.js';
import type { Redactor } from './redaction.js';
import { type Flag, HIDDEN, Snapshot, UNREADABLE } from './snapshot.js';
import { readTagged } from './tagged.js';

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

export interface Images {
  readonly before?: Readonly<Record<string, Json>> | undefined;
  readonly after?: Readonly<Record<string, Json>> | undefined;
}

type Fields = Readonly<Record<string, unknown>>;

/**
 * What an event keeps of a record: everything of a create or a delete, so that it can be restored, and of
 * an update old and new of what changed. Undefined for an update that changed nothing worth recording.
 */
export class ChangeTaker {
  readonly #redactor: Redactor;
  readonly #limitBytes: number;

  constructor(redactor: Redactor, limitBytes: number) {
    this.#redactor = redactor;
    this.#limitBytes = limitBytes;
  }

  take(before: unknown, after: unknown, rules: ChangeRules, flags: Set<Flag>): Images | undefined {
    const old = fieldsOf(before);
    const now = fieldsOf(after);
    const kept = this.#names(old, now, rules);
    if (old && now && kept.length === 0) return undefined;
    const cut = new Set<Flag>();
    const snapshot = new Snapshot(this.#limitBytes, this.#redactor, cut);
    const images = {
      before: this.#image(old, kept, rules, snapshot),
      after: this.#image(now, kept, rules, snapshot),
    };
    if (cut.has('truncated')) flags.add('not_restorable');
    for (const flag of cut) flags.add(flag);
    return images;
  }

  #names(old: Fields | undefined, now: Fields | undefined, rules: ChangeRules): string[] {
    const excluded = new Set(rules.exclude);
    const names = Object.keys(now ?? old ?? {}).filter((name) => !excluded.has(name));
    if (!old || !now) return names;
    const ignored = new Set([...IGNORED_BY_DEFAULT, ...(rules.ignore ?? [])]);
    return names.filter((name) => !ignored.has(name) && !this.#same(read(old, name), read(now, name)));
  }

  /** Equal in meaning: key order, a date against its text, and 1.0 against 1 make no change. */
  #same(a: unknown, b: unknown): boolean {
    if (Object.is(a, b)) return true;
    if (typeof a === 'string' && typeof b === 'string') return false;
    return this.#meaning(a) === this.#meaning(b);
  }

  #meaning(value: unknown): string {
    return canonicalize(readTagged(new Snapshot(this.#limitBytes).take(value) ?? null));
  }

  #image(
    fields: Fields | undefined,
    names: readonly string[],
    rules: ChangeRules,
    snapshot: Snapshot,
  ): Record<string, Json> | undefined {
    if (!fields) return undefined;
    const hidden = new Set(rules.redact);
    const image: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
    for (const name of names) {
      if (name in fields) image[name] = hidden.has(name) ? HIDDEN : read(fields, name);
    }
    return snapshot.take(image) as Record<string, Json>;
  }
}

function fieldsOf(value: unknown): Fields | undefined {
  return typeof value === 'object' && value !== null ? (value as Fields) : undefined;
}

function read(fields: Fields, name: string): unknown {
  try {
    return fields[name];
  } catch {
    // A getter that throws is a value nobody can compare; it shows as unreadable.
    return UNREADABLE;
  }
}
