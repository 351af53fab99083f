import { execFile } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';

import { forged, someEntries, someEntry } from '../../../test/entries.js';
import { openSqliteTrail, somewhere, type SqliteTrail } from '../../../test/sqlite-trail.js';
import { createSqliteStore } from '../../sqlite.js';
import { Sealed, sealAll } from '../../testing/seal-log/sealed.js';
import type { EventQuery } from '../query.js';
import type { Store } from '../store.js';
import { SqliteRetention } from './retention.js';
import { SqliteStore } from './sqlite-store.js';
import { take } from '../../testing/removal/filled.js';

const NEWEST: EventQuery = {
  tenantId: '',
  where: {},
  order: { column: 'timestamp', descending: true },
  limit: 500,
};
const APPEND = fileURLToPath(new URL('../../../test/fixture-append.ts', import.meta.url));

function newPath(): string {
  const place = somewhere();
  onTestFinished(() => place.remove());
  return place.path;
}

function open(file: string, pragmas: readonly string[] = []): Store {
  const store = new SqliteStore({ path: file }, pragmas);
  onTestFinished(() => store.close());
  return store;
}

async function openTrail(): Promise<SqliteTrail> {
  const trail = await openSqliteTrail();
  onTestFinished(() => trail.close());
  return trail;
}

async function idsIn(store: Store): Promise<string[]> {
  const ids: string[] = [];
  for await (const { core } of store.stream(NEWEST)) ids.push(core.id);
  return ids.sort();
}

describe('opening a SQLite trail', () => {
  it('makes the file and its schema with the first use, and finds everything again', async () => {
    const file = newPath();
    const first = createSqliteStore({ path: file });
    expect(existsSync(file)).toBe(false);
    const entries = someEntries(3);
    await first.append(entries);
    await first.close();
    const second = open(file);
    expect(await idsIn(second)).toEqual(entries.map(({ core }) => core.id).sort());
    await second.append([entries[0] ?? someEntry(), someEntry()]);
    expect(await idsIn(second)).toHaveLength(4);
  });

  it('leaves one file behind when it is closed', async () => {
    const file = newPath();
    const store = createSqliteStore({ path: file });
    await store.append(someEntries(3));
    await store.find(NEWEST);
    await store.close();
    expect(readdirSync(path.dirname(file))).toEqual(['audit.db']);
  });

  it('tells which migrations are applied without making anything', async () => {
    const file = newPath();
    const store = open(file);
    const pending = await store.migrations();
    expect(pending.length).toBeGreaterThan(5);
    expect(pending.every(({ applied }) => !applied)).toBe(true);
    expect(existsSync(file)).toBe(false);
    expect((await store.migrate()).every(({ applied }) => applied)).toBe(true);
    expect((await store.migrations()).every(({ applied }) => applied)).toBe(true);
  });

  it('names a migration that was changed after it had been applied, and stores nothing', async () => {
    const { db, path: file } = await openTrail();
    db.exec("UPDATE indelible_migration SET digest = 'another' WHERE name = '002-search'");
    const refusal = {
      code: 'STORE_NOT_MIGRATED',
      message: expect.stringContaining('002-search was changed'),
    };
    await expect(open(file).append([someEntry()])).rejects.toMatchObject(refusal);
    await expect(open(file).find(NEWEST)).rejects.toMatchObject(refusal);
    expect(db.prepare('SELECT count(*) FROM indelible_event').pluck().get()).toBe(0);
  });

  it('says which folder is missing and what to do, and works once it is there', async () => {
    const folder = path.join(path.dirname(newPath()), 'not', 'yet');
    const store = open(path.join(folder, 'audit.db'));
    const refusal = {
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining(`no folder ${folder}. Make the folder`),
    };
    await expect(store.append([someEntry()])).rejects.toMatchObject(refusal);
    await expect(store.find(NEWEST)).rejects.toMatchObject(refusal);
    mkdirSync(folder, { recursive: true });
    expect(await store.append([someEntry()])).toEqual({ conflicts: [] });
  });

  it('says what is wrong with a file that is no database, and leaves it as it is', async () => {
    const file = newPath();
    writeFileSync(file, 'Dear diary, '.repeat(1_000));
    const refusal = {
      code: 'STORE_UNAVAILABLE',
      message: expect.stringMatching(/audit\.db.*not a database/s),
    };
    await expect(open(file).append([someEntry()])).rejects.toMatchObject(refusal);
  });

  it.each([undefined, '', ':memory:', 7])('refuses %j for a path', (given) => {
    const options = { path: given as unknown as string };
    expect(() => createSqliteStore(options)).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }));
  });

  it('refuses to make roles, which SQLite has not', async () => {
    const store = open(newPath());
    await expect(store.migrate({ roles: true })).rejects.toMatchObject({ code: 'INVALID_OPTIONS' });
  });
});

