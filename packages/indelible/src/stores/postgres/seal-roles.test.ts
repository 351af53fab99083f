import type { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { someEntries } from '../../../test/entries.js';
import { openTrail, type PostgresTrail } from '../../../test/postgres-trail.js';
import { postgresServers } from '../../../test/servers/postgres.js';
import { assertHead, Sealed, sealAll, sealNext } from '../../testing/seal-log/sealed.js';
import type { Store } from '../store.js';

const TABLES = ['seal', 'node', 'checkpoint', 'head', 'rollup'].map((name) => `indelible_${name}`);
const DENIED = { code: '42501' };
const OUT = { code: 'STORE_UNAVAILABLE', cause: expect.objectContaining(DENIED) };
/** Each would fit, so that only the right to do it is missing. */
const INSERTS = [
  `INSERT INTO indelible_seal VALUES (900, gen_random_uuid(), gen_random_uuid(), 1, ARRAY[gen_random_uuid()], sha256(''))`,
  `INSERT INTO indelible_node VALUES (1, 900, sha256(''))`,
  `INSERT INTO indelible_checkpoint VALUES (900, 900, now(), 'note')`,
  `INSERT INTO indelible_rollup VALUES (now(), 1, '', 'total', '')`,
];

describe.each(postgresServers())('the roles around the log on $name', (server) => {
  let trail: PostgresTrail;
  let sealed: Sealed;

  beforeAll(async () => {
    trail = await openTrail(server, { roles: true });
    const log = await logAs('indelible_sealer');
    await trail.store.append(someEntries(5, () => ({ search: { subjects: ['p1', 'p2'] } })));
    sealed = await sealAll(log, new Sealed(), 2);
  });
  afterAll(() => trail.close());

  const logAs = (role: string): Promise<Store> => trail.storeAs(`GRANT ${role} TO $role`);
  const clientAs = (role: string): Promise<Client> => trail.clientAs(`GRANT ${role} TO $role`);

  it('let the sealer seal, also into sums that are there, and give a sign of life', async () => {
    const log = await logAs('indelible_sealer');
    await trail.store.append(someEntries(260));
    sealed = await sealAll(log, sealed, 200);
    sealed = await sealNext(log, sealed, 10);
    assertHead(await log.head(), sealed.head);
    expect(await log.strays(1)).toEqual([]);
    expect(await log.nodes(1, 0, 1)).toHaveLength(1);
  });

  it.each([
    ...TABLES.filter((table) => !/head|rollup/.test(table)).map((table) => `UPDATE ${table} SET size = size`),
    ...TABLES.flatMap((table) => [`DELETE FROM ${table}`, `TRUNCATE ${table}`]),
    `INSERT INTO indelible_head SELECT * FROM indelible_head`,
    `UPDATE indelible_head SET single = true`,
    `UPDATE indelible_rollup SET value = 'x'`,
    `UPDATE indelible_event SET payload = NULL`,
    `DELETE FROM indelible_event`,
    `INSERT INTO indelible_event SELECT * FROM indelible_event`,
    `ALTER TABLE indelible_seal DISABLE TRIGGER ALL`,
    `SET ROLE indelible_owner`,
  ])('do not let the sealer %s', async (statement) => {
    const sealer = await clientAs('indelible_sealer');
    await expect(
      sealer.query(statement.replace('node SET size = size', 'node SET hash = hash')),
    ).rejects.toMatchObject(DENIED);
  });

  it.each(['indelible_reader', 'indelible_purger'])(
    'let %s read all of the log, and seal nothing',
    async (role) => {
      const log = await logAs(role);
      assertHead(await log.head(), sealed.head);
      expect(await log.leaves(0, 3)).toMatchObject(
        sealed.ids.slice(0, 3).map((id) => ({ id, entry: { core: { id } } })),
      );
      expect(await log.leafHashes(0, 2)).toHaveLength(2);
      expect(await log.indexOf(sealed.ids[3] ?? '')).toBe(3);
      expect(await log.lag()).toEqual({ count: 0, oldest: null });
      expect((await log.checkpoints(0, 2)).length).toBe(2);
      expect(await log.lastCheckpoint()).toMatchObject({ size: sealed.ids.length });
      expect(await log.strays(1)).toEqual([]);
      const batch = sealed.batch(await log.pending(10));
      await expect(log.seal(batch)).rejects.toMatchObject(OUT);
      const reader = await clientAs(role);
      for (const insert of INSERTS) await expect(reader.query(insert)).rejects.toMatchObject(DENIED);
    },
  );

  it.each(TABLES)('do not let the writer read or change %s', async (table) => {
    const writer = await clientAs('indelible_writer');
    await expect(writer.query(`SELECT FROM ${table}`)).rejects.toMatchObject(DENIED);
    await expect(writer.query(`DELETE FROM ${table}`)).rejects.toMatchObject(DENIED);
    for (const insert of INSERTS) await expect(writer.query(insert)).rejects.toMatchObject(DENIED);
  });

  it('let nobody ask the log through the store who may only write', async () => {
    const log = await logAs('indelible_writer');
    for (const ask of [() => log.head(), () => log.pending(1), () => log.leaves(0, 1), () => log.lag()])
      await expect(ask()).rejects.toMatchObject(OUT);
  });

  it('work also where no role may read the identifier of the cluster', async () => {
    const log = await logAs('indelible_sealer');
    await trail.client.query('REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC');
    await trail.store.append(someEntries(3));
    sealed = await sealAll(log, sealed, 2);
    assertHead(await log.head(), sealed.head);
    const { rows } = await trail.client.query(
      `SELECT place::json ->> 'cluster' AS cluster FROM indelible_head`,
    );
    expect(rows).toEqual([{ cluster: expect.stringMatching(/^\/\d+$/) }]);
    await trail.client.query('GRANT EXECUTE ON FUNCTION pg_control_system() TO PUBLIC');
  });
});
