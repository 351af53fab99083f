import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { someEntries, someEntry } from '../../../test/entries.js';
import { openTrail, type PostgresTrail } from '../../../test/postgres-trail.js';
import { postgresServers } from '../../../test/servers/postgres.js';
import { Sealed, sealNext } from '../../testing/seal-log/sealed.js';
import { KEPT_ACTIONS } from '../removal.js';
import { PostgresStore } from './postgres-store.js';

const EMPTY =
  'payload = NULL, salt = NULL, role = NULL, ip = NULL, actor_text = NULL, search_text = NULL' as const;
const ORDINARY = `action NOT IN (${KEPT_ACTIONS.map((action) => `'${action}'`).join(', ')})`;
const CLEAR =
  /^indelible_(event|event_subject|deletion) is append-only: (UPDATE|DELETE|TRUNCATE) is refused\./;

/** What nobody may do to a decision, whether or not it is over. */
const DECISIONS = [
  `UPDATE indelible_deletion SET manifest = 'x'`,
  `UPDATE indelible_deletion SET note = 'x'`,
  `UPDATE indelible_deletion SET kind = 'purge' WHERE kind = 'erase'`,
  `UPDATE indelible_deletion SET event_id = gen_random_uuid()`,
  `UPDATE indelible_deletion SET decided_at = now()`,
  `UPDATE indelible_deletion SET done_at = now(), manifest = 'x' WHERE done_at IS NULL`,
  `UPDATE indelible_deletion SET done_at = NULL WHERE done_at IS NOT NULL`,
  `UPDATE indelible_deletion SET done_at = now() WHERE done_at IS NOT NULL`,
  `UPDATE indelible_deletion SET xid = pg_current_xact_id() WHERE done_at IS NOT NULL`,
  `UPDATE indelible_deletion SET xid = '18446744073709551615' WHERE done_at IS NULL`,
  `DELETE FROM indelible_deletion`,
  `TRUNCATE indelible_deletion`,
];

/** What a mark of either kind does not cover. */
const UNCOVERED: readonly (readonly [kind: string, statement: string])[] = [
  ['erase', `UPDATE indelible_event SET ${EMPTY}, action = 'LIST' WHERE ${ORDINARY}`],
  ['erase', `UPDATE indelible_event SET ${EMPTY}, recorded_at = now() WHERE ${ORDINARY}`],
  ['erase', `UPDATE indelible_event SET ${EMPTY}, payload_digest = sha256('x') WHERE ${ORDINARY}`],
  ['erase', `UPDATE indelible_event SET ${EMPTY}, subject_id = NULL, xid = DEFAULT WHERE ${ORDINARY}`],
  ['erase', `UPDATE indelible_event SET payload = 'x' WHERE ${ORDINARY}`],
  ['erase', `UPDATE indelible_event SET payload = NULL WHERE ${ORDINARY}`],
  ...KEPT_ACTIONS.map(
    (action) => ['erase', `UPDATE indelible_event SET ${EMPTY} WHERE action = '${action}'`] as const,
  ),
  ['erase', `DELETE FROM indelible_event WHERE ${ORDINARY}`],
  ['erase', `DELETE FROM indelible_event_subject`],
  ['erase', `TRUNCATE indelible_event`],
  ['purge', `UPDATE indelible_event SET ${EMPTY} WHERE ${ORDINARY}`],
  ['purge', `UPDATE indelible_event SET action = 'LIST' WHERE ${ORDINARY}`],
  ['purge', `UPDATE indelible_event_subject SET subject_id = 'p2'`],
  ...KEPT_ACTIONS.map(
    (action) => ['purge', `DELETE FROM indelible_event WHERE action = '${action}'`] as const,
  ),
  ['purge', `TRUNCATE indelible_event_default`],
  ['purge', `TRUNCATE indelible_event_subject`],
  ['purge', `DELETE FROM indelible_seal`],
];
const ANY_GUARD = / is append-only: (UPDATE|DELETE|TRUNCATE) is refused\./;

