import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import { idAt, someEntry } from '../../../test/entries.js';
import { openTrail, type PostgresTrail } from '../../../test/postgres-trail.js';
import { postgresServers } from '../../../test/servers/postgres.js';
import { type WatchedPool, watchedPool } from '../../../test/watched-pool.js';
import type { Entry } from '../../event/entry.js';
import { samples } from '../../testing/contract/sample.js';
import { counted, decided, someLife, split, storeAndSeal, take } from '../../testing/removal/filled.js';
import { addedUp, Sealed } from '../../testing/seal-log/sealed.js';
import type { Selection } from '../removal.js';
import type { Tally } from '../seal-log.js';
import { talliesOf } from '../tallies.js';
import { PostgresStore } from './postgres-store.js';

const WRITERS = 8;
const ROUNDS = 12;
const BATCH = 15;
const TALLIES = `SELECT to_char(quarter AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS quarter, tenant_id AS "tenantId",
  kind, value, count::int FROM indelible_rollup`;
const ALL: Selection = {
  clauses: [{ match: {}, except: [], recordedBefore: '9999-01-01T00:00:00Z' }],
  holds: [],
};

describe.each(postgresServers())('retention on $name', (server) => {
  async function open(): Promise<{ trail: PostgresTrail; store: PostgresStore }> {
    const trail = await openTrail(server);
    const store = new PostgresStore({ connectionString: trail.url, max: 12 });
    onTestFinished(async () => {
      await store.close();
      await trail.close();
    });
    return { trail, store };
  }

  it('P49: goes on beside eight writers and the sealer: none waits for ever, and nothing else is lost', async () => {
    const { trail, store } = await open();
    const { gone, left } = split(someLife(200), 2);
    await storeAndSeal(store, [...gone, ...left]);
    const writing = Array.from({ length: WRITERS }, (_, n) => write(store, n));
    let isOver = false;
    const sealing = sealUntil(store, () => isOver);
    await Promise.all(['purge', 'erase', 'purge'].map((kind, n) => removing(store, kind, gone, n)));
    const written = (await Promise.all(writing)).flat();
    isOver = true;
    await sealing;
    const { rows } = await trail.client.query<{ id: string }>('SELECT id FROM indelible_event ORDER BY id');
    const whole = [...left, ...written];
    expect(rows.map(({ id }) => id)).toEqual(whole.map(({ core }) => core.id).toSorted());
    expect(addedUp((await trail.client.query<Tally>(TALLIES)).rows)).toEqual(counted(whole));
    expect(await store.strays(10)).toEqual([]);
    expect((await store.head()).size).toBe(gone.length + whole.length);
  });

  it('waits for a sealer that counts, and is never waited for by what it waits for', async () => {
    const { trail, store } = await open();
    const entries = someLife(10);
    await storeAndSeal(store, entries);
    const eventId = await decided(store, 'purge');
    await trail.client.query(`BEGIN; UPDATE indelible_head SET place = place;
      UPDATE indelible_rollup SET count = count WHERE (tenant_id, kind) = ('zeta', 'total')`);
    const removed = take(
      store,
      eventId,
      entries.map(({ core }) => core.id),
    );
    await expect.poll(() => waiting(trail)).toBe(1);
    await trail.client.query('UPDATE indelible_rollup SET count = count + 1; COMMIT');
    expect(await removed).toBe(entries.length);
    const { rows } = await trail.client.query<{ count: number }>('SELECT count::int FROM indelible_rollup');
    expect(new Set(rows.map(({ count }) => count))).toEqual(new Set([1]));
  });

  it('P49: keeps its place as the only runner on a connection besides those of the store', async () => {
    const { trail } = await open();
    const others = await connections(trail);
    const small = new PostgresStore({ connectionString: trail.url, max: 1 });
    onTestFinished(() => small.close());
    const run = small.retention.exclusively(async () => [
      await small.retention.exclusively(async () => 'a second one'),
      (await small.head()).size,
      await connections(trail),
    ]);
    expect(await run).toEqual([undefined, 0, others + 2]);
    await expect.poll(() => connections(trail)).toBe(others + 1);
  });

  it('counts what came back after its purge neither in nor out', async () => {
    const { trail, store } = await open();
    const entries = someLife(5);
    await storeAndSeal(store, entries);
    const [back, ...others] = entries;
    const ids = back === undefined ? [] : [back.core.id];
    expect(await take(store, await decided(store, 'purge'), ids)).toBe(1);
    await store.append(back === undefined ? [] : [back]);
    await storeAndSeal(store, []);
    expect(await store.strays(10)).toEqual(ids);
    expect(await take(store, await decided(store, 'purge'), ids)).toBe(1);
    expect(await store.strays(10)).toEqual([]);
    expect(addedUp((await trail.client.query<Tally>(TALLIES)).rows)).toEqual(counted(others));
  });

  it('finds the leaf of an event in whatever run it is, and of many runs over the same ids', async () => {
    const { trail, store } = await open();
    const entries = [9, 1, 8, 2, 7, 3, 6, 4, 5, 0].flatMap((n) =>
      samples(3, (m) => ({ core: { id: idAt('2026-03-01T00:00:00Z', 10 * m + n) } })),
    );
    for (let at = 0; at < entries.length; at += 5) await storeAndSeal(store, entries.slice(at, at + 5));
    const ids = entries.map(({ core }) => core.id);
    const { rows } = await trail.client.query<{ id: string; index: number }>(
      'SELECT id, index::int FROM indelible_leaves($1) ORDER BY index',
      [[...ids, someEntry().core.id, ...ids]],
    );
    const leaves = await store.leaves(0, 100);
    expect(rows).toEqual(leaves.map(({ id, index }) => ({ id, index })));
    expect(rows).toHaveLength(30);
  });
});

