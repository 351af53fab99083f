import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';

import { openSqliteRemoval, type SqliteRemoval } from '../../../test/sqlite-removal.js';
import type { Entry } from '../../event/entry.js';
import { idsOf, question } from '../../testing/contract/question.js';
import { samples } from '../../testing/contract/sample.js';
import { decided, removeAll, storeAndSeal, take } from '../../testing/removal/filled.js';
import { emptied } from '../../testing/removal/under-test.js';
import { KEPT_ACTIONS, type RemovalKind } from '../removal.js';
import { rangeEndStatement, selectionStatement } from '../sql/selection.js';
import { DIALECT } from './dialect.js';
import { SELECTION } from './selection.js';

const FIXTURE = fileURLToPath(new URL('../../../test/faults/fixture-exclusive.ts', import.meta.url));
const RANGE = {
  after: '019ca6b4-788b-7516-8f76-2a31d2370c02',
  upTo: '019ca6b4-788b-7516-8f76-2a31d2370c04',
};
const LATER = '9999-01-01T00:00:00Z';

interface Person {
  readonly name: string;
  readonly ip: string;
  readonly agent: string;
  readonly reason: string;
}

/** Each has letters in its name that nobody else's has beside each other. */
const GONE: Person = { name: 'zqxjvwk', ip: '203.0.113.77', agent: 'Zorblax/9', reason: 'wvkxqj tooth' };
const OTHER: Person = { name: 'hfgplmz', ip: '198.51.100.23', agent: 'Plimsoll/4', reason: 'mzglpf check' };

async function open(): Promise<SqliteRemoval> {
  const subject = await openSqliteRemoval();
  onTestFinished(() => subject.remove());
  return subject;
}

function eventsOf({ name, ip, agent, reason }: Person, count: number): Entry[] {
  return samples(count, (n) => ({
    core: { subject_id: name === GONE.name ? 's1' : 's2', tenant_id: n % 2 === 0 ? 'acme' : undefined },
    payload: {
      actor: { username: `${name}.own`, email: `${name}@clinic.example` },
      target: { label: `Patient ${name}` },
      request: { ip, user_agent: agent, path: `/patients/${name}` },
      reason,
      after: { note: `${name} ${n} ${'x'.repeat(n % 7 === 0 ? 5_000 : 10)} end of ${name}` },
    },
    search: {
      role: `role of ${name}`,
      ip,
      actorText: `${name} own`,
      text: `patient ${name} /patients/${name}`,
    },
  }));
}

/** Everything about the person that lies in the file or beside it, in any form a text has there. */
function tracesOf(person: Person, { path }: { readonly path: string }): string[] {
  const bytes = Buffer.concat(
    ['', '-wal', '-shm', '-journal'].map((tail) =>
      existsSync(`${path}${tail}`) ? readFileSync(`${path}${tail}`) : Buffer.alloc(0),
    ),
  );
  return Object.values(person).filter((text: string) => bytes.indexOf(text) !== -1);
}

/**
 * The trigrams of a name that lie in the blocks of the index of texts. To ask the index would not do: it answers as if
 * those were gone whose removal it has only been told of.
 */
function trigramsOf(name: string, db: Database.Database): string[] {
  const blocks = Buffer.concat(
    db.prepare('SELECT block FROM indelible_event_search_data').pluck().all() as Buffer[],
  );
  const parts = Array.from({ length: name.length - 2 }, (_, n) => name.slice(n, n + 3));
  return parts.filter((part) => blocks.indexOf(part) !== -1);
}

function mixed(count: number): { gone: Entry[]; left: Entry[]; all: Entry[] } {
  const [gone, left] = [eventsOf(GONE, count), eventsOf(OTHER, count)];
  return { gone, left, all: gone.flatMap((entry, n) => [entry, left[n] ?? entry]) };
}

