import Database from 'better-sqlite3';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { someEntries } from '../../../test/entries.js';
import { openSqliteTrail, type SqliteTrail } from '../../../test/sqlite-trail.js';
import { decided, take } from '../../testing/removal/filled.js';
import { sealAll } from '../../testing/seal-log/sealed.js';
import { KEPT_ACTIONS } from '../removal.js';
import { SqliteStore } from './sqlite-store.js';

const REFUSED = /append-only|was decided|takes nothing else/;
const TABLES = ['event', 'event_subject', 'deletion', 'removing', 'purged'];
const EMPTY = 'payload = NULL, salt = NULL, role = NULL, ip = NULL, actor_text = NULL, search_text = NULL';
const CORE = [
  ['id', 'randomblob(16)'],
  ['recorded_at', 'recorded_at + 1'],
  ['v', '2'],
  ['action', "'LIST'"],
  ['outcome', "'denied'"],
  ['source', "'manual'"],
  ['actor_type', "'system'"],
  ['actor_id', 'NULL'],
  ['tenant_id', "'other'"],
  ['target_type', "'Invoice'"],
  ['target_id', "'8'"],
  ['subject_id', "'s9'"],
  ['process_id', "'p2'"],
  ['process_n', '2'],
  ['count', '7'],
  ['payload_digest', 'zeroblob(32)'],
] as const;

