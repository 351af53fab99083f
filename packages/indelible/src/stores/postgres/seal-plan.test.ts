import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { openTrail, type PostgresTrail } from '../../../test/postgres-trail.js';
import { postgresServers } from '../../../test/servers/postgres.js';
import { type Sent, type WatchedPool, watchedPool } from '../../../test/watched-pool.js';
import { Sealed } from '../../testing/seal-log/sealed.js';
import { PostgresStore } from './postgres-store.js';

const ROWS = 50_000;
/** Of xids that have long passed, a hundred events each. */
const XIDS = 500;
/** Months in which the events lie, in turns, so that every xid is in all of them. */
const MONTHS = 3;
const FILL = `INSERT INTO indelible_event (id, xid, v, action, outcome, source, actor_type, payload_digest)
  SELECT overlay(gen_random_uuid()::text PLACING left(indelible_month_floor(
      (date_trunc('month', now()) + make_interval(months => n % ${MONTHS}))::date)::text, 13) FROM 1 FOR 13)::uuid,
    (3 + n / ${ROWS / XIDS})::text::xid8, 1, 'READ', 'success', 'read', 'user', sha256('')
  FROM generate_series(0, ${ROWS - 1}) AS n`;

interface Node {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly Node[];
}

describe.each(postgresServers())('what the seal log asks of $name', (server) => {
  let trail: PostgresTrail;
  let watch: WatchedPool;
  let store: PostgresStore;

  beforeAll(async () => {
    trail = await openTrail(server);
    watch = watchedPool(trail.url);
    store = new PostgresStore({ pool: watch.pool });
    await trail.client.query(FILL);
  });
  afterAll(async () => {
    await watch.end();
    await trail.close();
  });

  /** The rows that the last statement of such a text reads from the events, as they are planned and run. */
  async function rowsRead(part: string): Promise<number> {
    const at = watch.sent.findLastIndex(({ text }) => text.includes(part));
    const [settings, statement] = [watch.sent[at - 1], watch.sent[at]];
    if (settings === undefined || statement === undefined) throw new Error(`Nothing was asked with ${part}`);
    const scans = nodesOf(await explain(trail.client, settings, statement)).filter((node) =>
      node['Relation Name']?.startsWith('indelible_event_2'),
    );
    expect(scans.length).toBeGreaterThan(0);
    expect(scans.map((node) => node['Node Type']).filter((type) => type === 'Seq Scan')).toEqual([]);
    const read = scans.map(
      (node) => (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'],
    );
    return read.reduce((sum, rows) => sum + rows, 0);
  }

  const standAt = (seen: string): Promise<unknown> =>
    trail.client.query(
      `UPDATE indelible_head SET place = json_build_object(
        'cluster', indelible_cluster(), 'seen', $1::text, 'until', NULL, 'after', NULL, 'doubt', NULL)::text`,
      [seen],
    );

  describe.each(['before', 'after'])('%s the planner has figures', (when) => {
    beforeAll(async () => {
      if (when === 'after') await trail.client.query('ANALYZE indelible_event');
    });

    it('reads as many rows as it answers, and those of one transaction more, however much is pending', async () => {
      await standAt('3:3:');
      expect((await store.pending(100)).entries).toHaveLength(100);
      expect(await rowsRead('pg_visible_in_snapshot')).toBeLessThan(101 + 2 * (ROWS / XIDS) + MONTHS);
    });

    it('reads only what came last and what was open before, when all else is sealed', async () => {
      await standAt(`17:${XIDS}:17,210`);
      const { entries } = await store.pending(1_000);
      // Two that were open, and the last three.
      expect(entries).toHaveLength(5 * (ROWS / XIDS));
      expect(await rowsRead('pg_visible_in_snapshot')).toBe(entries.length);
    });

    it('reads nothing when all is sealed', async () => {
      const { rows } = await trail.client.query('SELECT pg_current_snapshot()::text AS seen');
      await standAt(String(rows[0]?.seen));
      expect((await store.pending(1_000)).entries).toEqual([]);
      expect(await rowsRead('pg_visible_in_snapshot')).toBe(0);
    });

    it('goes on in the midst of a window with the next rows', async () => {
      const { rows } = await trail.client.query(
        `SELECT xid::text, id::text FROM indelible_event ORDER BY xid, id OFFSET ${ROWS / 2} LIMIT 1`,
      );
      await trail.client.query(
        `UPDATE indelible_head SET place = json_build_object('cluster', indelible_cluster(), 'seen', '3:3:',
          'until', pg_current_snapshot()::text, 'after', $1::json, 'doubt', NULL)::text`,
        [JSON.stringify(rows[0])],
      );
      expect((await store.pending(100)).entries).toHaveLength(100);
      expect(await rowsRead('pg_visible_in_snapshot')).toBeLessThan(101 + 3 * (ROWS / XIDS) + MONTHS);
    });
  });

  it('reads leaves by the keys of their events', async () => {
    await standAt('3:3:');
    const batch = new Sealed().batch(await store.pending(500));
    expect(await store.seal(batch)).toBe(true);
    expect(await store.leaves(100, 300)).toHaveLength(300);
    expect(await rowsRead('payload_digest')).toBe(300);
  });

  it('holds all events against the log part by part, each of them once', async () => {
    const { rows } = await trail.client.query('SELECT pg_current_snapshot()::text AS seen');
    await standAt(String(rows[0]?.seen));
    const before = watch.sent.length;
    const strays = await store.strays(2 * ROWS);
    const { size } = await store.head();
    expect([strays.length, new Set(strays).size]).toEqual([ROWS - size, ROWS - size]);
    const asked = watch.sent.slice(before).filter(({ text }) => text.includes('AS strays'));
    expect(asked.length).toBeGreaterThan(2);
    expect(asked.length).toBeLessThan(6);
    expect(await rowsRead('AS strays')).toBeLessThan(ROWS / 2);
    expect(await store.strays(7)).toEqual(strays.slice(0, 7));
  });
});

/** The plan of a statement under the settings of its transaction, with the rows it really read. */
async function explain(client: Client, settings: Sent, { text, values }: Sent): Promise<Node> {
  await client.query(settings.text);
  const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Node }] }>(
    `EXPLAIN (ANALYZE, FORMAT JSON) ${text}`,
    values,
  );
  await client.query('ROLLBACK');
  const [row] = rows;
  if (row === undefined) throw new Error('There is no plan');
  return row['QUERY PLAN'][0].Plan;
}

function nodesOf(node: Node): Node[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}
