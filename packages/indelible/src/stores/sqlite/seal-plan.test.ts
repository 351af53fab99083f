import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openSqliteTrail, type SqliteTrail } from '../../../test/sqlite-trail.js';
import { clinicLife } from '../../testing/contract/sample.js';
import { Sealed, sealAll } from '../../testing/seal-log/sealed.js';
import {
  ENTRIES,
  LAG,
  LAST_CHECKPOINT,
  LEAF_HASHES,
  LEAVES,
  PASSED,
  PENDING,
  RUNS_BEHIND,
  RUNS_WITH,
} from './seal-statements.js';
import { SqliteStore } from './sqlite-store.js';

const ID = Buffer.alloc(16, 1);

describe('how SQLite reads the log', () => {
  let trail: SqliteTrail;

  beforeAll(async () => {
    trail = await openSqliteTrail();
    const store = new SqliteStore({ path: trail.path });
    await store.append(clinicLife('', 500));
    await sealAll(store, new Sealed(), 50);
    await store.close();
  });
  afterAll(() => trail.close());

  const RUNS = 'SEARCH indelible_seal USING INDEX indelible_seal_id';
  it.each<[name: string, sql: string, params: readonly unknown[], steps: readonly string[]]>([
    ['what is pending', PENDING, ['7', 10], ['SEARCH indelible_event USING INTEGER PRIMARY KEY (rowid>?)']],
    ['the lag', LAG, [10], ['SEARCH indelible_event USING INTEGER PRIMARY KEY (rowid>?)']],
    ['leaves', LEAVES, [9, 3], ['SEARCH indelible_seal USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)']],
    [
      'hashes',
      LEAF_HASHES,
      [9, 3],
      ['SEARCH indelible_seal USING INTEGER PRIMARY KEY (rowid>? AND rowid<?)'],
    ],
    ['the run of an event', RUNS_WITH, [ID, ID, ID, 1], [`${RUNS} (greatest_id>?)`]],
    [
      'the runs of a part of the events',
      RUNS_BEHIND,
      [ID, ID, 0, ID, 1],
      [`${RUNS} ((greatest_id,least_id)>(?,?))`],
    ],
    [
      'what the log has passed',
      PASSED,
      [ID, '7', 10],
      ['SEARCH indelible_event USING COVERING INDEX sqlite_autoindex_indelible_event_1 (id>?)'],
    ],
    [
      'the events of leaves',
      ENTRIES,
      ['[]'],
      ['SEARCH indelible_event USING INDEX sqlite_autoindex_indelible_event_1 (id=?)'],
    ],
    ['the last checkpoint', LAST_CHECKPOINT, [], ['SCAN indelible_checkpoint']],
  ])('finds %s by a key, and sorts nothing', (_, sql, params, expected) => {
    const steps = trail.db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...params) as { detail: string }[];
    const details = steps.map(({ detail }) => detail);
    for (const step of expected) expect(details).toContain(step);
    expect(details.join('\n')).not.toMatch(/USE TEMP B-TREE|SCAN indelible_(event|seal|node)\b/);
  });
});
