import Database from 'better-sqlite3';
import { afterAll, describe, expect, it } from 'vitest';

import { openSqliteAudit, type SqliteAudit } from '../../../test/sqlite-audit.js';
import { removeTemporaryFolders, temporaryFolder } from '../../../test/test-trail.js';
import { DIALECT } from '../../stores/sqlite/dialect.js';
import type { EventQuery } from '../../stores/query.js';
import { pageStatement } from '../../stores/sql/statements.js';

/** Half of them come from a few addresses, half from as many as there are attempts. */
const HALF = 500_000;
const CHANGES = 500;
/** Longer than the test takes on any machine. */
const MINUTES = 5;
const MIB = 1024 ** 2;
const COUNTED =
  "SELECT count(*) AS events, sum(coalesce(count, 1)) AS attempts FROM indelible_event WHERE action = 'LOGIN_FAILED'";
const NEWEST_CHANGES: EventQuery = {
  tenantId: '',
  where: { actions: ['UPDATE'] },
  order: { column: 'timestamp', descending: true },
  limit: 50,
};

afterAll(removeTemporaryFolders);

/** Half a million failed sign-ins, each in a request of its own from the address that `ipOf` says. */
async function flood({ audit }: SqliteAudit, ipOf: (n: number) => string): Promise<void> {
  for (let from = 0; from < HALF; from += 1_000) {
    const some = Array.from({ length: 1_000 }, (_, i) =>
      audit.run({ request: { ip: ipOf(from + i), path: '/login' } }, () =>
        audit.auth.loginFailed({ username: `name ${from + i}`, why: 'unknown_user' }),
      ),
    );
    await Promise.all(some);
  }
}

async function changes({ audit }: SqliteAudit): Promise<void> {
  const target = { type: 'Patient', id: '42' };
  for (let n = 0; n < CHANGES; n += 1)
    await audit.record({ action: 'UPDATE', target, before: { n }, after: { n: n + 1 } });
}

/** How many rows the newest page of changes looks at, and by which way. */
function pageOfChanges(file: string): { readonly rowsRead: number; readonly plan: string[] } {
  const db = new Database(file, { readonly: true });
  let rowsRead = 0;
  db.function('indelible_in_time', { deterministic: false }, () => (rowsRead += 1));
  const { sql, parameters } = pageStatement(DIALECT, NEWEST_CHANGES);
  const steps = db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters) as { detail: string }[];
  const rows = db.prepare(sql).all(...parameters);
  db.close();
  expect(rows).toHaveLength(51);
  return { rowsRead, plan: steps.map(({ detail }) => detail) };
}

describe('P30: a million failed sign-ins', () => {
  it('P30: add few rows, take little memory, and slow no view of changes', async () => {
    const trail = openSqliteAudit({ spool: { dir: temporaryFolder() } });
    await changes(trail);
    const memoryBefore = process.memoryUsage().rss;
    await flood(trail, (n) => `192.0.2.${n % 3}`);
    await trail.audit.flush();
    const [few] = trail.raw(COUNTED);
    await flood(trail, (n) => `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`);
    const grown = (process.memoryUsage().rss - memoryBefore) / MIB;
    await changes(trail);
    await trail.audit.flush();

    const [all] = trail.raw(COUNTED);
    const { rowsRead, plan } = pageOfChanges(trail.path);
    await trail.close();
    expect([few?.['attempts'], all?.['attempts']]).toEqual([HALF, 2 * HALF]);
    // 21 of an address in a minute and its counts; then one of each of ten thousand addresses in a minute.
    expect(few?.['events']).toBeLessThan(3 * 30 * MINUTES);
    expect(all?.['events']).toBeLessThan((10_000 + 30) * MINUTES);
    expect(grown).toBeLessThan(400);
    expect(plan).toEqual([
      'SEARCH indelible_event USING INDEX indelible_event_action (tenant_id=? AND action=?)',
    ]);
    expect(rowsRead).toBeLessThan(60);
    expect(trail.errors).toEqual([]);
  }, 600_000);
});
