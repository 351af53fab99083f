import { eq } from 'drizzle-orm';

import type { ClinicDatabase } from '../database/clinic-database.js';
import { invalid } from '../problem.js';
import { type Location, locations } from './location.js';

export class Locations {
  readonly #db: ClinicDatabase;

  constructor(db: ClinicDatabase) {
    this.#db = db;
  }

  add(place: Pick<Location, 'name' | 'address' | 'timezone'>): Location {
    return this.#db.insert(locations).values(place).returning().get();
  }

  /** Refuses an id that is no location's; that none is named is fine. */
  check(id: number | null | undefined): void {
    if (id === null || id === undefined) return;
    const found = this.#db.select().from(locations).where(eq(locations.id, id)).get();
    if (found === undefined) throw invalid('location', 'must be the id of a location');
  }
}
