import { describe, expect, it } from 'vitest';

import { openTrail } from '../../../test/postgres-trail.js';
import { postgresServers } from '../../../test/servers/postgres.js';
import { openSqliteTrail } from '../../../test/sqlite-trail.js';
import { type Audit, type AuditError, createAudit, type Store } from '../../index.js';
import { openCheckpoint } from '../../integrity/checkpoint.js';
import { SigningKey, VerifierKey } from '../../integrity/note-key.js';
import { createPostgresStore } from '../../postgres.js';
import { createSqliteStore } from '../../sqlite.js';
import { NaiveTree } from '../../testing/seal-log/naive-tree.js';

const KEY = SigningKey.create('example.com/audit');
const TRAILS = 4;
const WRITERS_EACH = 12;
const EACH = 5;

/** A database, a store on it for each trail, and what raw SQL finds in it. */
interface Ground {
  readonly newStore: () => Store;
  readonly rows: (sql: string) => Promise<Record<string, unknown>[]>;
  /** The runs of leaves in their order: how many distinct ids, and the hashes. */
  readonly runs: string;
  readonly close: () => Promise<void>;
}

async function onPostgres(server: { url: string }): Promise<Ground> {
  const trail = await openTrail(server);
  return {
    newStore: () => createPostgresStore({ connectionString: trail.url }),
    rows: async (sql) => (await trail.client.query<Record<string, unknown>>(sql)).rows,
    runs: "SELECT replace(array_to_string(ids, ''), '-', '') AS ids, hashes FROM indelible_seal ORDER BY first",
    close: () => trail.close(),
  };
}

async function onSqlite(): Promise<Ground> {
  const trail = await openSqliteTrail();
  return {
    newStore: () => createSqliteStore({ path: trail.path }),
    rows: async (sql) => trail.db.prepare<[], Record<string, unknown>>(sql).all(),
    runs: 'SELECT hex(ids) AS ids, hashes FROM indelible_seal ORDER BY first_index',
    close: () => trail.close(),
  };
}

describe.each<[string, () => Promise<Ground>]>([
  ...postgresServers().map((server): [string, () => Promise<Ground>] => [
    server.name,
    () => onPostgres(server),
  ]),
  ['SQLite', onSqlite],
])('several trails on one %s', (_, open) => {
  it('P31: seal every event of 48 writers once, in one tree, whoever of them does it', async () => {
    const ground = await open();
    const errors: AuditError[] = [];
    const audits: Audit[] = Array.from({ length: TRAILS }, () =>
      createAudit({
        store: ground.newStore(),
        spool: false,
        seal: { key: KEY, everyMs: 20, batchSize: 20 },
        log: () => undefined,
        onError: (error) => errors.push(error),
      }),
    );
    const write = async (audit: Audit): Promise<void> => {
      for (let n = 0; n < EACH; n += 1)
        await audit.record({ action: 'EXPORT', target: { type: 'Patient', id: String(n) } });
    };
    const writers = audits.flatMap((audit) => Array.from({ length: WRITERS_EACH }, () => write(audit)));
    await Promise.all(writers);
    await Promise.all(audits.map((audit) => audit.close()));
    expect(errors.filter(({ code }) => code !== 'STORE_UNSAFE')).toEqual([]);

    const runs = await ground.rows(ground.runs);
    const ids = runs.flatMap((row) => String(row['ids']).match(/.{32}/g) ?? []);
    const hashes = Buffer.concat(runs.map((row) => row['hashes'] as Buffer));
    const leaves = ids.map((_id, n) => hashes.subarray(n * 32, (n + 1) * 32));
    const [count] = await ground.rows('SELECT count(*) AS count FROM indelible_event');
    const stored = Number(count?.['count']);
    expect(stored).toBeGreaterThanOrEqual(TRAILS * (WRITERS_EACH * EACH + 2) + 1);
    expect(new Set(ids).size).toBe(stored);
    expect([ids.length * 32, hashes.length]).toEqual([stored * 32, stored * 32]);

    const [row] = await ground.rows('SELECT note FROM indelible_checkpoint ORDER BY place DESC LIMIT 1');
    const opened = openCheckpoint(String(row?.['note']), [VerifierKey.parse(KEY.verifierKey)]);
    expect(opened?.size).toBe(BigInt(stored));
    expect(Buffer.from(opened?.root ?? [])).toEqual(Buffer.from(new NaiveTree(leaves).root()));
    await ground.close();
  });
});
