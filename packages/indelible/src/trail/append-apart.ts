import type { Entry } from '../event/entry.js';
import { AuditError } from '../event/errors.js';
import type { EventWriter } from '../stores/store.js';

export interface Appended {
  /** Entries whose id the trail already held with another body. */
  readonly conflicts: readonly Entry[];
  /** Entries the store will never take, and why. */
  readonly refused: ReadonlyMap<Entry, AuditError>;
}

/**
 * Appends what can be appended: one entry the store will never take must not hold up the others, so halves
 * are tried until it stands alone. Rejects when the store cannot be reached; what it had taken is known by its id.
 */
export async function appendApart(store: EventWriter, entries: readonly Entry[]): Promise<Appended> {
  try {
    const { conflicts } = await store.append(entries);
    const ids = new Set(conflicts);
    return { conflicts: entries.filter(({ core }) => ids.has(core.id)), refused: new Map() };
  } catch (error) {
    const cause = AuditError.from(error, 'STORE_UNAVAILABLE', 'The store could not take events');
    if (cause.code !== 'EVENT_REFUSED') throw cause;
    const [only] = entries;
    if (entries.length === 1 && only !== undefined) {
      return { conflicts: [], refused: new Map([[only, cause]]) };
    }
    const half = Math.ceil(entries.length / 2);
    const one = await appendApart(store, entries.slice(0, half));
    const other = await appendApart(store, entries.slice(half));
    return {
      conflicts: [...one.conflicts, ...other.conflicts],
      refused: new Map([...one.refused, ...other.refused]),
    };
  }
}

/** The conflict as it is reported: what the trail holds stays. */
export function conflictOf(entries: readonly Entry[]): AuditError {
  const ids = entries.map(({ core }) => core.id).join(', ');
  return new AuditError(
    'EVENT_CONFLICT',
    `The trail already holds ${ids} with another body; what was there first stays.`,
  );
}