/** How many connections of stores there are. */
async function connections({ client }: PostgresTrail): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM pg_stat_activity
    WHERE datname = current_database() AND application_name = 'indelible'`,
  );
  return rows[0]?.count ?? 0;
}

/** How many connections wait for a lock. */
async function waiting({ client }: PostgresTrail): Promise<number> {
  const { rows } = await client.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return rows[0]?.count ?? 0;
}

async function write(store: PostgresStore, writer: number): Promise<Entry[]> {
  const written: Entry[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const size = round % 4 === 0 ? 80 : 3;
    const entries = samples(size, (n) => ({
      core: { tenant_id: `t${writer % 3}`, action: n % 2 === 0 ? 'READ' : 'UPDATE' },
      search: n % 3 === 0 ? { role: 'dentist', subjects: ['s1', `s${n}`] } : {},
    }));
    expect(await store.append(entries)).toEqual({ conflicts: [] });
    written.push(...entries);
  }
  return written;
}

async function sealUntil(store: PostgresStore, isOver: () => boolean): Promise<void> {
  for (let isLast = false; !isLast;) {
    isLast = isOver();
    const { size } = await store.head();
    const leaves = await store.leaves(0, size);
    let sealed = new Sealed(
      leaves.map(({ id }) => id),
      new Sealed().tree.with(leaves.map(({ hash }) => hash)),
    );
    for (let pending = await store.pending(100); pending.entries.length > 0;) {
      const batch = { ...sealed.batch(pending), tallies: talliesOf(pending.entries) };
      expect(await store.seal(batch)).toBe(true);
      sealed = sealed.after(pending.entries);
      pending = await store.pending(100);
    }
  }
}

/** Some of the batches overlap, and go the other way round. */
async function removing(
  store: PostgresStore,
  kind: string,
  gone: readonly Entry[],
  n: number,
): Promise<void> {
  const eventId = await decided(store, kind === 'purge' ? 'purge' : 'erase');
  const ids = gone.map(({ core }) => core.id);
  const ordered = n === 0 ? ids : ids.toReversed();
  for (let at = 0; at < ordered.length; at += BATCH)
    await take(store, eventId, ordered.slice(at, at + BATCH));
  await store.retention.finish(eventId);
}

const ROWS = 30_000;
const MONTHS = 4;
/** As many in each of the last months, stored when their ids say, and none in the month to come. */
const FILL = `INSERT INTO indelible_event (id, recorded_at, v, action, outcome, source, actor_type, subject_id, payload_digest)
  SELECT overlay(gen_random_uuid()::text PLACING left(indelible_month_floor(at::date)::text, 13) FROM 1 FOR 13)::uuid,
    at, 1, 'READ', 'success', 'read', 'user', 's' || n % 5000, sha256('')
  FROM generate_series(0, ${ROWS - 1}) AS n,
    LATERAL (SELECT date_trunc('month', now()) - make_interval(months => n * ${MONTHS} / ${ROWS}) AS at) AS month`;

/** Every event of them has a leaf. */
const SEAL = `INSERT INTO indelible_seal (first, least, greatest, size, ids, hashes)
  SELECT run * 1000, ids[1], ids[1000], 1000, ids, decode(repeat('00', 32000), 'hex') FROM (
    SELECT run, array_agg(id ORDER BY id) AS ids
    FROM (SELECT id, (row_number() OVER (ORDER BY id) - 1) / 1000 AS run FROM indelible_event) AS placed GROUP BY run
  ) AS runs`;

describe.each(postgresServers())('what a selection asks of $name', (server) => {
  let trail: PostgresTrail;
  let watch: WatchedPool;
  let store: PostgresStore;

  beforeAll(async () => {
    trail = await openTrail(server, { monthsBack: MONTHS });
    watch = watchedPool(trail.url);
    store = new PostgresStore({ pool: watch.pool });
    await trail.client.query(FILL);
    await trail.client.query(SEAL);
    await trail.client.query('VACUUM ANALYZE indelible_event');
  });
  afterAll(async () => {
    await watch.end();
    await trail.close();
  });

  /** How many rows the statements of one question read from the events, each under its own settings. */
  async function rowsRead(ask: () => Promise<unknown>): Promise<number> {
    const from = watch.sent.length;
    await ask();
    const sent = watch.sent.slice(from);
    let read = 0;
    for (const [n, { text, values }] of sent.entries()) {
      if (!text.includes('FROM indelible_event')) continue;
      await trail.client.query(sent[n - 1]?.text ?? '');
      const { rows } = await trail.client.query(`EXPLAIN (ANALYZE, FORMAT JSON) ${text}`, values);
      await trail.client.query('ROLLBACK');
      read += readBy((rows[0] as { 'QUERY PLAN': [{ Plan: Node }] })['QUERY PLAN'][0].Plan);
    }
    return read;
  }

  const before = (monthsAgo: number, match = {}): Selection => {
    const now = new Date();
    const recordedBefore = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - monthsAgo, 2));
    return { clauses: [{ match, except: [], recordedBefore: recordedBefore.toISOString() }], holds: [] };
  };

  it('P49: reads a page from where the last one ended, and no more', async () => {
    let after: string | null = null;
    for (let page = 0; page < 3; page += 1) {
      const from: string | null = after;
      expect(await rowsRead(() => store.retention.select(before(1), from, 500))).toBeLessThan(600);
      const leaves = await store.retention.select(before(1), from, 500);
      expect(leaves.map(({ index }) => index)).toEqual(Array.from({ length: 500 }, (_, n) => page * 500 + n));
      after = leaves.at(-1)?.id ?? null;
    }
  });

  it('P49: reads what is old, and of what was stored later next to nothing', async () => {
    const old = (ROWS / MONTHS) * (MONTHS - 1);
    expect((await store.retention.preview(before(1))).count).toBe(old);
    expect(await rowsRead(() => store.retention.preview(before(1)))).toBeLessThan(old * 1.05);
    expect(await rowsRead(() => store.retention.preview(before(MONTHS + 12)))).toBeLessThan(ROWS / 100);
  });

  it('P39: finds one person by an index', async () => {
    expect(await rowsRead(() => store.retention.preview(before(-12, { subjectId: 's7' })))).toBeLessThan(100);
  });

  it('is asked all over when all of it is old', async () => {
    expect(await rowsRead(() => store.retention.preview(ALL))).toBeGreaterThanOrEqual(ROWS);
  });
});

interface Node {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Actual Rows': number;
  readonly 'Actual Loops': number;
  readonly 'Rows Removed by Filter'?: number;
  readonly 'Rows Removed by Index Recheck'?: number;
  readonly Plans?: readonly Node[];
}

function readBy(node: Node): number {
  const inner = (node.Plans ?? []).reduce((sum, child) => sum + readBy(child), 0);
  if (node['Relation Name']?.startsWith('indelible_event_') !== true) return inner;
  const passed = (node['Rows Removed by Filter'] ?? 0) + (node['Rows Removed by Index Recheck'] ?? 0);
  return inner + (node['Actual Rows'] + passed) * node['Actual Loops'];
}
