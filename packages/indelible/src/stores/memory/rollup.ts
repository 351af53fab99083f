import type { StoredEntry } from '../../event/read.js';
import type { RemovalKind } from '../removal.js';
import type { Tally } from '../seal-log.js';
import { talliesOf } from '../tallies.js';

/** Adds tallies to those that are there. */
export function add(tallies: Map<string, Tally>, more: readonly Tally[]): void {
  for (const tally of more) {
    const key = keyOf(tally);
    tallies.set(key, { ...tally, count: tally.count + (tallies.get(key)?.count ?? 0) });
  }
}

/** Takes events out of the tallies, or what is erased of them: of what is counted, that is the role. */
export function subtract(tallies: Map<string, Tally>, gone: readonly StoredEntry[], kind: RemovalKind): void {
  for (const tally of talliesOf(gone)) if (kind === 'purge' || tally.kind === 'role') less(tallies, tally);
}

/** One that comes to nothing is no more. */
function less(tallies: Map<string, Tally>, { count, ...tally }: Tally): void {
  const key = keyOf(tally);
  const left = (tallies.get(key)?.count ?? 0) - count;
  if (left > 0) tallies.set(key, { ...tally, count: left });
  else tallies.delete(key);
}

function keyOf({ quarter, tenantId, kind, value }: Omit<Tally, 'count'>): string {
  return JSON.stringify([quarter, tenantId, kind, value]);
}
