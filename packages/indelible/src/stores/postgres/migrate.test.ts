import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

import { describe, expect, it, onTestFinished } from 'vitest';

import { openTrail, type PostgresTrail } from '../../../test/postgres-trail.js';
import { postgresServers } from '../../../test/servers/postgres.js';
import { createPostgresStore } from '../../postgres.js';

const FIXTURE = fileURLToPath(new URL('../../../test/fixture-migrate.ts', import.meta.url));

async function migrateInProcess(url: string): Promise<number | null> {
  const child = fork(FIXTURE, [url], { execArgv: ['--import', 'tsx'] });
  const [code] = await once(child, 'exit');
  return typeof code === 'number' ? code : null;
}

describe.each(postgresServers())('migrating on $name', (server) => {
  async function open(options: Parameters<typeof openTrail>[1] = {}): Promise<PostgresTrail> {
    const trail = await openTrail(server, options);
    onTestFinished(() => trail.close());
    return trail;
  }

  async function catalogue({ client }: PostgresTrail): Promise<unknown> {
    const { rows } = await client.query(
      `SELECT relname, oid::text, relfilenode::text, xmin::text FROM pg_class WHERE relname LIKE 'indelible%' ORDER BY relname`,
    );
    const ledger = await client.query(
      'SELECT name, digest, applied_at FROM indelible_migration ORDER BY name',
    );
    return [rows, ledger.rows];
  }

  it('tells what is applied before and after', async () => {
    const { store } = await open({ migrated: false });
    const before = await store.migrations();
    expect(before.length).toBeGreaterThan(10);
    expect(before.some(({ applied }) => applied)).toBe(false);
    const after = before.map(({ name }) => ({ name, applied: true }));
    expect(await store.migrate()).toEqual(after);
    expect(await store.migrations()).toEqual(after);
  });

  it('changes nothing the second time', async () => {
    const trail = await open();
    const before = await catalogue(trail);
    await trail.store.migrate();
    expect(await catalogue(trail)).toEqual(before);
  });

  it('works from two connections and two processes at once', async () => {
    const trail = await open({ migrated: false });
    const [first, second, ...codes] = await Promise.all([
      trail.store.migrate(),
      trail.store.migrate({ roles: true }),
      migrateInProcess(trail.url),
      migrateInProcess(trail.url),
    ]);
    expect(codes).toEqual([0, 0]);
    expect(first).toEqual(second);
    expect((await trail.store.check()).filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  it('names a released migration that was changed, and does nothing', async () => {
    const trail = await open();
    await trail.client.query(`UPDATE indelible_migration SET digest = 'another' WHERE name = '004-guard'`);
    await trail.client.query(`DELETE FROM indelible_migration WHERE name > '014'`);
    await expect(trail.store.migrate()).rejects.toMatchObject({
      code: 'STORE_NOT_MIGRATED',
      message: expect.stringContaining('004-guard'),
    });
    const { rows } = await trail.client.query(`SELECT FROM indelible_migration WHERE name > '014'`);
    expect(rows).toEqual([]);
  });

  it('leaves nothing behind when a migration fails, and names it', async () => {
    const trail = await open({ migrated: false });
    await trail.client.query('CREATE TABLE indelible_event_subject ()');
    await expect(trail.store.migrate()).rejects.toMatchObject({
      message: expect.stringContaining('003-event-subject'),
    });
    expect((await trail.store.migrations()).some(({ applied }) => applied)).toBe(false);
    const { rows } = await trail.client.query(`SELECT to_regclass('indelible_event') AS event`);
    expect(rows).toEqual([{ event: null }]);
  });

  it('keeps to the schema it was run in', async () => {
    const trail = await open({ migrated: false });
    await trail.client.query(`CREATE SCHEMA audit`);
    const url = new URL(trail.url);
    url.searchParams.set('options', '-c search_path=audit');
    const store = createPostgresStore({ connectionString: url.href, monthsAhead: 1 });
    onTestFinished(() => store.close());
    await store.migrate({ roles: true });
    const { rows } = await trail.client.query(
      `SELECT DISTINCT relnamespace::regnamespace::text AS schema FROM pg_class WHERE relname LIKE 'indelible%'`,
    );
    expect(rows).toEqual([{ schema: 'audit' }]);
    // Called from elsewhere, the functions still find their own tables.
    await trail.client.query(
      `SELECT audit.indelible_make_partitions('2031-01-01', 1), audit.indelible_conflicts('{}', '{}')`,
    );
    const made = await trail.client.query(
      `SELECT to_regclass('audit.indelible_event_2031_01') IS NOT NULL AS made`,
    );
    expect(made.rows).toEqual([{ made: true }]);
  });

  it('is what every operation asks for while it has not been done', async () => {
    const { store } = await open({ migrated: false });
    const missing = { code: 'STORE_NOT_MIGRATED', message: expect.stringContaining('npx indelible migrate') };
    await expect(store.get('01936b1e-0000-7000-8000-000000000000', null)).rejects.toMatchObject(missing);
    await expect(store.check()).rejects.toMatchObject(missing);
  });
});
