import { otherHold } from '../removal-check.js';
import type { EventMatch, Hold, Policy, RetentionRules } from '../removal.js';
import type { MemoryRows } from './memory-rows.js';

/** Policies and holds of a trail in memory. */
export class MemoryRules implements RetentionRules {
  readonly #rows: () => MemoryRows;

  constructor(rows: () => MemoryRows) {
    this.#rows = rows;
  }

  async policies(): Promise<readonly Policy[]> {
    return [...this.#rows().policies.values()];
  }

  async savePolicy({ id, match, days, reason }: Policy): Promise<void> {
    this.#rows().policies.set(id, { id, match: present(match), days, reason });
  }

  async removePolicy(id: string): Promise<void> {
    this.#rows().policies.delete(id);
  }

  async holds(): Promise<readonly Hold[]> {
    return [...this.#rows().holds.values()];
  }

  async placeHold({ id, match, reason }: Omit<Hold, 'placedAt'>): Promise<void> {
    const { holds } = this.#rows();
    const known = holds.get(id);
    const hold = { id, match: present(match), reason };
    if (known === undefined) holds.set(id, { ...hold, placedAt: new Date().toISOString() });
    else if (!isSame(known, hold)) throw otherHold(hold);
  }

  async releaseHold(id: string): Promise<void> {
    this.#rows().holds.delete(id);
  }
}

/** Without the members that are only named. */
function present(match: EventMatch): EventMatch {
  return Object.fromEntries(Object.entries(match).filter(([, value]) => value !== undefined));
}

function isSame(a: Omit<Hold, 'placedAt'>, b: Omit<Hold, 'placedAt'>): boolean {
  const names = new Set([...Object.keys(a.match), ...Object.keys(b.match)]) as Set<keyof EventMatch>;
  return a.reason === b.reason && [...names].every((name) => a.match[name] === b.match[name]);
}
