import { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';

import { someEntries, someEntry } from '../../../test/entries.js';
import { openTrail, type PostgresTrail } from '../../../test/postgres-trail.js';
import { postgresServers } from '../../../test/servers/postgres.js';
import { createPostgresStore } from '../../postgres.js';
import type { EventQuery } from '../query.js';

const NEWEST: EventQuery = {
  tenantId: '',
  where: {},
  order: { column: 'timestamp', descending: true },
  limit: 50,
};

describe.each(postgresServers())('the connections to $name', (server) => {
  let trail: PostgresTrail;

  beforeAll(async () => {
    trail = await openTrail(server);
  });
  afterAll(() => trail.close());

  async function connected(): Promise<number> {
    const { rows } = await trail.client.query(
      `SELECT count(*)::int AS count FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'indelible' AND backend_type = 'client backend'`,
    );
    return Number(rows[0]?.count);
  }

  it('are at most ten, shared by everything at once', async () => {
    const work = Array.from({ length: 40 }, (_, n) =>
      n % 2 === 0 ? trail.store.append(someEntries(2)) : trail.store.find(NEWEST),
    );
    await Promise.all(work);
    const most = await connected();
    expect(most).toBeGreaterThan(2);
    expect(most).toBeLessThanOrEqual(10);
  });

  it('leave room for writing while slow questions are asked', async () => {
    const store = createPostgresStore({ connectionString: trail.url, max: 3, readTimeoutMs: 1_500 });
    onTestFinished(() => store.close());
    const lock = await trail.clientAs('GRANT SELECT, UPDATE ON indelible_event_subject TO $role');
    await lock.query('BEGIN; LOCK TABLE indelible_event_subject IN ACCESS EXCLUSIVE MODE');
    const question = { ...NEWEST, where: { subjectId: 'p1' } };
    const asked = [1, 2, 3, 4].map(() => store.find(question).catch((error: unknown) => error));
    await new Promise((resolve) => setTimeout(resolve, 200));
    const started = performance.now();
    expect(await store.append(someEntries(100))).toEqual({ conflicts: [] });
    expect(performance.now() - started).toBeLessThan(1_000);
    await lock.query('ROLLBACK');
    expect(await Promise.all(asked)).toEqual(asked.map(() => expect.objectContaining({ entries: [] })));
  });

  it('that the server ends are replaced, without harm to the process', async () => {
    const store = createPostgresStore({ connectionString: trail.url });
    onTestFinished(() => store.close());
    for (let time = 0; time < 3; time += 1) {
      await store.append([someEntry()]);
      await trail.client.query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'indelible'`,
      );
      await vi.waitFor(async () => expect(await store.append([someEntry()])).toEqual({ conflicts: [] }));
    }
  });

  it('that the server ends in the middle of an append are reported, and not used again', async () => {
    const lock = await trail.clientAs('GRANT UPDATE ON indelible_event TO $role');
    await lock.query('BEGIN; LOCK TABLE indelible_event IN ACCESS EXCLUSIVE MODE');
    const appended = trail.store.append(someEntries(500)).catch((error: unknown) => error);
    await new Promise((resolve) => setTimeout(resolve, 200));
    await trail.client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
    );
    expect(await appended).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await lock.query('ROLLBACK');
    expect(await trail.store.append(someEntries(500))).toEqual({ conflicts: [] });
  });

  it('come from a pool of the application, which stays open and as it was', async () => {
    const pool = new Pool({ connectionString: trail.url, max: 2 });
    onTestFinished(() => pool.end());
    const store = createPostgresStore({ pool, max: 2 });
    const entries = someEntries(100);
    await Promise.all([store.append(entries), store.append([someEntry()])]);
    expect((await store.find(NEWEST)).entries).toHaveLength(50);
    expect(await store.count(NEWEST, 5_000)).toBeGreaterThan(100);
    await store.close();
    const { rows } = await pool.query(
      `SELECT current_setting('statement_timeout') AS limit, current_setting('jit') AS jit`,
    );
    expect(rows).toEqual([{ limit: '0', jit: 'on' }]);
    expect(pool.totalCount).toBeGreaterThan(0);
  });

  it('are not asked for longer than the limit when none is free', async () => {
    const pool = new Pool({ connectionString: trail.url, max: 1 });
    const held = await pool.connect();
    const store = createPostgresStore({ pool, connectTimeoutMs: 200 });
    await expect(store.append([someEntry()])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    held.release();
    expect(await store.append([someEntry()])).toEqual({ conflicts: [] });
    await store.close();
    await pool.end();
  });

  it('are no more after close, which may be called twice', async () => {
    const store = createPostgresStore({ connectionString: trail.url });
    await store.append([someEntry()]);
    await Promise.all([store.close(), store.close()]);
    await expect(store.append([someEntry()])).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(store.append([])).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(store.find(NEWEST)).rejects.toMatchObject({ code: 'CLOSED' });
  });
});