describe('the guards of a SQLite trail, where removals are', () => {
  let trail: SqliteTrail;
  let store: SqliteStore;
  let before: unknown;

  const contents = (): unknown =>
    TABLES.map((table) => trail.db.prepare(`SELECT * FROM indelible_${table}`).all());
  const run = (sql: string) => (): unknown => trail.db.exec(sql);

  beforeAll(async () => {
    trail = await openSqliteTrail();
    store = new SqliteStore({ path: trail.path });
    const kept = KEPT_ACTIONS.map((action) => ({ core: { action } }));
    const search = { role: 'dentist', ip: '10.0.0.1', actorText: 'ada', text: 'patient', subjects: ['s1'] };
    await store.append([
      ...someEntries(4, () => ({ search })),
      ...someEntries(kept.length, (n) => kept[n] ?? {}),
    ]);
    await sealAll(store);
    await store.append(someEntries(1, () => ({ search })));
    for (const kind of ['purge', 'erase', 'purge'] as const) await decided(store, kind);
    const [over] = await store.retention.removals();
    await store.retention.finish(over?.eventId ?? '');
  });
  beforeEach(() => {
    before = contents();
  });
  afterAll(async () => {
    await store.close();
    await trail.close();
  });

  it.each([
    `UPDATE indelible_event SET ${EMPTY} WHERE seq = 1`,
    'DELETE FROM indelible_event WHERE seq = 1',
    'DELETE FROM indelible_event_subject',
    "UPDATE indelible_deletion SET manifest = '{}'",
    'UPDATE indelible_deletion SET done_at = NULL WHERE place = 1',
    'UPDATE indelible_deletion SET done_at = done_at + 1 WHERE place = 1',
    "UPDATE indelible_deletion SET done_at = 1, kind = 'erase' WHERE place = 3",
    'UPDATE indelible_deletion SET done_at = 1, decided_at = 1 WHERE place = 3',
    'UPDATE OR REPLACE indelible_deletion SET place = 1 WHERE place = 2',
    'DELETE FROM indelible_deletion',
    'REPLACE INTO indelible_deletion SELECT * FROM indelible_deletion WHERE place = 2',
    "INSERT INTO indelible_deletion (event_id, kind, manifest, done_at) VALUES (randomblob(16), 'purge', '{}', 1)",
    'INSERT INTO indelible_purged SELECT id FROM indelible_event',
  ])('P43: refuse %s on any connection, and say why', (statement) => {
    expect(run(statement)).toThrow(REFUSED);
    expect(contents()).toEqual(before);
  });

  it.each(['purge', 'erase'])(
    'P43: refuse to begin a removal (%s) on a connection that is no store',
    (kind) => {
      const begin = `INSERT INTO indelible_removing SELECT 1, event_id, kind FROM indelible_deletion WHERE kind = '${kind}'`;
      expect(run(begin)).toThrow(/no such function: indelible_may_remove/);
      expect(contents()).toEqual(before);
    },
  );

  describe('during a removal', () => {
    let db: Database.Database;

    beforeAll(() => {
      db = new Database(trail.path);
      db.function('indelible_may_remove', () => 1);
    });
    afterAll(() => db.close());

    /** The statement on a connection that can remove, within the removal that was decided second or third. */
    const during = (kind: 'purge' | 'erase', statement: string) => (): unknown => {
      const place = kind === 'erase' ? 2 : 3;
      db.exec(`BEGIN IMMEDIATE; INSERT INTO indelible_removing
        SELECT 1, event_id, kind FROM indelible_deletion WHERE place = ${place}`);
      try {
        return db.exec(statement);
      } finally {
        db.exec('ROLLBACK');
      }
    };

    it.each(CORE)('P43: refuse an erasure that also changes the %s', (column, value) => {
      const erase = `UPDATE indelible_event SET ${EMPTY}`;
      expect(during('erase', `${erase} WHERE seq = 1`)).not.toThrow();
      expect(during('erase', `${erase}, ${column} = ${value} WHERE seq = 1`)).toThrow(REFUSED);
      expect(during('erase', `UPDATE indelible_event SET ${column} = ${value} WHERE seq = 1`)).toThrow(
        REFUSED,
      );
    });

    it.each(EMPTY.split(', '))('P43: refuse an erasure that leaves out %s', (one) => {
      const others = EMPTY.split(', ').filter((column) => column !== one);
      expect(during('erase', `UPDATE indelible_event SET ${others.join(', ')} WHERE seq = 1`)).toThrow(
        REFUSED,
      );
    });

    it.each<['purge' | 'erase', string]>([
      ['erase', 'DELETE FROM indelible_event WHERE seq = 1'],
      ['erase', 'DELETE FROM indelible_event_subject'],
      ['erase', "UPDATE indelible_event SET payload = '{}' WHERE seq = 1"],
      ['erase', `UPDATE indelible_event SET seq = 99, ${EMPTY} WHERE seq = 1`],
      ['erase', 'INSERT INTO indelible_purged SELECT id FROM indelible_event'],
      ['purge', `UPDATE indelible_event SET ${EMPTY} WHERE seq = 1`],
      ['purge', "DELETE FROM indelible_event_subject WHERE subject_id = 's1'"],
      ['purge', 'REPLACE INTO indelible_event SELECT * FROM indelible_event WHERE seq = 1'],
      ['purge', 'UPDATE indelible_purged SET event_id = event_id'],
      ['purge', "UPDATE indelible_removing SET kind = 'erase'"],
    ])('P43: refuse, of a %s, %s', (kind, statement) => {
      const purged = kind === 'purge' && statement.includes('indelible_purged');
      const first = purged ? 'DELETE FROM indelible_event WHERE seq = 2; ' : '';
      expect(during(kind, first + statement)).toThrow(REFUSED);
    });

    it.each(KEPT_ACTIONS)('P34: refuse to remove or erase an event of the action %s', (action) => {
      const where = `WHERE action = '${action}'`;
      expect(during('purge', `DELETE FROM indelible_event ${where}`)).toThrow(REFUSED);
      expect(during('erase', `UPDATE indelible_event SET ${EMPTY} ${where}`)).toThrow(REFUSED);
    });

    it('P34: refuse to remove or erase what has no leaf yet', () => {
      const where = 'WHERE seq > (SELECT place FROM indelible_head)';
      expect(during('purge', `DELETE FROM indelible_event ${where}`)).toThrow(REFUSED);
      expect(during('erase', `UPDATE indelible_event SET ${EMPTY} ${where}`)).toThrow(REFUSED);
    });

    it('refuse a removal that is over, or that nobody decided', () => {
      const begin = (values: string) => (): unknown => db.exec(`INSERT INTO indelible_removing ${values}`);
      expect(begin('SELECT 1, event_id, kind FROM indelible_deletion WHERE place = 1')).toThrow(REFUSED);
      expect(begin("SELECT 1, event_id, 'purge' FROM indelible_deletion WHERE place = 2")).toThrow(REFUSED);
      expect(begin("VALUES (1, randomblob(16), 'purge')")).toThrow(REFUSED);
    });
  });

  it('P43: refuse what was purged to come back on any connection', async () => {
    const other = await openSqliteTrail();
    const own = new SqliteStore({ path: other.path });
    const entries = someEntries(2);
    await own.append(entries);
    await sealAll(own);
    other.db.exec('CREATE TABLE copy AS SELECT * FROM indelible_event');
    await take(own, await decided(own, 'purge'), [entries[0]?.core.id ?? '']);
    for (const seq of ['seq', 'seq + 100', 'NULL']) {
      const columns = 'id, v, action, outcome, source, actor_type, payload_digest';
      const bring = `INSERT INTO indelible_event (seq, ${columns}) SELECT ${seq}, ${columns} FROM copy LIMIT 1`;
      expect(() => other.db.exec(bring)).toThrow(/was purged and never comes back/);
    }
    expect(() => other.db.exec('DELETE FROM indelible_purged')).toThrow(REFUSED);
    expect(other.db.prepare('SELECT count(*) FROM indelible_removing').pluck().get()).toBe(0);
    await own.close();
    await other.close();
  });

  it('P43: refuse a row in a place that the log has passed, or that is in the way of every later one', async () => {
    const columns = 'id, v, action, outcome, source, actor_type, payload_digest';
    const values = "randomblob(16), 1, 'READ', 'success', 'read', 'user', zeroblob(32)";
    for (const seq of [-1, 0, -9])
      expect(run(`INSERT INTO indelible_event (seq, ${columns}) VALUES (${seq}, ${values})`)).toThrow(
        /added behind the last one/,
      );
    for (const place of [-1, 0])
      expect(
        run(`INSERT INTO indelible_checkpoint (place, size, note) VALUES (${place}, 0, 'forged')`),
      ).toThrow(/added behind the last one/);
    expect(await store.append(someEntries(1))).toEqual({ conflicts: [] });
  });

  it('P43: are told of when somebody has left them open', async () => {
    const other = await openSqliteTrail();
    const own = new SqliteStore({ path: other.path });
    await decided(own, 'purge');
    other.db.function('indelible_may_remove', () => 1);
    const open = 'INSERT INTO indelible_removing SELECT 1, event_id, kind FROM indelible_deletion';
    expect(() => other.db.exec(open)).not.toThrow();
    expect(await own.check()).toEqual([
      { severity: 'error', message: expect.stringMatching(/guards .* stand open: indelible_removing/) },
    ]);
    other.db.exec('DELETE FROM indelible_removing');
    expect(await own.check()).toEqual([]);
    await own.close();
    await other.close();
  });

  it('are missed when they are gone', async () => {
    const other = await openSqliteTrail();
    expect(await other.store.check()).toEqual([]);
    const triggers = other.db
      .prepare("SELECT name FROM sqlite_master WHERE type = 'trigger' ORDER BY name")
      .pluck()
      .all() as string[];
    for (const name of triggers) other.db.exec(`DROP TRIGGER ${name}`);
    const missed = (await other.store.check()).map(
      ({ message }) => / (\w+) is missing/.exec(message)?.[1] ?? message,
    );
    expect(missed.toSorted()).toEqual(triggers);
    await other.close();
  });
});
