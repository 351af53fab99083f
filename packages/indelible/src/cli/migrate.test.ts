import { readdirSync, readFileSync, writeFileSync } from 'node:fs';

import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { Package, Project } from '../../test/cli/project.js';
import { connect } from '../../test/postgres-trail.js';
import { createDatabase, postgresServers, type TestDatabase } from '../../test/servers/postgres.js';

const SQLITE = `import { createSqliteStore } from 'indelible/sqlite';
export default { store: createSqliteStore({ path: './audit.db' }) };
`;
const SQLITE_OUTBOX = `import Database from 'better-sqlite3';
import { createSqliteOutbox, createSqliteStore } from 'indelible/sqlite';
export default {
  store: createSqliteStore({ path: './audit.db' }),
  outbox: createSqliteOutbox(new Database('./app.db')),
};
`;

interface Status {
  readonly store: string;
  readonly migrations: readonly { readonly name: string; readonly applied: boolean }[];
  readonly pending: number;
}

interface Applied extends Omit<Status, 'pending'> {
  readonly applied_now: readonly string[];
  readonly roles: boolean;
  readonly outbox: string | null;
}

let installed: Package;
let project: Project;

/** Every file of the project but its packages, with what it holds. */
function content(): Record<string, string> {
  const names = readdirSync(project.folder).filter((name) => name !== 'node_modules');
  return Object.fromEntries(names.map((name) => [name, readFileSync(project.path(name), 'base64')]));
}

async function json<T>(...args: string[]): Promise<T> {
  const { stdout, stderr } = await project.indelible([...args, '--json']);
  expect(stderr).toBe('');
  return JSON.parse(stdout) as T;
}

beforeAll(() => {
  installed = Package.build();
});
afterEach(() => project.remove());
afterAll(() => installed.remove());

