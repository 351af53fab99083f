import Database from 'better-sqlite3';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import { Package, Project } from '../../test/cli/project.js';
import { connect } from '../../test/postgres-trail.js';
import { createDatabase, postgresServers, type TestDatabase } from '../../test/servers/postgres.js';
import { readAll } from '../../test/test-trail.js';
import type { AuditEvent, Store } from '../index.js';
import { createPostgresStore } from '../postgres.js';
import { createSqliteStore } from '../sqlite.js';

const MODELS = `{ Patient: { table: 'patient', redact: ['notes'], subject: 'id' }, Visit: { table: 'visit', subject: 'patient_id' } }`;
const SQLITE = `import Database from 'better-sqlite3';
import { createSqliteOutbox, createSqliteStore } from 'indelible/sqlite';
export default {
  store: createSqliteStore({ path: './audit.db' }),
  outbox: createSqliteOutbox(new Database('./app.db')),
  models: ${MODELS},
};
`;
const TABLES = `CREATE TABLE patient (id INT PRIMARY KEY, name TEXT, notes TEXT);
CREATE TABLE visit (patient_id INT REFERENCES patient, day TEXT, price NUMERIC(10, 2), PRIMARY KEY (patient_id, day));`;
const PATIENTS = 1_100;

let installed: Package;
let project: Project;

beforeAll(() => {
  installed = Package.build();
});
afterEach(() => project.remove());
afterAll(() => installed.remove());

interface Counts {
  readonly models: readonly { readonly model: string; readonly records: number; readonly taken: number }[];
  readonly taken: number;
}

async function baseline(...args: string[]): Promise<Counts> {
  const { code, stdout, stderr } = await project.indelible(['baseline', '--json', ...args]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as Counts;
}

async function snapshots(store: Store): Promise<AuditEvent[]> {
  const events = await readAll(store, 'SNAPSHOT');
  await store.close();
  return events;
}

/** What a first baseline must have left in the trail. */
function expectWhole(events: readonly AuditEvent[]): void {
  expect(events).toHaveLength(PATIENTS + 2);
  const visits = events.filter(({ target }) => target?.type === 'Visit');
  expect(visits.map(({ target, subjectId }) => [target?.id, subjectId])).toEqual([
    ['[1,"2026-01-01"]', '1'],
    ['[1,"2026-01-02"]', '1'],
  ]);
  const first = events.find(({ target }) => target?.type === 'Patient' && target.id === '1');
  expect(first).toMatchObject({
    actor: { type: 'system', name: 'indelible baseline' },
    subjectId: '1',
    after: { id: 1, name: "O'Hara", notes: '[redacted]' },
  });
}

describe('indelible baseline on SQLite', () => {
  function createProject(): Database.Database {
    project = new Project(installed, { 'indelible.config.mjs': SQLITE });
    project.install('better-sqlite3');
    const db = new Database(project.path('app.db'));
    db.exec(TABLES);
    const insert = db.prepare('INSERT INTO patient VALUES (?, ?, ?)');
    for (let id = 1; id <= PATIENTS; id += 1) insert.run(id, "O'Hara", 'allergic');
    db.exec("INSERT INTO visit VALUES (1, '2026-01-01', 12.5), (1, '2026-01-02', 80)");
    return db;
  }

  const store = (): Store => createSqliteStore({ path: project.path('audit.db') });

  it('records what the trail does not know, and the second time only what is new', async () => {
    const db = createProject();
    expect(await baseline('--dry-run')).toMatchObject({ taken: PATIENTS + 2, dry_run: true });
    expect(await snapshots(store())).toEqual([]);
    expect(await baseline()).toMatchObject({ taken: PATIENTS + 2 });
    expectWhole(await snapshots(store()));
    db.exec("INSERT INTO visit VALUES (2, '2026-01-01', 5)");
    db.close();
    expect(await baseline()).toMatchObject({
      models: [
        { model: 'Patient', records: PATIENTS, taken: 0 },
        { model: 'Visit', records: 3, taken: 1 },
      ],
      taken: 1,
    });
  });

  it('takes only the models that are named, and says which there are', async () => {
    createProject().close();
    expect(await baseline('--model', 'Visit')).toMatchObject({ models: [{ model: 'Visit', taken: 2 }] });
    const { code, stderr } = await project.indelible(['baseline', '--model', 'Invoice']);
    expect(code).toBe(2);
    expect(stderr).toContain('there are Patient, Visit');
  });

  it('says what is missing where there is no outbox', async () => {
    const config = `import { createSqliteStore } from 'indelible/sqlite';
export default { store: createSqliteStore({ path: './audit.db' }) };`;
    project = new Project(installed, { 'indelible.config.mjs': config });
    const { code, stderr } = await project.indelible(['baseline']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^indelible: NO_OUTBOX: .*outbox: createPostgresOutbox\(pool\).*\n$/);
  });
});

describe.each(postgresServers())('indelible baseline on $name', (server) => {
  let database: TestDatabase;

  beforeAll(async () => {
    database = await createDatabase(server);
  });
  afterAll(() => database.drop());

  it('records what the trail does not know, and the second time nothing', async () => {
    const config = `import pg from 'pg';
import { createPostgresOutbox, createPostgresStore } from 'indelible/postgres';
const connectionString = '${database.url}';
export default {
  store: createPostgresStore({ connectionString, monthsAhead: 2 }),
  outbox: createPostgresOutbox(new pg.Pool({ connectionString, allowExitOnIdle: true })),
  models: ${MODELS},
};`;
    project = new Project(installed, { 'indelible.config.mjs': config });
    project.install('pg');
    expect(await project.indelible(['migrate'])).toMatchObject({ code: 0 });
    const client = await connect(database.url);
    await client.query(TABLES);
    await client.query(
      `INSERT INTO patient SELECT n, 'O''Hara', 'allergic' FROM generate_series(1, ${PATIENTS}) AS n`,
    );
    await client.query("INSERT INTO visit VALUES (1, '2026-01-01', 12.5), (1, '2026-01-02', 80)");
    await client.end();
    expect(await baseline()).toMatchObject({ taken: PATIENTS + 2 });
    expectWhole(await snapshots(createPostgresStore({ connectionString: database.url })));
    expect(await baseline()).toMatchObject({ taken: 0 });
  });
});
