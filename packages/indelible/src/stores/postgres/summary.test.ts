import { Pool, type PoolClient } from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';

import { connect, openTrail, type PostgresTrail } from '../../../test/postgres-trail.js';
import { postgresServers } from '../../../test/servers/postgres.js';
import { type Sent, watchedPool } from '../../../test/watched-pool.js';
import type { Entry } from '../../event/entry.js';
import { Chance } from '../../testing/contract/sample.js';
import { naiveSummary } from '../../testing/contract/summary-oracle.js';
import { MONTHS, someEvent } from '../../testing/contract/summary-questions.js';
import { Sealing } from '../../testing/contract/summing.js';
import { append } from './append.js';
import type { Connection } from './connections.js';
import { PostgresStore } from './postgres-store.js';

const FALSIFY = 'UPDATE indelible_rollup SET count = count + 1000';
const ROWS = 30_000;
/** Events of old transactions, fifty each. */
const FILL = `INSERT INTO indelible_event (id, xid, v, action, outcome, source, actor_type, payload_digest)
  SELECT overlay(gen_random_uuid()::text PLACING
      left(indelible_month_floor(date_trunc('month', now())::date)::text, 13) FROM 1 FOR 13)::uuid,
    ($1::bigint + n / 50)::text::xid8, 1, 'READ', 'success', 'read', 'user', sha256('')
  FROM generate_series(0, ${ROWS - 1}) AS n`;
const UNGUARD = `DO $$ DECLARE part regclass; BEGIN
  FOR part IN SELECT relid FROM pg_partition_tree('indelible_event') LOOP
    EXECUTE format('ALTER TABLE %s DISABLE TRIGGER ALL', part);
  END LOOP; END $$`;

interface Bed {
  readonly trail: PostgresTrail;
  readonly sealing: Sealing;
  /** What is stored. */
  readonly entries: Entry[];
  readonly grow: (count: number) => Promise<void>;
}

interface Node {
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly Node[];
}