describe('indelible migrate on SQLite', () => {
  it('makes the file with its guards, and says so', async () => {
    project = new Project(installed, { 'indelible.config.mjs': SQLITE });
    const { code, stdout, stderr } = await project.indelible(['migrate']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toMatch(/^SQLite file \.\/audit\.db\n {2}applied {2}001-event\n/);
    expect(stdout).toMatch(/\nUp to date: \d+ applied now\.\n$/);
    const db = new Database(project.path('audit.db'), { readonly: true });
    const triggers = db.prepare("SELECT name FROM sqlite_master WHERE type = 'trigger'").pluck().all();
    expect(triggers).toEqual(
      expect.arrayContaining(['indelible_event_guard_update', 'indelible_event_guard_delete']),
    );
    db.close();
  });

  it('applies what is pending once, and nothing the second time', async () => {
    project = new Project(installed, { 'indelible.config.mjs': SQLITE });
    const first = await json<Applied>('migrate');
    expect(first.applied_now).toEqual(first.migrations.map(({ name }) => name));
    expect(first).toMatchObject({ store: 'SQLite file ./audit.db', roles: false, outbox: null });
    const second = await json<Applied>('migrate');
    expect(second).toEqual({ ...first, applied_now: [] });
  });

  it('is harmless from several processes at once', async () => {
    project = new Project(installed, { 'indelible.config.mjs': SQLITE });
    const endings = await Promise.all([1, 2, 3, 4].map(() => project.indelible(['migrate'])));
    expect(endings.map(({ code, stderr }) => `${code} ${stderr}`)).toEqual(['0 ', '0 ', '0 ', '0 ']);
    expect(await json<Status>('migrate', '--status')).toMatchObject({ pending: 0 });
  });

  it('makes the outbox too, where the configuration has one', async () => {
    project = new Project(installed, { 'indelible.config.ts': SQLITE_OUTBOX });
    project.install('better-sqlite3');
    const { code, stdout, stderr } = await project.indelible(['migrate']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('\nThe outbox is there: SQLite file ./app.db.\n');
    const db = new Database(project.path('app.db'), { readonly: true });
    expect(db.prepare('SELECT count(*) FROM indelible_outbox').pluck().get()).toBe(0);
    db.close();
  });

  it('has no roles to make, says so in one line, and makes nothing', async () => {
    project = new Project(installed, { 'indelible.config.mjs': SQLITE });
    const before = content();
    const { code, stdout, stderr } = await project.indelible(['migrate', '--roles']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(
      /^indelible: INVALID_OPTIONS: Roles are PostgreSQL's, .*SQLite file \.\/audit\.db.*\n$/,
    );
    expect(content()).toEqual(before);
  });

  it('tells in one line of a file that is no trail', async () => {
    project = new Project(installed, {
      'indelible.config.mjs': SQLITE,
      'audit.db': 'no database '.repeat(500),
    });
    for (const args of [['migrate'], ['migrate', '--status']]) {
      const { code, stdout, stderr } = await project.indelible(args);
      expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
      expect(stderr).toMatch(/^indelible: STORE_UNAVAILABLE: .*audit\.db.*not a database.*\n$/);
    }
  });
});

describe('indelible migrate --status on SQLite', () => {
  it('shows all of a file that does not exist as pending, and does not make it', async () => {
    project = new Project(installed, { 'indelible.config.mjs': SQLITE });
    const before = content();
    const { code, stdout, stderr } = await project.indelible(['migrate', '--status']);
    expect({ code, stderr }).toEqual({ code: 3, stderr: '' });
    expect(stdout).toMatch(
      /^SQLite file \.\/audit\.db\n( {2}pending {2}\d{3}-[a-z-]+\n)+(\d+) of \2 pending: run indelible migrate\.\n$/,
    );
    expect(content()).toEqual(before);
  });

  it('shows what a program reads', async () => {
    project = new Project(installed, { 'indelible.config.mjs': SQLITE });
    const status = await json<Status>('migrate', '--status');
    expect(status.migrations[0]).toEqual({ name: '001-event', applied: false });
    expect(status.pending).toBe(status.migrations.length);
  });

  it('shows a migrated file as applied, and leaves it and its folder as they were', async () => {
    project = new Project(installed, { 'indelible.config.mjs': SQLITE });
    await project.indelible(['migrate']);
    const before = content();
    expect(Object.keys(before)).toContain('audit.db');
    const { code, stdout } = await project.indelible(['migrate', '--status']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/^SQLite file \.\/audit\.db\n( {2}applied {2}\d{3}-[a-z-]+\n)+Up to date\.\n$/);
    expect(content()).toEqual(before);
  });

  it('shows an empty file as pending, and leaves it empty', async () => {
    project = new Project(installed, { 'indelible.config.mjs': SQLITE });
    writeFileSync(project.path('audit.db'), '');
    expect(await project.indelible(['migrate', '--status'])).toMatchObject({ code: 3 });
    expect(content()).toMatchObject({ 'audit.db': '' });
  });

  it('shows the one migration that is missing', async () => {
    project = new Project(installed, { 'indelible.config.mjs': SQLITE });
    await project.indelible(['migrate']);
    const db = new Database(project.path('audit.db'));
    db.exec("DELETE FROM indelible_migration WHERE name = '002-search'");
    db.close();
    const { code, stdout } = await project.indelible(['migrate', '--status']);
    expect(code).toBe(3);
    expect(stdout.match(/pending {2}.*/g)).toEqual(['pending  002-search']);
    expect(stdout).toMatch(/\n1 of \d+ pending: run indelible migrate\.\n$/);
  });

  it('goes with no --roles, which would change something', async () => {
    project = new Project(installed, { 'indelible.config.mjs': SQLITE });
    const { code, stdout, stderr } = await project.indelible(['migrate', '--status', '--roles']);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe(
      "indelible: USAGE: option '--status' cannot be used with option '--roles'. See indelible --help.\n",
    );
  });
});

describe.each(postgresServers())('indelible migrate on $name', (server) => {
  let database: TestDatabase;

  function createProject(url: string): void {
    const config = `import { createPostgresStore } from 'indelible/postgres';
export default { store: createPostgresStore({ connectionString: '${url}', monthsAhead: 2 }) };
`;
    project = new Project(installed, { 'indelible.config.mjs': config });
  }

  beforeAll(async () => {
    database = await createDatabase(server);
  });
  afterAll(() => database.drop());

  it('shows all as pending first and changes nothing, then applies all with the roles', async () => {
    createProject(database.url);
    const status = await json<Status>('migrate', '--status');
    expect(status.pending).toBe(status.migrations.length);
    expect(await project.indelible(['migrate', '--status'])).toMatchObject({ code: 3 });
    const client = await connect(database.url);
    expect((await client.query("SELECT FROM pg_class WHERE relname LIKE 'indelible%'")).rowCount).toBe(0);

    const { code, stdout, stderr } = await project.indelible(['migrate', '--roles']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain('\nThe roles are there, with their rights.\n');
    const { rows } = await client.query<{ insert: boolean; update: boolean; owner: string }>(
      `SELECT has_any_column_privilege('indelible_writer', 'indelible_event', 'INSERT') AS insert,
        has_any_column_privilege('indelible_writer', 'indelible_event', 'UPDATE') AS update,
        pg_get_userbyid(relowner) AS owner FROM pg_class WHERE relname = 'indelible_event'`,
    );
    expect(rows).toEqual([{ insert: true, update: false, owner: 'indelible_owner' }]);
    await client.end();
    expect(await project.indelible(['migrate', '--status'])).toMatchObject({ code: 0 });
    expect(await json<Applied>('migrate', '--roles')).toMatchObject({ applied_now: [], roles: true });
  });

  it('tells in one line, and without the password, of a server that is not there', async () => {
    createProject('postgres://someone:hidden-word@127.0.0.1:1/trail');
    const { code, stdout, stderr } = await project.indelible(['migrate']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(/^indelible: STORE_UNAVAILABLE: .*127\.0\.0\.1.*\n$/);
    expect(stderr).not.toContain('hidden-word');
  });
});
