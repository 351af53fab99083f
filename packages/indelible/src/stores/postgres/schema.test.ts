import { describe, expect, it, onTestFinished } from 'vitest';

import { dumpSchema } from '../../../test/dump-schema.js';
import { openTrail } from '../../../test/postgres-trail.js';
import { postgresServers } from '../../../test/servers/postgres.js';

const HEAD = `-- What the migrations and roles make, for reading; partitions of months are left out. Do not edit. To write it
-- anew: npx vitest run packages/indelible/src/stores/postgres/schema.test.ts -u`;

describe.each(postgresServers())('the schema on $name', (server) => {
  it('is the one that is committed as schema.sql', async () => {
    const trail = await openTrail(server, { roles: true });
    onTestFinished(() => trail.close());
    await expect(`${HEAD}\n\n${await dumpSchema(trail.client)}\n`).toMatchFileSnapshot('schema.sql');
  });

  it('is the same for a month, a drained default partition and a month of a drained one', async () => {
    const trail = await openTrail(server);
    onTestFinished(() => trail.close());
    const before = await dumpSchema(trail.client);
    await trail.client
      .query(`INSERT INTO indelible_event (id, v, action, outcome, source, actor_type, payload_digest)
      SELECT indelible_month_floor('2031-01-01'), 1, 'READ', 'success', 'read', 'user', sha256('')`);
    await trail.client.query(`SELECT indelible_make_partitions('2031-01-01', 1)`);
    expect(await dumpSchema(trail.client)).toBe(before);
    const { rows } = await trail.client.query(
      `SELECT (SELECT array_agg(regexp_replace(pg_get_triggerdef(oid), 'ON public.\\S+', '') || tgenabled::text ORDER BY tgname) FROM pg_trigger WHERE tgrelid = inhrelid) AS triggers,
        (SELECT count(*)::int FROM pg_index WHERE indrelid = inhrelid) AS indexes
      FROM pg_inherits WHERE inhparent = 'indelible_event'::regclass`,
    );
    expect(rows.length).toBeGreaterThan(5);
    for (const row of rows) expect(row).toEqual(rows[0]);
    expect(rows[0]).toMatchObject({
      indexes: 14,
      triggers: [expect.stringMatching(/A$/), expect.stringMatching(/A$/)],
    });
  });
});
