import type { RecordedDatabase } from '../database/recorded-database.js';
import { RecordedTable } from '../database/recorded-table.js';

/** A place where the clinic works. */
interface Location {
  readonly id: number;
  readonly name: string;
  readonly address: string;
  readonly timezone: string;
  readonly created_at: string;
  readonly updated_at: string;
}

export type LocationTable = RecordedTable<Location>;

export function openLocationTable(database: RecordedDatabase): LocationTable {
  return new RecordedTable<Location>(database, {
    name: 'Location',
    table: 'locations',
    order: 'id',
    describe: (location) => ({ label: location.name }),
  });
}