describe('what is removed from a SQLite trail', () => {
  it.each<[RemovalKind, number]>([
    ['erase', 20],
    ['erase', 400],
    ['purge', 20],
    ['purge', 400],
  ])(
    'P39: leaves no byte of it behind once it is over: %s, %i events, in the file, its log and its index',
    async (kind, count) => {
      const { store, trail, rawEvents } = await open();
      const { gone, left, all } = mixed(count);
      await storeAndSeal(store, all);
      expect(tracesOf(GONE, trail)).toEqual(Object.values(GONE));
      expect(trigramsOf(GONE.name, trail.db).length).toBeGreaterThan(2);
      await removeAll(store, kind, gone);
      expect(tracesOf(GONE, trail)).toEqual([]);
      expect(trigramsOf(GONE.name, trail.db)).toEqual([]);
      expect(tracesOf(OTHER, trail)).toEqual(Object.values(OTHER));
      expect(trigramsOf(OTHER.name, trail.db).length).toBeGreaterThan(2);
      const search = { text: OTHER.name, exact: OTHER.name };
      expect(await store.count(question(null, { search }), 10_000)).toBe(left.length);
      const rows = await rawEvents();
      expect(rows.filter(({ payload }) => payload === null)).toEqual(
        kind === 'purge' ? [] : gone.map(emptied),
      );
      trail.db.exec("INSERT INTO indelible_event_search (indelible_event_search) VALUES ('integrity-check')");
      expect(trail.db.pragma('integrity_check', { simple: true })).toBe('ok');
    },
  );

  it('P39: leaves no byte of it behind when the process ended in between, and others were stored meanwhile', async () => {
    const { store, another, trail } = await open();
    const { gone, all } = mixed(300);
    await storeAndSeal(store, all);
    const eventId = await decided(store, 'purge');
    await take(store, eventId, idsOf(gone.slice(0, 150)));
    await store.close();
    const next = await another();
    await storeAndSeal(next, eventsOf(OTHER, 200));
    await take(next, eventId, idsOf(gone.slice(150, 160)));
    await take(next, eventId, idsOf(gone));
    await Promise.all([next.retention.finish(eventId), storeAndSeal(next, eventsOf(OTHER, 20))]);
    expect(tracesOf(GONE, trail)).toEqual([]);
    expect(trigramsOf(GONE.name, trail.db)).toEqual([]);
    const search = { text: OTHER.name, exact: OTHER.name };
    expect(await next.count(question(null, { search }), 10_000)).toBe(520);
  });

  it('P39: is not said to be over while another process reads what it was', async () => {
    const { store, trail } = await open();
    const { gone, all } = mixed(5);
    await storeAndSeal(store, all);
    const eventId = await decided(store, 'erase');
    const reader = new Database(trail.path);
    reader.exec('BEGIN; SELECT * FROM indelible_event LIMIT 1');
    reader.prepare('SELECT count(*) FROM indelible_event').get();
    await take(store, eventId, idsOf(gone));
    await expect(store.retention.finish(eventId)).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('Finish the removal again'),
    });
    expect(await store.retention.removals()).toMatchObject([{ eventId, doneAt: null }]);
    expect(tracesOf(GONE, trail)).not.toEqual([]);
    reader.close();
    await store.retention.finish(eventId);
    expect(tracesOf(GONE, trail)).toEqual([]);
    expect(await store.retention.removals()).toMatchObject([{ eventId, doneAt: expect.any(String) }]);
  }, 20_000);
});

describe('the one runner of removals on a SQLite trail', () => {
  it('P49: keeps nobody out when its process is killed', async () => {
    const { store, trail } = await open();
    const child = spawn(process.execPath, ['--import', 'tsx', FIXTURE, trail.path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void child.kill('SIGKILL'));
    await once(child.stdout, 'data');
    expect(await store.retention.exclusively(async () => 'ran')).toBeUndefined();
    child.kill('SIGKILL');
    await once(child, 'close');
    expect(await store.retention.exclusively(async () => 'ran')).toBe('ran');
  });
});

describe('how SQLite selects', () => {
  const plan = async (match: object, clauses = 1): Promise<string> => {
    const { trail } = await open();
    trail.db.function('indelible_in_time', () => 1);
    const clause = { match, except: [{ action: 'LIST' }], recordedBefore: LATER };
    const selection = {
      clauses: Array.from({ length: clauses }, () => clause),
      holds: [{ subjectId: 's4' }],
    };
    const { sql, parameters } = selectionStatement(SELECTION, selection, RANGE, 1_000);
    const steps = trail.db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters) as { detail: string }[];
    return steps.map(({ detail }) => detail).join('\n');
  };

  it('P49: the events of a person from the indexes of people, however many others there are', async () => {
    const steps = await plan({ tenantId: 'acme', subjectId: 's1' });
    expect(steps).toContain('indelible_event_subject_id (tenant_id=? AND subject_id=?');
    expect(steps).not.toMatch(/SCAN indelible_event\b/);
  });

  it('P49: any events part by part of the trail, and sorts nothing', async () => {
    for (const clauses of [1, 3]) {
      const steps = await plan({}, clauses);
      expect(steps).toContain('sqlite_autoindex_indelible_event_1 (id>? AND id<?)');
      expect(steps).not.toContain('TEMP B-TREE');
    }
    const { trail } = await open();
    const { sql, parameters } = rangeEndStatement(DIALECT, RANGE.after, 50_000);
    expect(trail.db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters)).toMatchObject([
      { detail: 'SEARCH indelible_event USING COVERING INDEX sqlite_autoindex_indelible_event_1 (id>?)' },
    ]);
  });

  it('P34: keeps for ever in its guards what the contract says', async () => {
    const { trail } = await open();
    for (const guard of ['update', 'delete']) {
      const sql = trail.db.prepare('SELECT sql FROM sqlite_master WHERE name = ?').pluck();
      expect(sql.get(`indelible_event_guard_${guard}`)).toContain(
        `NOT IN (${KEPT_ACTIONS.map((action) => `'${action}'`).join(', ')})`,
      );
    }
  });
});
