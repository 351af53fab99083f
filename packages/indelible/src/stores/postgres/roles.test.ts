import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import { forged, someEntries, someEntry } from '../../../test/entries.js';
import { connect, openTrail, type PostgresTrail } from '../../../test/postgres-trail.js';
import { createDatabase, postgresServers } from '../../../test/servers/postgres.js';
import { createPostgresStore } from '../../postgres.js';
import type { Store } from '../store.js';

const WRITER = 'GRANT indelible_writer TO $role';
const INSERT = `INSERT INTO indelible_event (id, v, action, outcome, source, actor_type, payload_digest`;
const VALUES = `VALUES (gen_random_uuid(), 1, 'READ', 'success', 'read', 'user', sha256('')`;

describe.each(postgresServers())('the roles on $name', (server) => {
  let trail: PostgresTrail;
  let writerStore: Store;
  let writer: Client;

  beforeAll(async () => {
    trail = await openTrail(server, { roles: true });
    writerStore = await trail.storeAs(WRITER);
    writer = await trail.clientAs(WRITER);
  });
  afterAll(() => trail.close());

  it('let the writer append few and many entries, with and without subjects', async () => {
    const few = someEntries(3);
    const many = someEntries(200, (n) => ({ search: { subjects: n % 2 === 0 ? ['p1', 'p2'] : undefined } }));
    const one = someEntry({ search: { subjects: ['p3'] } });
    for (const entries of [few, many, [one]])
      expect(await writerStore.append(entries)).toEqual({ conflicts: [] });
    for (const entry of [...few, ...many, one])
      expect(await trail.store.get(entry.core.id, null)).toMatchObject({ payload: entry.payload });
    const { rows } = await trail.client.query(
      'SELECT subject_id, count(*)::int FROM indelible_event_subject GROUP BY 1 ORDER BY 1',
    );
    expect(rows).toEqual([
      { subject_id: 'p1', count: 100 },
      { subject_id: 'p2', count: 100 },
      { subject_id: 'p3', count: 1 },
    ]);
  });

  it('let the writer repeat an append, and tell it the conflicts', async () => {
    const entries = someEntries(100);
    await writerStore.append(entries);
    expect(await writerStore.append(entries)).toEqual({ conflicts: [] });
    const [first] = entries;
    if (first === undefined) throw new Error('There are entries');
    expect(await writerStore.append([forged(first), ...entries.slice(1)])).toEqual({
      conflicts: [first.core.id],
    });
  });

  it.each(['xid', 'recorded_at'])('do not let the writer say %s, which the server does', async (column) => {
    const value = column === 'xid' ? `'1'` : 'now()';
    await expect(writer.query(`${INSERT}, ${column}) ${VALUES}, ${value})`)).rejects.toMatchObject({
      code: '42501',
    });
    await expect(writer.query(`${INSERT}) ${VALUES})`)).resolves.toMatchObject({ rowCount: 1 });
  });

  it.each(['indelible_event', 'indelible_event_subject', 'indelible_event_default'])(
    'do not let the writer read %s',
    async (table) => {
      await expect(writer.query(`SELECT FROM ${table}`)).rejects.toMatchObject({ code: '42501' });
    },
  );

  it.each([
    'SELECT indelible_make_partitions(current_date, 90)',
    'SELECT indelible_make_default()',
    'DROP TABLE indelible_event',
    'ALTER TABLE indelible_event DISABLE TRIGGER ALL',
    'CREATE TABLE mine ()',
    'SET ROLE indelible_owner',
  ])('do not let the writer %s', async (statement) => {
    await expect(writer.query(statement)).rejects.toMatchObject({ code: '42501' });
  });

  it.each(['indelible_reader', 'indelible_sealer', 'indelible_purger'])(
    'let %s read and not write',
    async (role) => {
      const reader = await trail.clientAs(`GRANT ${role} TO $role`);
      await expect(
        reader.query('SELECT FROM indelible_event, indelible_event_subject, indelible_migration LIMIT 1'),
      ).resolves.toBeDefined();
      await expect(reader.query(`${INSERT}) ${VALUES})`)).rejects.toMatchObject({ code: '42501' });
      await expect(reader.query('DELETE FROM indelible_event')).rejects.toMatchObject({ code: '42501' });
    },
  );

  it('let the sealer make partitions, which then belong to the owner and are guarded', async () => {
    const sealer = await trail.clientAs('GRANT indelible_sealer TO $role');
    await sealer.query(`SELECT indelible_make_partitions('2031-05-01', 1)`);
    const { rows } = await trail.client.query(
      `SELECT tableowner, (SELECT array_agg(tgname ORDER BY tgname)::text[] FROM pg_trigger WHERE tgrelid = 'indelible_event_2031_05'::regclass) AS guards
      FROM pg_tables WHERE tablename = 'indelible_event_2031_05'`,
    );
    expect(rows).toEqual([
      { tableowner: 'indelible_owner', guards: ['indelible_guard', 'indelible_guard_truncate'] },
    ]);
  });

  it('let a reader ask through the store', async () => {
    const [entry] = someEntries(1);
    await trail.store.append(entry ? [entry] : []);
    const reader = await trail.storeAs('GRANT indelible_reader TO $role');
    expect(await reader.get(entry?.core.id ?? '', '')).toMatchObject({ core: { id: entry?.core.id } });
  });

  it('give a bystander nothing', async () => {
    const stranger = await trail.clientAs('');
    await expect(stranger.query('SELECT FROM indelible_event')).rejects.toMatchObject({ code: '42501' });
    await expect(stranger.query(`SELECT indelible_conflicts('{}', '{}')`)).rejects.toMatchObject({
      code: '42501',
    });
  });
});

