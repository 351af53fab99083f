import { setTimeout as sleep } from 'node:timers/promises';

import type { Client } from 'pg';
import { describe, expect, it, onTestFinished } from 'vitest';

import { idAt, someEntries, someEntry } from '../../../test/entries.js';
import { connect, openTrail, type PostgresTrail } from '../../../test/postgres-trail.js';
import { createDatabase, postgresServers } from '../../../test/servers/postgres.js';
import type { Entry } from '../../event/entry.js';
import { NaiveTree } from '../../testing/seal-log/naive-tree.js';
import { assertHead, Sealed, sealAll } from '../../testing/seal-log/sealed.js';
import { onFailpoint } from '../failpoints.js';
import { PostgresStore } from './postgres-store.js';
import { COLUMN_LIST, COLUMNS, toRow, TYPED_COLUMN_LIST } from './rows.js';

const INSERT = `INSERT INTO indelible_event (${COLUMN_LIST})
  SELECT ${COLUMN_LIST} FROM json_to_record($1) AS entry (${TYPED_COLUMN_LIST})`;
const WRITERS = 32;
const TRANSACTIONS = 12;

interface Bed {
  readonly trail: PostgresTrail;
  readonly log: PostgresStore;
  readonly another: () => PostgresStore;
}

describe.each(postgresServers())('the seal log on $name', (server) => {
  async function open(): Promise<Bed> {
    const trail = await openTrail(server);
    const stores: PostgresStore[] = [];
    const another = (): PostgresStore => {
      const store = new PostgresStore({ connectionString: trail.url, max: 3, writeTimeoutMs: 10_000 });
      stores.push(store);
      return store;
    };
    onTestFinished(async () => {
      await Promise.all(stores.map((store) => store.close()));
      await trail.close();
    });
    return { trail, log: another(), another };
  }

  async function connection(trail: PostgresTrail): Promise<Client> {
    const client = await connect(trail.url);
    onTestFinished(() => client.end());
    return client;
  }

  it('P31: seals exactly what 32 writers commit, each event once, whatever they roll back and however late they end', async () => {
    const { trail, log, another } = await open();
    const clients = await Promise.all(Array.from({ length: WRITERS }, () => connection(trail)));
    const run = { isOver: false };
    const writing = Promise.all(clients.map(writeInTransactions)).finally(() => (run.isOver = true));
    const sealers = Promise.all([log, another()].map((store) => sealWhile(store, run)));
    const committed = (await writing).flat();
    expect(Math.max(...(await sealers))).toBeGreaterThan(3);
    await sealAll(log, await readAll(log), 50);
    const { rows } = await trail.client.query<{ id: string }>(
      'SELECT unnest(ids)::text AS id FROM indelible_seal',
    );
    expect(rows.map(({ id }) => id).toSorted()).toEqual(committed.toSorted());
    expect(committed.length).toBeGreaterThan(WRITERS * TRANSACTIONS);
    expect(await log.strays(10)).toEqual([]);
    expect(await log.lag()).toEqual({ count: 0, oldest: null });
  });

  it('lets two sealers take turns, one leaf for each event, and a head that is that of the leaves', async () => {
    const { trail, log, another } = await open();
    const entries = someEntries(300);
    await trail.store.append(entries);
    const run = { isOver: false };
    const rivals = Promise.all([log, another()].map((store) => sealWhile(store, run)));
    await expect.poll(async () => (await log.head()).size, { timeout: 20_000 }).toBe(300);
    run.isOver = true;
    await rivals;
    const sealed = await readAll(log);
    assertHead(await log.head(), sealed.head);
    expect(sealed.ids.toSorted()).toEqual(entries.map(({ core }) => core.id));
  });

  it('answers false at once while another sealer is inside', async () => {
    const { trail, log } = await open();
    await trail.store.append(someEntries(3));
    const batch = new Sealed().batch(await log.pending(10));
    await trail.client.query('BEGIN; SELECT pg_advisory_xact_lock(7954885183362)');
    expect(await log.seal(batch)).toBe(false);
    await trail.client.query('ROLLBACK');
    expect(await log.seal(batch)).toBe(true);
  });

  it('holds to one head also when the lock is lost: the second batch finds it moved', async () => {
    const { trail, log } = await open();
    await trail.store.append(someEntries(3));
    const batch = new Sealed().batch(await log.pending(10));
    // As a sealer would that was cut off from its lock in mid-transaction.
    await trail.client.query(`BEGIN; UPDATE indelible_head SET size = 1, root = sha256('x')`);
    const sealing = log.seal(batch);
    await sleep(100);
    await trail.client.query('COMMIT');
    expect(await sealing).toBe(false);
    expect((await trail.client.query('SELECT FROM indelible_seal')).rows).toEqual([]);
  });

  it('passes over no event whose transaction was open for long, and waits for none', async () => {
    const { trail, log } = await open();
    const [slow, slower] = await Promise.all([connection(trail), connection(trail)]);
    const late = someEntries(3);
    await slow.query('BEGIN');
    await insert(slow, late[0]);
    await slower.query('BEGIN');
    await insert(slower, late[1]);
    await slower.query('SAVEPOINT inner_one');
    await insert(slower, late[2]);
    let sealed = new Sealed();
    for (let n = 0; n < 3; n += 1) {
      await trail.store.append(someEntries(5));
      sealed = await sealAll(log, sealed, 4);
      expect(sealed.ids).toHaveLength(5 * (n + 1));
    }
    await slower.query('COMMIT');
    sealed = await sealAll(log, sealed, 1);
    expect(sealed.ids.slice(15)).toEqual([late[1]?.core.id, late[2]?.core.id]);
    await slow.query('COMMIT');
    expect((await sealAll(log, sealed)).ids.slice(17)).toEqual([late[0]?.core.id]);
    expect(await log.strays(10)).toEqual([]);
  });

  it('is held up by no long transaction in another database', async () => {
    const { trail, log } = await open();
    const other = await createDatabase(server);
    const elsewhere = await connect(other.url);
    onTestFinished(async () => {
      await elsewhere.end();
      await other.drop();
    });
    await elsewhere.query('BEGIN; CREATE TABLE mine (); SELECT pg_current_xact_id()');
    await trail.store.append(someEntries(4));
    const sealed = await sealAll(log);
    await trail.store.append(someEntries(4));
    expect((await sealAll(log, sealed)).ids).toHaveLength(8);
    expect((await log.pending(10)).entries).toEqual([]);
  });

  it('works a window through in small steps while others commit into it and behind it', async () => {
    const { trail, log } = await open();
    const open1 = await connection(trail);
    await open1.query('BEGIN');
    const late = someEntry();
    await insert(open1, late);
    await trail.store.append(someEntries(5));
    let sealed = await sealAll(log, new Sealed(), 2);
    await trail.store.append(someEntries(5));
    const first = sealed.batch(await log.pending(2));
    expect(await log.seal(first)).toBe(true);
    sealed = await readAll(log);
    await open1.query('COMMIT');
    await trail.store.append(someEntries(2));
    sealed = await sealAll(log, sealed, 2);
    const { rows } = await trail.client.query<{ id: string }>(
      'SELECT id::text FROM indelible_event ORDER BY id',
    );
    expect(sealed.ids.toSorted()).toEqual(rows.map(({ id }) => id));
    expect(sealed.ids).toContain(late.core.id);
  });

  it.each(['read committed', 'repeatable read', 'serializable'])(
    'loses no event that is just being brought to its month, in a database that is %s by default',
    async (isolation) => {
      const { trail, log } = await open();
      const mover = await connection(trail);
      const name = new URL(trail.url).pathname.slice(1);
      await trail.client.query(`ALTER DATABASE "${name}" SET default_transaction_isolation = '${isolation}'`);
      const stray = someEntry({ core: { id: idAt('2031-02-03T10:00Z') } });
      await trail.store.append([stray]);
      // The reader waits for the table while its events are moved: it must see them where they have come to.
      await mover.query(`BEGIN; SELECT indelible_make_partitions('2031-02-01', 1)`);
      const pending = log.pending(10);
      await sleep(200);
      await mover.query('COMMIT');
      expect((await pending).entries.map(({ core }) => core.id)).toEqual([stray.core.id]);
    },
  );

  it('leaves nothing of a batch when its connection is ended in mid-transaction, at whichever step', async () => {
    const { trail, log } = await open();
    await trail.store.append(someEntries(3));
    const batch = new Sealed().batch(await log.pending(10));
    for (const step of ['seal.begun', 'seal.leaves', 'seal.tallies', 'seal.checkpoint'] as const) {
      onFailpoint((at) => {
        if (at === step) throw new Error(`cut off at ${at}`);
      });
      await expect(log.seal(batch)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
      onFailpoint(undefined);
      assertHead(await log.head(), new Sealed().head);
      const { rows } = await trail.client.query(
        'SELECT FROM indelible_seal UNION ALL SELECT FROM indelible_checkpoint UNION ALL SELECT FROM indelible_rollup',
      );
      expect(rows).toEqual([]);
    }
    expect(await log.seal(batch)).toBe(true);
  });

  it('ends a sealer that falls silent in mid-transaction, so that another goes on', async () => {
    const { trail, log } = await open();
    await trail.store.append(someEntries(3));
    const batch = new Sealed().batch(await log.pending(10));
    const hasty = new PostgresStore({ connectionString: trail.url, writeTimeoutMs: 300 });
    onTestFinished(() => hasty.close());
    onFailpoint((at) => {
      // Blocks this whole process, and so its connection, until the server has had enough.
      if (at === 'seal.leaves') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1_500);
    });
    await expect(hasty.seal(batch)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    onFailpoint(undefined);
    expect(await log.seal(batch)).toBe(true);
  });

  it('says so when somebody took the head away', async () => {
    const { trail, log } = await open();
    await trail.client.query('DELETE FROM indelible_head');
    await expect(log.head()).rejects.toMatchObject({ code: 'LOG_DAMAGED' });
  });
});

/** Some transactions of a writer, some with savepoints, some rolled back; answers the ids of what it committed. */
async function writeInTransactions(client: Client): Promise<string[]> {
  const committed: string[] = [];
  for (let n = 0; n < TRANSACTIONS; n += 1) {
    const [kept, nested, undone] = someEntries(3);
    await client.query('BEGIN');
    await insert(client, kept);
    await client.query('SAVEPOINT one');
    await insert(client, nested);
    await client.query(n % 2 === 0 ? 'RELEASE one' : 'ROLLBACK TO one');
    await client.query('SAVEPOINT two');
    await insert(client, undone);
    await client.query('ROLLBACK TO two');
    await sleep(Math.random() * 200);
    const isKept = n % 5 !== 4;
    await client.query(isKept ? 'COMMIT' : 'ROLLBACK');
    const stored = n % 2 === 0 ? [kept, nested] : [kept];
    if (isKept) committed.push(...stored.map((entry) => entry?.core.id ?? ''));
  }
  return committed;
}

async function insert(client: Client, entry: Entry | undefined): Promise<void> {
  const row = entry && Object.fromEntries(toRow(entry).map((value, n) => [COLUMNS[n], value]));
  await client.query(INSERT, [row]);
}

/** Seals until it is over, whoever else does; answers how many batches were its own. */
async function sealWhile(store: PostgresStore, run: { isOver: boolean }): Promise<number> {
  let own = 0;
  while (!run.isOver) {
    const pending = await store.pending(7);
    const sealed = await readAll(store);
    if (pending.entries.length === 0 || pending.head.size !== sealed.tree.size) continue;
    if (await store.seal(sealed.batch(pending))) own += 1;
  }
  return own;
}

/** The log as its leaves have it. */
async function readAll(store: PostgresStore): Promise<Sealed> {
  const leaves = await store.leaves(0, 100_000);
  const tree = new NaiveTree(leaves.map(({ hash }) => hash));
  return new Sealed(
    leaves.map(({ id }) => id),
    tree,
  );
}
