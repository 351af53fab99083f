import type { SavedView, ViewOwner, Views } from '../views.js';
import type { MemoryRows } from './memory-rows.js';

/** The views of a trail in memory. */
export class MemoryViews implements Views {
  readonly #rows: () => MemoryRows;

  constructor(rows: () => MemoryRows) {
    this.#rows = rows;
  }

  async list(owner: ViewOwner): Promise<readonly SavedView[]> {
    const own = [...this.#rows().views.values()].filter((one) => isOf(one.owner, owner));
    return own.map(({ view }) => view).sort(byName);
  }

  async save(owner: ViewOwner, { id, name, query }: Omit<SavedView, 'savedAt'>): Promise<boolean> {
    const { views } = this.#rows();
    const known = views.get(id);
    if (known !== undefined && !isOf(known.owner, owner)) return false;
    views.set(id, { owner, view: { id, name, query, savedAt: new Date().toISOString() } });
    return true;
  }

  async remove(owner: ViewOwner, id: string): Promise<boolean> {
    const { views } = this.#rows();
    const known = views.get(id);
    return known !== undefined && isOf(known.owner, owner) && views.delete(id);
  }
}

function isOf(one: ViewOwner, other: ViewOwner): boolean {
  return one.tenantId === other.tenantId && one.viewerId === other.viewerId;
}

function byName(one: SavedView, other: SavedView): number {
  const [a, b] = [one, other].map(({ name, id }) => [name, id] as const);
  if (a?.[0] !== b?.[0]) return (a?.[0] ?? '') < (b?.[0] ?? '') ? -1 : 1;
  return (a?.[1] ?? '') < (b?.[1] ?? '') ? -1 : 1;
}
