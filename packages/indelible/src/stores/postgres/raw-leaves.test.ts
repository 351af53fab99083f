import { describe, expect, it, onTestFinished } from 'vitest';

import { someEntries } from '../../../test/entries.js';
import { connect, openTrail, type PostgresTrail } from '../../../test/postgres-trail.js';
import { postgresServers } from '../../../test/servers/postgres.js';
import { watchedPool } from '../../../test/watched-pool.js';
import { canonicalize } from '../../integrity/canonical.js';
import { sealAll } from '../../testing/seal-log/sealed.js';
import type { SealedLeaf } from '../seal-log.js';
import { PostgresStore } from './postgres-store.js';

/** What can happen to a row that no store wrote so. */
const ODD = [
  'salt = NULL',
  'payload = NULL',
  'payload = NULL, salt = NULL',
  "salt = '\\x00'",
  'process_n = NULL',
  'process_n = -1, count = -1, v = -1',
  'process_n = 9223372036854775807, count = 9007199254740993',
  'count = 0, actor_id = NULL, target_type = NULL, subject_id = NULL',
  "tenant_id = '', actor_id = '', target_id = '', subject_id = '', process_id = ''",
  `actor_id = E'"\\\\ \\u00e9 \\U0001F600 \\u2028 \\n\\x01', target_id = '\\ud800'`,
];

describe.each(postgresServers())('leaves with the bytes of their events, on $name', (server) => {
  async function open(count: number): Promise<{ trail: PostgresTrail; store: PostgresStore }> {
    const trail = await openTrail(server);
    const store = new PostgresStore({ connectionString: trail.url, readTimeoutMs: 2_000 });
    onTestFinished(async () => {
      await store.close();
      await trail.close();
    });
    await trail.store.append(someEntries(count));
    await sealAll(trail.store, undefined, 10);
    await trail.client.query('ALTER TABLE indelible_event DISABLE TRIGGER indelible_guard');
    await trail.client.query('ALTER TABLE indelible_seal DISABLE TRIGGER indelible_guard');
    return { trail, store };
  }

  it.each(ODD)('tell just what the entries tell, also of one with %s', async (change) => {
    const { trail, store } = await open(5);
    const [, , odd] = await store.leaves(0, 5);
    await past(trail, `UPDATE indelible_event SET ${change} WHERE id = '${odd?.id}'`);
    const leaves = await store.leaves(0, 5);
    const raw = await store.rawLeaves(0, 5);
    expect(raw.map(factsOf)).toEqual(leaves.map(factsOf));
    for (const { bytes, entry } of raw) {
      if (bytes === undefined) continue;
      expect(Buffer.from(bytes.leaf()).toString()).toBe(`\0${canonicalize(entry?.core)}`);
      expect(bytes.digest()).toBe(entry?.core.payload_digest);
      expect(Buffer.from(bytes.sealed()).toString('hex')).toBe(
        `${entry?.salt}${Buffer.from(entry?.payload ?? '').toString('hex')}`,
      );
    }
    expect(raw.filter(({ bytes }) => bytes !== undefined).length).toBeGreaterThanOrEqual(4);
  });

  it('have no bytes where the payload or the salt is gone, or where nothing is left of the event', async () => {
    const { trail, store } = await open(4);
    const ids = (await store.leaves(0, 4)).map(({ id }) => id);
    await past(trail, `UPDATE indelible_event SET payload = NULL WHERE id = '${ids[0]}'`);
    await past(trail, `UPDATE indelible_event SET salt = NULL WHERE id = '${ids[1]}'`);
    await past(trail, `DELETE FROM indelible_event WHERE id = '${ids[2]}'`);
    const raw = await store.rawLeaves(0, 4);
    expect(raw.map(({ id, bytes, entry }) => [id, bytes !== undefined, entry?.core.id])).toEqual([
      [ids[0], false, ids[0]],
      [ids[1], false, ids[1]],
      [ids[2], false, undefined],
      [ids[3], true, ids[3]],
    ]);
  });

  it.each([
    'ids = ids[1:4]',
    'ids = ids[1:4] || NULL::uuid',
    "ids = '{}'",
    'hashes = substr(hashes, 1, 100)',
    'first = first + 3',
  ])('are told from the leaves as they are otherwise read where the log has %s', async (change) => {
    const { trail, store } = await open(5);
    await past(
      trail,
      `ALTER TABLE indelible_seal DROP CONSTRAINT IF EXISTS indelible_seal_size,
      DROP CONSTRAINT IF EXISTS indelible_seal_form`,
    );
    await past(trail, `UPDATE indelible_seal SET ${change}`);
    const leaves = await store.leaves(0, 9);
    expect((await store.rawLeaves(0, 9)).map(factsOf)).toEqual(leaves.map(factsOf));
  });

  it('are as many as there are events, and larger ones than were expected', async () => {
    const { store } = await open(700);
    for (const [from, limit] of [
      [0, 1],
      [0, 700],
      [699, 10],
      [700, 10],
      [5, 0],
    ] as const)
      expect((await store.rawLeaves(from, limit)).map(factsOf)).toEqual(
        (await store.leaves(from, limit)).map(factsOf),
      );
  });

  it('are refused for what is no index, since it would stand in a statement', async () => {
    const { store } = await open(1);
    await expect(store.rawLeaves(0.5, 1)).rejects.toThrow('BigInt');
    await expect(store.rawLeaves('0; SELECT 1' as unknown as number, 1)).rejects.toThrow('BigInt');
  });

  it('leave the connection usable when the server refuses them or takes too long', async () => {
    const { trail } = await open(3);
    const watch = watchedPool(trail.url);
    const store = new PostgresStore({ pool: watch.pool, readTimeoutMs: 300 });
    onTestFinished(() => watch.end());
    await trail.client.query('BEGIN; LOCK TABLE indelible_seal');
    await expect(store.rawLeaves(0, 3)).rejects.toMatchObject({ code: 'QUERY_TIMEOUT' });
    await trail.client.query('COMMIT; ALTER TABLE indelible_seal RENAME TO indelible_seals');
    await expect(store.rawLeaves(0, 3)).rejects.toMatchObject({ code: 'STORE_NOT_MIGRATED' });
    await trail.client.query('ALTER TABLE indelible_seals RENAME TO indelible_seal');
    expect(await store.rawLeaves(0, 3)).toHaveLength(3);
  });

  it('fail with the connection that is lost in the midst of them, and come by another', async () => {
    const { trail, store } = await open(3);
    const other = await connect(trail.url);
    onTestFinished(() => other.end());
    await trail.client.query('BEGIN; LOCK TABLE indelible_event');
    const lost = store.rawLeaves(0, 3).catch((error: unknown) => error);
    await expect
      .poll(async () => {
        const { rows } = await other.query(
          `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND wait_event_type = 'Lock'`,
        );
        return rows.length;
      })
      .toBe(1);
    expect(await lost).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await trail.client.query('COMMIT');
    expect(await store.rawLeaves(0, 3)).toHaveLength(3);
  });
});

async function past({ client }: PostgresTrail, statement: string): Promise<void> {
  await client.query(`SET session_replication_role = replica; ${statement}`);
}

function factsOf({ index, id, hash, entry }: SealedLeaf): unknown[] {
  const { core, payload, salt } = entry ?? {};
  return [index, id, Buffer.from(hash).toString('hex'), core, payload, salt];
}