describe.each(postgresServers())('migrating with roles on $name', (server) => {
  it('works in two databases of one server at once, from a server without the roles', async () => {
    const trails = await Promise.all([
      openTrail(server, { migrated: false }),
      openTrail(server, { migrated: false }),
    ]);
    onTestFinished(async () => void (await Promise.all(trails.map((trail) => trail.close()))));
    const states = await Promise.all(trails.map(({ store }) => store.migrate({ roles: true })));
    for (const state of states) expect(state.every(({ applied }) => applied)).toBe(true);
  });

  it('works for an owner of the database who is no superuser but may make roles, and again after that', async () => {
    const database = await createDatabase(server);
    const admin = await connect(server.url);
    const name = `${database.name}_admin`;
    await admin.query(
      `CREATE ROLE "${name}" LOGIN CREATEROLE PASSWORD 'for-tests'; ALTER DATABASE "${database.name}" OWNER TO "${name}"`,
    );
    if (server.major >= 16)
      await admin.query(`GRANT indelible_owner TO "${name}" WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`);
    const url = new URL(database.url);
    Object.assign(url, { username: name, password: 'for-tests' });
    const store = createPostgresStore({ connectionString: url.href, monthsAhead: 2 });
    onTestFinished(async () => {
      await store.close();
      await database.drop();
      await admin.query(`DROP OWNED BY "${name}" CASCADE; DROP ROLE "${name}"`);
      await admin.end();
    });
    for (const options of [{}, { roles: true }, {}, { roles: true }]) {
      expect((await store.migrate(options)).every(({ applied }) => applied)).toBe(true);
    }
  });

  it('waits for no reader when there is nothing to do', async () => {
    const trail = await openTrail(server, { roles: true });
    onTestFinished(() => trail.close());
    await trail.client.query(
      'BEGIN; SELECT FROM indelible_event, indelible_event_subject, indelible_migration',
    );
    const started = performance.now();
    await trail.store.migrate({ roles: true });
    expect(performance.now() - started).toBeLessThan(4_000);
    await trail.client.query('COMMIT');
  });

  it('keeps the roles of a trail that has them when it is migrated without asking for them', async () => {
    const trail = await openTrail(server, { roles: true });
    onTestFinished(() => trail.close());
    await trail.client.query('REVOKE INSERT ON indelible_event_subject FROM indelible_writer');
    await trail.store.migrate();
    const store = await trail.storeAs(WRITER);
    expect(await store.append([someEntry({ search: { subjects: ['p1'] } })])).toEqual({ conflicts: [] });
  });
});
