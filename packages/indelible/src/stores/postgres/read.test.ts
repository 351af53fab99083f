import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import { idAt, someEntries, someEntry } from '../../../test/entries.js';
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

describe.each(postgresServers())('reading on $name', (server) => {
  let trail: PostgresTrail;

  beforeAll(async () => {
    trail = await openTrail(server);
  });
  afterAll(() => trail.close());

  /** A table that nobody can read makes any question about subjects take for ever. */
  async function whileLocked<T>(work: () => Promise<T>): Promise<T> {
    await trail.client.query('BEGIN; LOCK TABLE indelible_event_subject IN ACCESS EXCLUSIVE MODE');
    try {
      return await work();
    } finally {
      await trail.client.query('ROLLBACK');
    }
  }

  const slow: EventQuery = { ...NEWEST, where: { subjectId: 'p1' } };

  it('answers null for a count that goes over its budget, soon after it, and keeps the connection', async () => {
    const store = createPostgresStore({ connectionString: trail.url, max: 1 });
    onTestFinished(() => store.close());
    const pid = async (): Promise<unknown> =>
      (
        await trail.client.query(
          `SELECT max(pid) AS pid FROM pg_stat_activity WHERE application_name = 'indelible' AND datname = current_database()`,
        )
      ).rows[0]?.pid;
    await store.count(NEWEST, 1_000);
    const before = await pid();
    const started = performance.now();
    expect(await whileLocked(() => store.count(slow, 20))).toBeNull();
    expect(performance.now() - started).toBeLessThan(1_000);
    expect(await store.count(slow, 5_000)).toBe(0);
    expect(await pid()).toBe(before);
  });

  it('breaks off a question that takes too long, by its name', async () => {
    const store = createPostgresStore({ connectionString: trail.url, readTimeoutMs: 100 });
    onTestFinished(() => store.close());
    const timedOut = { code: 'QUERY_TIMEOUT', message: expect.stringContaining('100 ms') };
    await expect(whileLocked(() => store.find(slow))).rejects.toMatchObject(timedOut);
    expect(await store.find(slow)).toMatchObject({ entries: [] });
  });

  it('finds events in the default partition in their place among the others', async () => {
    const times = ['2001-01-01T00:00Z', '2091-01-01T00:00Z'];
    const [old, skewed] = times.map((time) => someEntry({ core: { id: idAt(time), tenant_id: 'skew' } }));
    const now = someEntry({ core: { tenant_id: 'skew' } });
    await trail.store.append([now, ...(old && skewed ? [old, skewed] : [])]);
    const { entries } = await trail.store.find({ ...NEWEST, tenantId: 'skew' });
    expect(entries.map(({ core }) => core.id)).toEqual([skewed, now, old].map((entry) => entry?.core.id));
  });

  it('streams more than a page of pages, each event once, in order', async () => {
    const entries = someEntries(2_345, () => ({ core: { tenant_id: 'many' } }));
    await trail.store.append(entries);
    const seen: string[] = [];
    for await (const { core } of trail.store.stream({
      ...NEWEST,
      tenantId: 'many',
      order: { column: 'timestamp', descending: false },
    }))
      seen.push(core.id);
    expect(seen).toEqual(entries.map(({ core }) => core.id));
  });

  it('gives the time at which the server received an event, in UTC, whatever the session says', async () => {
    const entry = someEntry();
    const store = await trail.storeAs(
      `GRANT ALL ON ALL TABLES IN SCHEMA public TO $role; ALTER ROLE $role SET TimeZone = 'Pacific/Kiritimati'; ALTER ROLE $role SET DateStyle = 'SQL, DMY'; ALTER ROLE $role SET bytea_output = 'escape'`,
    );
    const before = Date.now();
    await store.append([entry]);
    const found = await store.get(entry.core.id, '');
    expect(found).toEqual({
      ...entry,
      recordedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    });
    expect(Math.abs(Date.parse(found?.recordedAt ?? '') - before)).toBeLessThan(5_000);
  });

  it.each(['by the index for texts', 'without it, by reading rows'])('finds texts %s', async (way) => {
    const own = await openTrail(server);
    onTestFinished(() => own.close());
    if (way.startsWith('without')) await own.client.query('DROP EXTENSION pg_trgm CASCADE');
    const [found = someEntry()] = someEntries(1, () => ({
      search: { actorText: 'ada lovelace', text: 'crown 100% _\\ 老师' },
    }));
    await own.store.append([...someEntries(20), found, ...someEntries(20)]);
    const idsFor = async (text: string): Promise<string[]> => {
      const { entries } = await own.store.find({ ...NEWEST, search: { text, exact: text } });
      return [text, ...entries.map(({ core }) => core.id)];
    };
    for (const text of ['lovelace', 'a l', 'own 100%', '%', '_\\', '老', '老师', 'da']) {
      expect(await idsFor(text)).toEqual([text, found.core.id]);
      expect(await own.store.count({ ...NEWEST, search: { text, exact: text } }, 5_000)).toBe(1);
    }
    for (const text of ['lovelaces', '100_', 'da_l']) expect(await idsFor(text)).toEqual([text]);
    expect((await own.store.find({ ...NEWEST, where: { actorText: 'ada l' } })).entries).toHaveLength(1);
  });

  it('sees no event of another tenant', async () => {
    const entry = someEntry({ core: { tenant_id: 'acme' } });
    await trail.store.append([entry]);
    expect(await trail.store.get(entry.core.id, 'globex')).toBeUndefined();
    expect(await trail.store.get(entry.core.id, '')).toBeUndefined();
    expect(await trail.store.get(entry.core.id, 'acme')).toBeDefined();
    expect(await trail.store.get(entry.core.id, null)).toBeDefined();
  });
});
