import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { getTableConfig, type SQLiteTable } from 'drizzle-orm/sqlite-core';
import { expect, it } from 'vitest';

import { appointments } from '../src/appointments/appointment.js';
import { openDatabase } from '../src/database/open-database.js';
import { dentalRecords } from '../src/dental-records/dental-record.js';
import { invoices, payments } from '../src/invoices/invoice.js';
import { locations } from '../src/locations/location.js';
import { models } from '../src/models.js';
import { treatmentPlanItems, treatmentPlans } from '../src/treatment-plans/treatment-plan.js';
import { users } from '../src/users/user.js';

const TABLES: readonly SQLiteTable[] = [
  appointments,
  dentalRecords,
  invoices,
  locations,
  payments,
  treatmentPlanItems,
  treatmentPlans,
  users,
];

it('the tables that Drizzle knows are those of the migrations, and each of them is a model', () => {
  const dir = mkdtempSync(join(tmpdir(), 'clinic-schema-'));
  const db = openDatabase(join(dir, 'clinic.db'));
  try {
    for (const table of TABLES) {
      const { name, columns, foreignKeys } = getTableConfig(table);
      const made = db.prepare('SELECT name FROM pragma_table_info(?)').pluck().all(name);
      expect([name, new Set(columns.map((column) => column.name))]).toEqual([name, new Set(made)]);
      const keys = db.prepare('SELECT "from" FROM pragma_foreign_key_list(?)').pluck().all(name);
      const known = foreignKeys.flatMap((key) => key.reference().columns.map((column) => column.name));
      expect([name, new Set(known)]).toEqual([name, new Set(keys)]);
    }
    const named = Object.values(models).map((model) => model && model.table);
    expect(new Set(named)).toEqual(new Set(TABLES.map((table) => getTableConfig(table).name)));
  } finally {
    db.close();
    rmSync(dir, { recursive: true });
  }
});
