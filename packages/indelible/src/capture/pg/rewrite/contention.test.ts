import { setTimeout as sleep } from 'node:timers/promises';

import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { CapturedDatabase } from '../../../../test/captured-database.js';
import { connect } from '../../../../test/postgres-trail.js';
import { postgresServers } from '../../../../test/servers/postgres.js';
import type { RowChange } from '../../row-change.js';

const WRITERS = 4;
const EACH = 100;

const SCHEMA = `
CREATE TABLE counters (id int PRIMARY KEY, n int NOT NULL, by text);
CREATE TABLE parted (id int PRIMARY KEY, n int NOT NULL, by text) PARTITION BY HASH (id);
CREATE TABLE parted_0 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE parted_1 PARTITION OF parted FOR VALUES WITH (MODULUS 2, REMAINDER 1);
`;

describe.each(postgresServers())('P10: writers of the same rows on $name', (server) => {
  let database: CapturedDatabase;
  let clients: Client[];

  beforeAll(async () => {
    database = await CapturedDatabase.open(server, SCHEMA);
    await database.client.query('DROP TRIGGER zz_truth ON counters; DROP TRIGGER zz_truth ON parted');
    clients = await Promise.all(Array.from({ length: WRITERS }, () => connect(database.url)));
    await database.load();
  });
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.end()));
    await database.close();
  });

  /** All writers send the statement again and again; the changes come back in the order of what they wrote. */
  async function contend(text: string, times = EACH): Promise<RowChange[]> {
    await database.client.query(
      'TRUNCATE counters, parted, indelible_outbox; INSERT INTO counters SELECT n, 0 FROM generate_series(1, 3) n',
    );
    await Promise.all(
      clients.map(async (client, writer) => {
        for (let time = 0; time < times; time += 1) await database.run(text, [`${writer}:${time}`], client);
      }),
    );
    return database.captured();
  }

  /** How many changes say something else was replaced than what the change before it wrote. */
  function stale(changes: readonly RowChange[], id: number): number {
    const after = changes.filter(({ before, after: now }) => (before ?? now)?.['id'] === id);
    const byNumber = new Map(after.map((change) => [change.after?.['n'], change]));
    return after.filter((change) => {
      if (change.op === 'INSERT') return false;
      const previous = byNumber.get(Number(change.after?.['n']) - 1);
      const replaced = previous?.after?.['by'] ?? null;
      return change.before?.['n'] !== Number(change.after?.['n']) - 1 || change.before?.['by'] !== replaced;
    }).length;
  }

  it.each([
    'UPDATE counters SET n = n + 1, by = $1 WHERE id = 1',
    'UPDATE counters SET n = n + 1, by = $1 WHERE id = 1 RETURNING n',
    'INSERT INTO counters VALUES (1, 1, $1) ON CONFLICT (id) DO UPDATE SET n = counters.n + 1, by = excluded.by',
    'UPDATE counters c SET n = c.n + 1, by = $1 FROM (VALUES (1)) v(id) WHERE v.id = c.id',
  ])('each see what they replace: %s', async (text) => {
    const changes = await contend(text);
    expect(changes).toHaveLength(WRITERS * EACH);
    expect(stale(changes, 1)).toBe(0);
    expect(Math.max(...changes.map(({ after }) => Number(after?.['n'])))).toBe(WRITERS * EACH);
  });

  it('each see what they replace in a partitioned table, where one of them inserts', async () => {
    const changes = await contend(
      'INSERT INTO parted AS p VALUES (1, 1, $1), (2, 1, $1) ON CONFLICT (id) DO UPDATE SET n = p.n + 1, by = excluded.by',
    );
    expect(changes).toHaveLength(2 * WRITERS * EACH);
    expect(changes.filter(({ op }) => op === 'INSERT')).toHaveLength(2);
    expect([stale(changes, 1), stale(changes, 2)]).toEqual([0, 0]);
  });

  it('lose no update of several rows at once', async () => {
    const text = 'UPDATE counters SET n = n + 1, by = $1 WHERE id IN (3, 1, 2)';
    if (server.major >= 18) {
      for (let time = 0; time < 3; time += 1) await database.run(text, ['x']);
      return;
    }
    const changes = await contend(text);
    expect(changes).toHaveLength(3 * WRITERS * EACH);
    expect([stale(changes, 1), stale(changes, 2), stale(changes, 3)]).toEqual([0, 0, 0]);
  });

  it('before PostgreSQL 18, wait for the least key first, and hold nothing that comes after it', async () => {
    await database.client.query(
      'TRUNCATE counters, indelible_outbox; INSERT INTO counters VALUES (3, 0), (2, 0), (1, 0)',
    );
    await database.load(database.client, 150_000);
    const [holder, writer, other] = clients as [Client, Client, Client];
    await holder.query('BEGIN; UPDATE counters SET n = 9 WHERE id = 1');
    const writing = database.run(
      'UPDATE counters SET n = n + 1, by = $1 WHERE id IN (1, 2, 3)',
      ['w'],
      writer,
    );
    await expect
      .poll(async () => {
        const { rows } = await other.query(
          "SELECT 1 FROM pg_stat_activity WHERE wait_event = 'transactionid' AND datname = current_database()",
        );
        return rows.length;
      })
      .toBe(1);
    const free = await other.query('SELECT id FROM counters WHERE id > 1 FOR UPDATE SKIP LOCKED');
    await holder.query('COMMIT');
    await writing;
    await database.load();
    expect(free.rows).toHaveLength(2);
  });

  it('P9: before PostgreSQL 18, lose no update silently when another transaction changes the keys meanwhile', async () => {
    await database.client.query(
      'TRUNCATE counters, indelible_outbox; INSERT INTO counters VALUES (1, 0), (2, 0), (3, 0)',
    );
    await database.load(database.client, 150_000);
    const [holder, writer] = clients as [Client, Client];
    await holder.query('BEGIN; UPDATE counters SET id = id + 10 WHERE id = 2');
    const writing = database.run('UPDATE counters SET n = n + 1, by = $1 WHERE n = 0', ['w'], writer);
    const ending = writing.then(String, String);
    await sleep(100);
    await holder.query('COMMIT');
    expect(await ending).toContain('keys were changed meanwhile');
    await database.load();
    expect(await database.captured()).toEqual([]);
  });
});
