import { describe, expect, it, onTestFinished } from 'vitest';

import { someEntries } from '../../../test/entries.js';
import { openTrail, type PostgresTrail } from '../../../test/postgres-trail.js';
import { postgresServers } from '../../../test/servers/postgres.js';
import { type Sent, watchedPool } from '../../../test/watched-pool.js';
import { assertHead, Sealed, sealAll, sealNext } from '../../testing/seal-log/sealed.js';
import { PostgresStore } from './postgres-store.js';

/** What a dump holds, in the order it is loaded in. */
const TABLES = ['event', 'seal', 'node', 'checkpoint', 'rollup'];
const HEAD = 'size, root, frontier, place';

interface Bed {
  readonly trail: PostgresTrail;
  readonly log: PostgresStore;
}

describe.each(postgresServers())('the seal log of a trail restored on $name', (server) => {
  async function open(): Promise<Bed> {
    const trail = await openTrail(server);
    const log = new PostgresStore({ connectionString: trail.url });
    onTestFinished(async () => {
      await log.close();
      await trail.close();
    });
    return { trail, log };
  }

  /** A trail of which eight events are sealed, in the midst of a window, and four are not. */
  async function openHalfSealed(): Promise<{ trail: PostgresTrail; ids: string[]; sealed: Sealed }> {
    const { trail, log } = await open();
    const entries = someEntries(12);
    for (const entry of entries.slice(0, 6)) await trail.store.append([entry]);
    let sealed = await sealNext(log, new Sealed(), 4);
    sealed = await sealNext(log, sealed, 2);
    for (const entry of entries.slice(6)) await trail.store.append([entry]);
    sealed = await sealNext(log, sealed, 2);
    return { trail, sealed, ids: entries.map(({ core }) => core.id) };
  }

  it.each([
    ['the same', (xid: bigint) => xid],
    ['those of an older cluster, far ahead', (xid: bigint) => xid + 1_000_000_000n],
    ['those of an older cluster, just ahead', (xid: bigint, now: bigint) => now + 20n + (xid % 40n)],
    ['those of a younger cluster, long past', (xid: bigint) => 3n + (xid % 5n)],
  ])('has one leaf for each event when its xids are %s', async (_, shift) => {
    const source = await openHalfSealed();
    const { trail, log } = await open();
    await restore(source.trail, trail, shift);
    expect(await log.strays(10)).toEqual([]);
    expect(await log.lag()).toMatchObject({ count: 4 });
    let sealed = await sealNext(log, source.sealed, 3);
    const fresh = someEntries(6);
    await trail.store.append(fresh.slice(0, 2));
    sealed = await sealAll(log, sealed, 2);
    for (const entry of fresh.slice(2)) {
      await pass(trail, 40);
      await trail.store.append([entry]);
      sealed = await sealAll(log, sealed, 2);
    }
    await pass(trail, 40);
    sealed = await sealAll(log, sealed);
    expect(sealed.ids.toSorted()).toEqual([...source.ids, ...fresh.map(({ core }) => core.id)].toSorted());
    assertHead(await log.head(), sealed.head);
    expect(await log.strays(10)).toEqual([]);
    expect(await log.lag()).toEqual({ count: 0, oldest: null });
  });

  it('goes on after a restore with windows: no question reads what was restored again', async () => {
    const source = await openHalfSealed();
    const { trail, log } = await open();
    await restore(source.trail, trail, (xid) => xid + 1_000_000_000n);
    const sealed = await sealAll(log, source.sealed);
    await trail.store.append(someEntries(1));
    await sealAll(log, sealed);
    const { ranges, store } = watched(trail);
    await store.pending(10);
    expect(ranges().length).toBeGreaterThan(0);
    for (const [, upper = ''] of ranges()) expect(BigInt(upper)).toBeLessThan(1_000_000_000n);
  });

  it('is looked through once, also when nothing in it is left to seal', async () => {
    const source = await openHalfSealed();
    const { trail, log } = await open();
    await sealAll(new PostgresStore({ connectionString: source.trail.url }), source.sealed);
    await restore(source.trail, trail, (xid) => xid);
    const { ranges, store } = watched(trail);
    const everything = (): unknown[] => ranges().filter(([lower]) => lower === '0');
    expect((await store.pending(10)).entries).toEqual([]);
    const first = everything().length;
    expect(first).toBeGreaterThan(0);
    expect((await store.pending(10)).entries).toEqual([]);
    expect(everything()).toHaveLength(first);
    await trail.store.append(someEntries(2));
    expect((await store.pending(10)).entries).toHaveLength(2);
    expect((await log.pending(10)).entries).toHaveLength(2);
  });

  it('is looked through when the xids of its own cluster have run backwards', async () => {
    const { trail, sealed, ids } = await openHalfSealed();
    const log = new PostgresStore({ connectionString: trail.url });
    onTestFinished(() => log.close());
    await trail.client.query(`UPDATE indelible_head SET place =
      jsonb_set(jsonb_set(place::jsonb, '{seen}', '"9000000000:9000000000:"'), '{until}', 'null')::text`);
    expect((await sealAll(log, sealed, 3)).ids).toEqual(ids);
  });

  it('is looked through for strays only up to where it has been sealed', async () => {
    const { trail, log } = await open();
    await trail.store.append(someEntries(3));
    await sealAll(log);
    await trail.client.query(
      `UPDATE indelible_head SET place = replace(place, '{"cluster":"', '{"cluster":"another')`,
    );
    await trail.store.append(someEntries(2));
    expect(await log.strays(10)).toEqual([]);
  });

  it('names an event with an xid that no transaction has had yet as a stray', async () => {
    const { trail, log } = await open();
    const entries = someEntries(2);
    await trail.store.append(entries);
    const sealed = await sealAll(log);
    const [row] = (await trail.client.query('SELECT to_jsonb(e) AS row FROM indelible_event AS e LIMIT 1'))
      .rows;
    const id = someEntries(1)[0]?.core.id;
    await load(trail, 'event', [{ ...(row as { row: object }).row, id, xid: '9000000000' }]);
    expect(await log.strays(10)).toEqual([id]);
    expect((await log.pending(10)).entries).toEqual([]);
    assertHead(await log.head(), sealed.head);
  });
});

