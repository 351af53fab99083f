import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { someEntries, someEntry } from '../../../test/entries.js';
import { openTrail, type PostgresTrail } from '../../../test/postgres-trail.js';
import { postgresServers } from '../../../test/servers/postgres.js';
import { sealAll } from '../../testing/seal-log/sealed.js';
import type { Selection } from '../removal.js';
import type { Store } from '../store.js';
import { take } from '../../testing/removal/filled.js';

const DENIED = { code: '42501', message: expect.stringMatching(/^permission denied/) };
const OUT = { code: 'STORE_UNAVAILABLE', cause: expect.objectContaining({ code: '42501' }) };
const ALL: Selection = {
  clauses: [{ match: {}, except: [], recordedBefore: '9999-01-01T00:00:00Z' }],
  holds: [],
};

/** No role gets past the functions. */
const DIRECT = [
  `DELETE FROM indelible_event`,
  `UPDATE indelible_event SET payload = NULL, salt = NULL`,
  `DELETE FROM indelible_event_subject`,
  `TRUNCATE indelible_event`,
  `UPDATE indelible_deletion SET xid = pg_current_xact_id()`,
  `UPDATE indelible_deletion SET done_at = now()`,
  `INSERT INTO indelible_deletion (event_id, kind, manifest, note, done_at) VALUES (gen_random_uuid(), 'purge', '{}', 'n', now())`,
  `INSERT INTO indelible_deletion (event_id, kind, manifest, note, decided_at) VALUES (gen_random_uuid(), 'purge', '{}', 'n', now())`,
  `DELETE FROM indelible_deletion`,
  `DELETE FROM indelible_rollup`,
  `SELECT indelible_uncount('purge', '{}', NULL, NULL)`,
];
const PURGER_ONLY = [
  `SELECT indelible_remove(gen_random_uuid(), '{}', 0)`,
  `SELECT indelible_finish(gen_random_uuid())`,
  `INSERT INTO indelible_deletion (event_id, kind, manifest, note) VALUES (gen_random_uuid(), 'purge', '{}', 'n')`,
];

describe.each(postgresServers())('the roles around removals on $name', (server) => {
  let trail: PostgresTrail;
  let purger: Store;

  beforeAll(async () => {
    trail = await openTrail(server, { roles: true });
    const sealer = await storeAs('indelible_sealer');
    await trail.store.append(someEntries(9, (n) => ({ search: { subjects: [`p${n % 2}`] } })));
    await sealAll(sealer);
    purger = await storeAs('indelible_purger');
  });
  afterAll(() => trail.close());

  const storeAs = (role: string): Promise<Store> => trail.storeAs(`GRANT ${role} TO $role`);
  const clientAs = (role: string): Promise<Client> => trail.clientAs(`GRANT ${role} TO $role`);

  it('let the purger decide, select, remove and finish', async () => {
    for (const [kind, left] of [
      ['erase', 9],
      ['purge', 5],
    ] as const) {
      const { core } = someEntry();
      await purger.retention.decide({ eventId: core.id, kind, manifest: '{}', note: 'n' });
      await purger.retention.decide({ eventId: core.id, kind, manifest: '{}', note: 'n' });
      expect((await purger.retention.preview(ALL)).count).toBe(9);
      const ids = (await purger.retention.select(ALL, null, 4)).map(({ id }) => id);
      expect(await purger.retention.exclusively(() => take(purger, core.id, ids))).toBe(4);
      await purger.retention.finish(core.id);
      const { rows } = await trail.client.query('SELECT count(*)::int FROM indelible_event');
      expect(rows).toEqual([{ count: left }]);
    }
    expect((await purger.retention.removals()).map(({ kind }) => kind)).toEqual(['erase', 'purge']);
  });

  it.each(DIRECT)('P43: do not let the purger %s', async (statement) => {
    const client = await clientAs('indelible_purger');
    await expect(client.query(statement)).rejects.toMatchObject(DENIED);
  });

  it.each(['indelible_writer', 'indelible_reader', 'indelible_sealer'])(
    'P43: let %s remove nothing',
    async (role) => {
      const client = await clientAs(role);
      for (const statement of [...DIRECT, ...PURGER_ONLY])
        await expect(client.query(statement), statement).rejects.toMatchObject(DENIED);
    },
  );

  it('let the reader see what was decided, and what a selection holds', async () => {
    const reader = await storeAs('indelible_reader');
    expect(await reader.retention.removals()).toEqual(await purger.retention.removals());
    expect(await reader.retention.preview(ALL)).toEqual(await purger.retention.preview(ALL));
    expect(await reader.retention.select(ALL, null, 3)).toEqual(await purger.retention.select(ALL, null, 3));
  });

  it('let the writer and a bystander see none of it', async () => {
    const writer = await storeAs('indelible_writer');
    for (const ask of [() => writer.retention.removals(), () => writer.retention.preview(ALL)])
      await expect(ask()).rejects.toMatchObject(OUT);
    const stranger = await trail.clientAs('');
    for (const statement of [...PURGER_ONLY, `SELECT indelible_leaves('{}')`])
      await expect(stranger.query(statement), statement).rejects.toMatchObject(DENIED);
  });
});
