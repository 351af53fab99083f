import type Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';

import { openSqliteTrail } from '../../../test/sqlite-trail.js';

const HEAD = `-- What the migrations make, for reading. Do not edit. To write it anew:
-- npx vitest run packages/indelible/src/stores/sqlite/schema.test.ts -u`;
const MADE = `SELECT sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%'
  AND tbl_name NOT LIKE 'indelible_event_search_%' ORDER BY CASE type WHEN 'table' THEN 0 ELSE 1 END, name`;

function dump(db: Database.Database): string {
  const statements = db.prepare(MADE).pluck().all() as string[];
  return `${[HEAD, ...statements.map((sql) => `${sql};`)].join('\n\n')}\n`;
}

describe('the schema of a SQLite trail', () => {
  it('is the one that is committed as schema.sql', async () => {
    const trail = await openSqliteTrail();
    onTestFinished(() => trail.close());
    await expect(dump(trail.db)).toMatchFileSnapshot('schema.sql');
  });

  it('has the index of texts forget a removed one wholly', async () => {
    const trail = await openSqliteTrail();
    onTestFinished(() => trail.close());
    const setting = trail.db.prepare("SELECT v FROM indelible_event_search_config WHERE k = 'secure-delete'");
    expect(setting.pluck().get()).toBe(1);
  });

  it('has the same fixed figures for the planner in every file', async () => {
    const trail = await openSqliteTrail();
    onTestFinished(() => trail.close());
    const names = (sql: string): string[] => trail.db.prepare(sql).pluck().all() as string[];
    const indexes = names(
      "SELECT name FROM sqlite_master WHERE type = 'index' AND tbl_name IN ('indelible_event', 'indelible_event_subject')",
    );
    const counted = names('SELECT idx FROM sqlite_stat1');
    expect(counted.toSorted()).toEqual([...indexes, 'indelible_event_subject'].toSorted());
  });
});