async function restore(
  from: PostgresTrail,
  to: PostgresTrail,
  shift: (xid: bigint, now: bigint) => bigint,
): Promise<void> {
  const now = BigInt(String((await to.client.query('SELECT pg_current_xact_id() AS xid')).rows[0]?.xid));
  for (const table of TABLES) {
    const { rows } = await from.client.query<{ row: { xid?: string } }>(
      `SELECT to_jsonb(t) AS row FROM indelible_${table} AS t`,
    );
    const shifted = rows.map(({ row }) =>
      row.xid === undefined ? row : { ...row, xid: String(shift(BigInt(row.xid), now)) },
    );
    await load(to, table, shifted);
  }
  const { rows } = await from.client.query<Record<string, unknown>>(`SELECT ${HEAD} FROM indelible_head`);
  await to.client.query(
    `UPDATE indelible_head SET (${HEAD}) = ROW($1::bigint, $2::bytea, $3::bytea, $4)`,
    Object.values(rows[0] ?? {}),
  );
}

async function load({ client }: PostgresTrail, table: string, rows: readonly object[]): Promise<void> {
  await client.query(
    `INSERT INTO indelible_${table} SELECT * FROM jsonb_populate_recordset(NULL::indelible_${table}, $1)`,
    [JSON.stringify(rows)],
  );
}

/** Lets so many transactions of others pass. */
async function pass({ client }: PostgresTrail, count: number): Promise<void> {
  for (let n = 0; n < count; n += 1) await client.query('SELECT pg_current_xact_id()');
}

/** A store, and the ends of the range of xids that each of its questions for what is new was about. */
function watched(trail: PostgresTrail): { ranges: () => string[][]; store: PostgresStore } {
  const watch = watchedPool(trail.url);
  onTestFinished(() => watch.end());
  const questions = (): Sent[] => watch.sent.filter(({ text }) => text.includes('pg_visible_in_snapshot'));
  return {
    ranges: () => questions().map(({ values }) => values.slice(1, 3).map(String)),
    store: new PostgresStore({ pool: watch.pool }),
  };
}