describe('several processes on one SQLite trail', () => {
  it('lose nothing when they open and fill a new file at the same time', async () => {
    const file = newPath();
    const append = async (): Promise<string[]> => {
      const args = ['--import', 'tsx', APPEND, file, '12', '20'];
      const { stdout } = await promisify(execFile)(process.execPath, args);
      return JSON.parse(stdout) as string[];
    };
    const acknowledged = (await Promise.all([append(), append(), append()])).flat();
    expect(new Set(acknowledged).size).toBe(3 * 12 * 20);
    const db = new Database(file);
    onTestFinished(() => void db.close());
    expect(await idsIn(open(file))).toEqual(acknowledged.toSorted());
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
    expect(db.prepare('SELECT count(*) FROM indelible_event_subject').pluck().get()).toBe(
      acknowledged.length,
    );
  });
});

describe('a SQLite trail in trouble', () => {
  const large = (): ReturnType<typeof someEntries> =>
    someEntries(50, () => ({ payload: { reason: 'x'.repeat(20_000) } }));

  it('refuses whole batches while the disk is full, and goes on afterwards', async () => {
    const { path: file, db, store: roomy } = await openTrail();
    const pages = Number(db.pragma('page_count', { simple: true }));
    const store = open(file, [`max_page_count = ${pages + 40}`]);
    const small = someEntry();
    await store.append([small]);
    for (let attempt = 0; attempt < 2; attempt += 1) {
      await expect(store.append(large())).rejects.toMatchObject({
        code: 'STORE_UNAVAILABLE',
        message: expect.stringMatching(/full.*disk has room/s),
      });
    }
    expect(await idsIn(store)).toEqual([small.core.id]);
    const next = someEntry();
    await store.append([next]);
    expect(await idsIn(roomy)).toEqual([small.core.id, next.core.id]);
    const later = large();
    await roomy.append(later);
    expect(await idsIn(store)).toHaveLength(2 + later.length);
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok');
  });

  it('waits for another writer, and says so when that takes too long', async () => {
    const { path: file, db } = await openTrail();
    const store = open(file, ['busy_timeout = 100']);
    await store.find(NEWEST);
    db.exec('BEGIN IMMEDIATE');
    await expect(store.append([someEntry()])).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('database is locked'),
    });
    expect(await store.find(NEWEST)).toMatchObject({ entries: [] });
    db.exec('COMMIT');
    expect(await store.append([someEntry()])).toEqual({ conflicts: [] });
  });

  it('reads and counts no longer than it may', async () => {
    const { path: file, store } = await openTrail();
    await store.append(someEntries(3_000));
    expect(await store.count(NEWEST, 0)).toBeNull();
    expect(await store.count(NEWEST, 5_000)).toBe(3_000);
    const hurried = createSqliteStore({ path: file, readTimeoutMs: 0.001 });
    onTestFinished(() => hurried.close());
    await expect(hurried.find(NEWEST)).rejects.toMatchObject({
      code: 'QUERY_TIMEOUT',
      message: expect.stringMatching(/0\.001 ms allowed: narrow it/),
    });
  });

  it('reads a file that it may not write to only as far as it is a trail already', async () => {
    const { path: file, store } = await openTrail();
    await store.append(someEntries(2));
    await store.close();
    chmodSync(file, 0o444);
    expect(await idsIn(open(file))).toHaveLength(2);
  });

  it('stops holding the process once nothing is asked any more', async () => {
    const script = `import { createSqliteStore } from ${JSON.stringify(new URL('../../sqlite.ts', import.meta.url).href)};
      const store = createSqliteStore({ path: ${JSON.stringify(newPath())} });
      console.info((await store.migrate()).length > 0);`;
    const args = ['--import', 'tsx', '--input-type=module', '-e', script];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 20_000 });
    expect(stdout.trim()).toBe('true');
  });
});

