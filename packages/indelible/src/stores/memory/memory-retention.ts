import type { StoredEntry } from '../../event/read.js';
import { reach } from '../failpoints.js';
import { checkIds, checkRemoval, isOver, kept, otherRemoval, undecided } from '../removal-check.js';
import {
  HOLD_ACTIONS,
  KEPT_ACTIONS,
  type Removal,
  type RemovalKind,
  type Retention,
  type SelectedLeaf,
  type Selection,
  type SelectionPreview,
  type StoredRemoval,
} from '../removal.js';
import type { MemoryEvent, MemoryRows } from './memory-rows.js';
import { subtract } from './rollup.js';
import { selects } from './select.js';

/** Lets events in memory go. Nothing comes between the steps of a method, so each is whole. */
export class MemoryRetention implements Retention {
  /** Asked for at every question, since a closed store has none. */
  readonly #rows: () => MemoryRows;

  constructor(rows: () => MemoryRows) {
    this.#rows = rows;
  }

  async preview(selection: Selection): Promise<SelectionPreview> {
    const found = this.#selected(selection);
    const times = found.flatMap(({ recordedAt }) => recordedAt ?? []).sort();
    return {
      count: found.length,
      byAction: counts(found.map(({ core }) => core.action)),
      byModel: counts(found.map(({ core }) => core.target?.type ?? '')),
      oldest: times[0] ?? null,
      newest: times.at(-1) ?? null,
    };
  }

  async select(
    selection: Selection,
    afterId: string | null,
    limit: number,
  ): Promise<readonly SelectedLeaf[]> {
    const ids = this.#selected(selection).map(({ core }) => core.id);
    const behind = ids.filter((id) => afterId === null || id > afterId).sort();
    return behind.slice(0, limit).map((id) => ({ id, index: this.#rows().indexes.get(id) ?? 0 }));
  }

  async decide(removal: Removal): Promise<void> {
    const { removals } = this.#rows();
    checkRemoval(removal);
    const { eventId, kind, manifest, note } = removal;
    const known = removals.get(eventId);
    const decidedAt = new Date().toISOString();
    if (known === undefined)
      removals.set(eventId, { eventId, kind, manifest, note, decidedAt, doneAt: null });
    else if (known.kind !== kind || known.manifest !== manifest || known.note !== note)
      throw otherRemoval(eventId);
  }

  async remove(eventId: string, ids: readonly string[], holdChanges: number): Promise<number | undefined> {
    const rows = this.#rows();
    const { kind, doneAt } = this.#decided(eventId);
    if (doneAt !== null) throw isOver(eventId);
    checkIds(ids);
    if (holdChanges !== (await this.holdChanges())) return undefined;
    const events = [...new Set(ids)].flatMap((id) => rows.events.get(id) ?? []);
    for (const { entry } of events) checkRemovable(rows, entry);
    reach('removal.begun');
    const gone = events.filter((event) => take(rows, event, kind));
    reach('removal.events');
    subtract(
      rows.tallies,
      gone.map(({ entry }) => entry),
      kind,
    );
    reach('removal.tallies');
    reach('removal.committed');
    return gone.length;
  }

  async holdChanges(): Promise<number> {
    const events = [...this.#rows().events.values()];
    return events.filter(({ entry }) => HOLD_ACTIONS.includes(entry.core.action)).length;
  }

  async finish(eventId: string): Promise<void> {
    const removal = this.#decided(eventId);
    const doneAt = removal.doneAt ?? new Date().toISOString();
    this.#rows().removals.set(eventId, { ...removal, doneAt });
  }

  async removals(): Promise<readonly StoredRemoval[]> {
    const removals = [...this.#rows().removals.values()];
    return removals.map(({ eventId, kind, note, decidedAt, doneAt }) => ({
      eventId,
      kind,
      note,
      decidedAt,
      doneAt,
    }));
  }

  async manifestOf(eventId: string): Promise<string | undefined> {
    return this.#rows().removals.get(eventId)?.manifest;
  }

  async exclusively<T>(work: () => Promise<T>): Promise<T | undefined> {
    const rows = this.#rows();
    if (rows.isRemoving) return undefined;
    rows.isRemoving = true;
    try {
      return await work();
    } finally {
      rows.isRemoving = false;
    }
  }

  #selected(selection: Selection): StoredEntry[] {
    const { events, indexes } = this.#rows();
    const isSelected = selects(selection);
    return [...events.values()]
      .map(({ entry }) => entry)
      .filter((entry) => indexes.has(entry.core.id) && isSelected(entry));
  }

  #decided(eventId: string): Removal & StoredRemoval {
    const removal = this.#rows().removals.get(eventId);
    if (removal === undefined) throw undecided(eventId);
    return removal;
  }
}

function checkRemovable({ indexes }: MemoryRows, { core }: StoredEntry): void {
  if (KEPT_ACTIONS.includes(core.action)) throw kept(`${core.id} is a ${core.action}, which stays for ever`);
  if (!indexes.has(core.id)) throw kept(`${core.id} has no leaf yet`);
}

/** False for an event that is empty already. */
function take(rows: MemoryRows, { place, entry }: MemoryEvent, kind: RemovalKind): boolean {
  const { core, search } = entry;
  if (kind === 'purge') {
    rows.events.delete(core.id);
    rows.purged.add(core.id);
    return true;
  }
  if (entry.payload === null) return false;
  const left = { ...entry, payload: null, salt: null, search: { subjects: search.subjects } };
  rows.events.set(core.id, { place, entry: left });
  return true;
}

function counts(names: readonly string[]): Record<string, number> {
  const found = new Map<string, number>();
  for (const name of names) found.set(name, (found.get(name) ?? 0) + 1);
  return Object.fromEntries(found);
}
