import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openSqliteTrail, type SqliteTrail } from '../../../test/sqlite-trail.js';
import { clinicLife } from '../../testing/contract/sample.js';
import { naiveSummary } from '../../testing/contract/summary-oracle.js';
import { MONTHS } from '../../testing/contract/summary-questions.js';
import { Sealing } from '../../testing/contract/summing.js';
import type { Statement } from '../sql/dialect.js';
import type { Row } from '../sql/reader.js';
import { SummaryReader } from '../sql/summary.js';
import { DIALECT } from './dialect.js';

const TALLIES =
  'SEARCH indelible_rollup USING PRIMARY KEY (tenant_id=? AND kind=? AND quarter>? AND quarter<?)';

describe('how SQLite sums up', () => {
  const entries = clinicLife('acme', 2_000);
  let trail: SqliteTrail;
  let asked: Statement[] = [];

  beforeAll(async () => {
    trail = await openSqliteTrail();
    await trail.store.append(entries);
    const sealing = new Sealing(trail.store);
    for (let batch = 0; batch < 19; batch += 1) await sealing.next(100);
    trail.db.function('indelible_in_time', { deterministic: false }, () => 1);
  });
  afterAll(() => trail.close());

  /** Rows come in the other order, for of several selections in one no order is promised. */
  async function execute(statement: Statement): Promise<Row[]> {
    asked.push(statement);
    return (trail.db.prepare(statement.sql).all(...statement.parameters) as Row[]).toReversed();
  }

  it.each([
    [
      'a tenant',
      'acme',
      'SEARCH indelible_event USING INDEX indelible_event_tenant (tenant_id=? AND id>? AND id<?)',
    ],
    [
      'all tenants',
      null,
      'SEARCH indelible_event USING INDEX sqlite_autoindex_indelible_event_1 (id>? AND id<?)',
    ],
  ])('the days of %s, by ranges of indexes and no more, in one statement', async (_, tenantId, edge) => {
    asked = [];
    const query = { ...MONTHS, tenantId };
    expect(await new SummaryReader(DIALECT, execute).summarize(query)).toEqual(naiveSummary(query, entries));
    expect(asked).toHaveLength(1);
    const steps = asked.flatMap(
      ({ sql, parameters }) =>
        trail.db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters) as { detail: string }[],
    );
    const reads = steps
      .map(({ detail }) => detail)
      .filter((step) => /\bindelible_(event|rollup)\b/.test(step));
    expect(reads).toEqual(
      expect.arrayContaining([TALLIES, edge, 'SEARCH indelible_event USING INTEGER PRIMARY KEY (rowid>?)']),
    );
    expect(reads.filter((step) => step.startsWith('SCAN'))).toEqual([]);
  });
});