describe('what has been stored in a SQLite trail', () => {
  const WAYS_OF_REMOVALS = [
    'constructor',
    'decide',
    'exclusively',
    'finish',
    'holdChanges',
    'manifestOf',
  ].concat(['preview', 'removals', 'remove', 'select']);
  const WAYS = [
    'append',
    'check',
    'checkpoints',
    'close',
    'count',
    'facets',
    'find',
    'get',
    'head',
    'histogram',
    'indexOf',
    'lag',
    'lastCheckpoint',
    'leafHashes',
    'leaves',
    'migrate',
    'migrations',
    'nodes',
    'pending',
    'rawLeaves',
    'seal',
    'strays',
    'stream',
    'summarize',
  ];

  it('P50: stays to the byte through everything a store can do but remove, which is all that reaches it', async () => {
    const { db, path: file, store } = await openTrail();
    const rows = (): unknown => db.prepare('SELECT * FROM indelible_event ORDER BY seq LIMIT 5').all();
    const entries = someEntries(5, () => ({ search: { subjects: ['s1'], actorText: 'ada' } }));
    await store.append(entries);
    const before = rows();
    const ways = Object.getOwnPropertyNames(SqliteStore.prototype).filter((name) => name !== 'constructor');
    expect(ways.toSorted()).toEqual(WAYS);
    expect(Object.getOwnPropertyNames(SqliteRetention.prototype).toSorted()).toEqual(WAYS_OF_REMOVALS);
    await store.append(entries.map(forged));
    await store.append([...entries, ...someEntries(3)]);
    await store.migrate();
    await store.check();
    const where = { subjectId: 's1' };
    await Promise.all([
      store.find({ ...NEWEST, where }),
      store.count(NEWEST, 100),
      idsIn(store),
      store.migrations(),
    ]);
    await store.summarize({ tenantId: '', where, dayBounds: [], top: 1 });
    await store.facets({ tenantId: '', where, facets: ['action'], among: 1, top: 1 });
    await store.histogram({ tenantId: '', where, bounds: [] });
    await store.get(entries[0]?.core.id ?? '', '');
    const log = new SqliteStore({ path: file });
    await sealAll(log, new Sealed(), 2);
    await Promise.all([log.head(), log.lag(), log.leaves(0, 9), log.leafHashes(0, 9), log.nodes(1, 0, 9)]);
    await Promise.all([log.checkpoints(0, 9), log.lastCheckpoint(), log.strays(9), log.rawLeaves(0, 9)]);
    expect(await log.indexOf(entries[0]?.core.id ?? '')).toBe(0);
    await rule(log);
    await log.close();
    await store.close();
    await open(file).append(someEntries(1));
    expect(rows()).toEqual(before);
  });

  /** Everything about removals, but for what removes. */
  async function rule(store: SqliteStore): Promise<void> {
    const selection = {
      clauses: [{ match: {}, except: [], recordedBefore: '9999-01-01T00:00:00Z' }],
      holds: [],
    };
    expect((await store.retention.preview(selection)).count).toBe(8);
    const [leaf] = await store.retention.select(selection, null, 1);
    const eventId = leaf?.id ?? '';
    await store.retention.decide({ eventId, kind: 'purge', manifest: '{}', note: 'n' });
    await store.retention.exclusively(() => take(store, eventId, []));
    await store.retention.finish(eventId);
    await Promise.all([store.retention.removals(), store.retention.manifestOf(eventId)]);
    expect(await store.retention.holdChanges()).toBe(0);
  }
});