describe.each(postgresServers())('the guard of removals on $name', (server) => {
  let trail: PostgresTrail;
  let before: unknown;

  beforeAll(async () => {
    trail = await openTrail(server, { roles: true });
    const store = new PostgresStore({ connectionString: trail.url });
    const search = { role: 'dentist', ip: '10.0.0.1', actorText: 'ada', text: 'patient', subjects: ['p1'] };
    const kept = KEPT_ACTIONS.map((action) => someEntry({ core: { action } }));
    const ordinary = someEntries(3, () => ({ core: { subject_id: 'p1' }, search }));
    await store.append([...ordinary, ...kept]);
    await sealNext(store, new Sealed(), 100);
    for (const [kind, over] of [
      ['purge', false],
      ['erase', false],
      ['purge', true],
    ] as const) {
      const { core } = someEntry();
      await store.retention.decide({ eventId: core.id, kind, manifest: '{}', note: 'n' });
      if (over) await store.retention.finish(core.id);
    }
    await store.close();
    before = await everything(trail.client);
  });
  afterAll(() => trail.close());

  /** Does something in a transaction that is never committed. */
  async function tried(role: string, statements: readonly string[]): Promise<number | null> {
    await trail.client.query(`BEGIN; SET LOCAL ROLE ${role}`);
    try {
      let count: number | null = null;
      for (const statement of statements) count = (await trail.client.query(statement)).rowCount;
      return count;
    } finally {
      await trail.client.query('ROLLBACK');
    }
  }

  const mark = (kind: string): string =>
    `UPDATE indelible_deletion SET xid = pg_current_xact_id() WHERE kind = '${kind}' AND done_at IS NULL`;

  describe.each(['postgres', 'indelible_owner'])('where %s is at work', (role) => {
    it.each(DECISIONS)('P43: refuses %s', async (statement) => {
      await expect(tried(role, [statement])).rejects.toThrow(CLEAR);
      expect(await everything(trail.client)).toEqual(before);
    });

    it.each(UNCOVERED)('P43: refuses under a decision to %s: %s', async (kind, statement) => {
      await expect(tried(role, [mark(kind), statement])).rejects.toThrow(ANY_GUARD);
      expect(await everything(trail.client)).toEqual(before);
    });

    it('lets pass what a decision covers', async () => {
      expect(await tried(role, [mark('purge'), `DELETE FROM indelible_event WHERE ${ORDINARY}`])).toBe(3);
      expect(await tried(role, [mark('purge'), `DELETE FROM indelible_event_subject`])).toBe(3);
      const erase = `UPDATE indelible_event SET ${EMPTY} WHERE ${ORDINARY}`;
      expect(await tried(role, [mark('erase'), erase])).toBe(3);
      expect(await tried(role, [`UPDATE indelible_deletion SET done_at = now() WHERE done_at IS NULL`])).toBe(
        2,
      );
    });

    it('lets nothing pass in a transaction beside a removal, or behind it', async () => {
      const remove = `SELECT indelible_remove(event_id, '{}', 0) FROM indelible_deletion WHERE kind = 'purge' AND done_at IS NULL`;
      await expect(tried(role, [remove, 'DELETE FROM indelible_event'])).rejects.toThrow(CLEAR);
      await expect(
        tried(role, [mark('purge'), remove, `DELETE FROM indelible_event_subject`]),
      ).rejects.toThrow(CLEAR);
    });
  });

  it.each(DECISIONS)('P43: refuses a superuser who switches ordinary triggers off %s', async (statement) => {
    const attempt = tried('postgres', ['SET LOCAL session_replication_role = replica', statement]);
    await expect(attempt).rejects.toThrow(CLEAR);
    expect(await everything(trail.client)).toEqual(before);
  });

  it('takes no table of the session for the decisions', async () => {
    const forged = [
      'CREATE TEMP TABLE indelible_deletion (event_id uuid, xid xid8, done_at timestamptz, kind text)',
      `INSERT INTO pg_temp.indelible_deletion VALUES (gen_random_uuid(), pg_current_xact_id(), NULL, 'purge')`,
    ];
    const attempt = tried('postgres', [...forged, `DELETE FROM indelible_event WHERE ${ORDINARY}`]);
    await expect(attempt).rejects.toThrow(CLEAR);
  });
});

async function everything(client: Client): Promise<unknown> {
  const tables = [
    await client.query('SELECT * FROM indelible_event ORDER BY id'),
    await client.query('SELECT * FROM indelible_event_subject ORDER BY 1, 2, 3'),
    await client.query('SELECT * FROM indelible_deletion ORDER BY event_id'),
  ].map(({ rows }) => rows);
  expect(tables.map((rows) => rows.length)).toEqual([3 + KEPT_ACTIONS.length, 3, 3]);
  return tables;
}