describe.each(postgresServers())('a summary on $name', (server) => {
  async function open(): Promise<Bed> {
    const trail = await openTrail(server);
    onTestFinished(() => trail.close());
    const [chance, entries] = [new Chance(11), [] as Entry[]];
    const grow = async (count: number): Promise<void> => {
      const fresh = Array.from({ length: count }, () => someEvent(chance));
      await trail.store.append(fresh);
      entries.push(...fresh);
    };
    return { trail, sealing: new Sealing(trail.store), entries, grow };
  }

  async function expectRight({ trail, entries }: Bed): Promise<void> {
    expect(await trail.store.summarize(MONTHS)).toEqual(naiveSummary(MONTHS, entries));
  }

  it('counts an event when its transaction has ended, however much was sealed while it was open', async () => {
    const bed = await open();
    await bed.grow(5);
    const late = someEvent(new Chance(5));
    const client = await connect(bed.trail.url);
    await client.query('BEGIN');
    await append(client as unknown as Connection, [late]);
    await bed.grow(5);
    await bed.sealing.all();
    await bed.grow(3);
    await expectRight(bed);
    await client.query('COMMIT');
    await client.end();
    bed.entries.push(late);
    await expectRight(bed);
    for (let more = true; more;) {
      more = await bed.sealing.next(1);
      await expectRight(bed);
    }
  });

  it.each([
    ['far ahead', `xid::text::bigint + 1000000000`],
    ['just ahead', `pg_current_xact_id()::text::bigint + 20 + xid::text::bigint % 40`],
    ['long past', `3 + xid::text::bigint % 5`],
  ])('is right in a trail that was restored from another cluster, whose xids are %s', async (_, xid) => {
    const bed = await open();
    const { trail, sealing, grow } = bed;
    await grow(8);
    await sealing.next(4);
    await grow(4);
    await trail.client.query(UNGUARD);
    await trail.client.query(`UPDATE indelible_event SET xid = (${xid})::text::xid8`);
    await trail.client.query(
      `UPDATE indelible_head SET place = replace(place, '{"cluster":"', '{"cluster":"another')`,
    );
    await expectRight(bed);
    for (let round = 0; round < 8; round += 1) {
      await sealing.next(3);
      await expectRight(bed);
      await grow(2);
      await expectRight(bed);
      for (let n = 0; n < 15; n += 1) await trail.client.query('SELECT pg_current_xact_id()');
    }
    await sealing.all();
    await expectRight(bed);
    await trail.client.query(FALSIFY);
    expect((await trail.store.summarize(MONTHS)).total).toBeGreaterThan(1_000);
  });

  it('counts once what is sealed between the look at the log and the counting', async () => {
    const bed = await open();
    await bed.grow(5);
    await bed.sealing.all();
    await bed.grow(6);
    const between = pausing(bed.trail.url, () => bed.sealing.all());
    const summary = await new PostgresStore({ pool: between.pool }).summarize(MONTHS);
    expect(between.pauses()).toBe(1);
    expect(summary).toEqual(naiveSummary(MONTHS, bed.entries));
  });

  it('counts no event twice that has its leaf and lies behind the place of the log', async () => {
    const bed = await open();
    await bed.grow(9);
    await bed.sealing.all();
    await bed.trail.client.query(`UPDATE indelible_head SET place = jsonb_set(jsonb_set(place::jsonb,
      '{seen}', '"3:3:"'), '{doubt}', '"4000000000"')::text`);
    await expectRight(bed);
  });

  it('is answered from the tallies to a role that may only read', async () => {
    const trail = await openTrail(server, { roles: true });
    onTestFinished(() => trail.close());
    await trail.store.append(Array.from({ length: 9 }, () => someEvent(new Chance(4))));
    await new Sealing(trail.store).all();
    await trail.client.query(FALSIFY);
    const reader = await trail.storeAs('GRANT indelible_reader TO $role');
    expect((await reader.summarize(MONTHS)).total).toBeGreaterThan(1_000);
  });

  it('does without tallies where the log cannot say what is in them', async () => {
    const bed = await open();
    await bed.grow(9);
    await bed.sealing.all();
    await bed.trail.client.query(FALSIFY);
    await bed.trail.client.query(`UPDATE indelible_head SET place = 'lost'`);
    await expectRight(bed);
  });

  it.each(['null', `'9000000000'`])(
    'reads no more events than have no leaf, with a doubt of %s',
    async (doubt) => {
      const { trail } = await open();
      const watch = watchedPool(trail.url);
      onTestFinished(() => watch.end());
      await trail.client.query(FILL, ['3']);
      if (doubt !== 'null') await trail.client.query(FILL, ['8000000000']);
      await trail.client.query('ANALYZE');
      await trail.client.query(
        `UPDATE indelible_head SET place = json_build_object('cluster', indelible_cluster(),
        'seen', '${ROWS / 50}:${ROWS / 50}:', 'until', NULL, 'after', NULL, 'doubt', ${doubt})::text`,
      );
      await new PostgresStore({ pool: watch.pool }).summarize(MONTHS);
      const sent = watch.sent.find(({ text }) => text.includes('pg_visible_in_snapshot'));
      expect(await eventsRead(trail, sent)).toBe(150);
    },
  );
});

/** A pool whose connections wait for some work before they count. */
function pausing(
  connectionString: string,
  work: () => Promise<void>,
): { pool: { connect(): Promise<PoolClient> }; pauses: () => number } {
  const pool = new Pool({ connectionString });
  // The database is dropped while a connection of it may still be closing.
  pool.on('connect', (client) => client.on('error', () => undefined));
  onTestFinished(() => pool.end());
  let pauses = 0;
  const query =
    (client: PoolClient) =>
    async (text: string, values: unknown[] = []): Promise<unknown> => {
      if (text.includes('pg_visible_in_snapshot')) {
        pauses += 1;
        await work();
      }
      return client.query(text, values);
    };
  const lend = async (): Promise<PoolClient> =>
    new Proxy(await pool.connect(), {
      get: (client, name) => {
        const member: unknown = name === 'query' ? query(client) : Reflect.get(client, name);
        return typeof member === 'function' && name !== 'query' ? (member.bind(client) as unknown) : member;
      },
    });
  return { pool: { connect: lend }, pauses: () => pauses };
}

/** The rows that a statement reads from the events, as it is planned and run. */
async function eventsRead({ client }: PostgresTrail, sent: Sent | undefined): Promise<number> {
  const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Node }] }>(
    `EXPLAIN (ANALYZE, FORMAT JSON) ${sent?.text}`,
    sent?.values,
  );
  const nodes = rows.flatMap((row) => nodesOf(row['QUERY PLAN'][0].Plan));
  return nodes
    .filter((node) => node['Relation Name']?.startsWith('indelible_event_'))
    .map((node) => (node['Actual Rows'] + (node['Rows Removed by Filter'] ?? 0)) * node['Actual Loops'])
    .reduce((sum, read) => sum + read, 0);
}

function nodesOf(node: Node): Node[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}
