import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import Database from 'better-sqlite3';
import type { ModelOptions } from 'indelible';
import { expect, it } from 'vitest';

import { openSqlite } from '../src/database/open-database.js';
import { models } from '../src/models.js';

/** Those that hold no records, beside the outbox. */
const OTHERS = ['sessions', 'indelible_outbox'];

it('every table of the migrations is a model of the trail, or known to hold no records', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'clinic-schema-'));
  const path = join(dir, 'clinic.db');
  await (await openSqlite(path)).close();
  const db = new Database(path, { readonly: true });
  try {
    const made = db
      .prepare("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
      .pluck()
      .all();
    const named = Object.values<ModelOptions>(models).map((model) => model && String(model.table));
    expect(new Set([...named, ...OTHERS])).toEqual(new Set(made));
  } finally {
    db.close();
    rmSync(dir, { recursive: true });
  }
});
