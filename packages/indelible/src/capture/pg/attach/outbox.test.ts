import { describe, expect, it, onTestFinished } from 'vitest';

import { PgBed } from '../../../../test/capture/pg-bed.js';
import { postgresServers } from '../../../../test/servers/postgres.js';

const SCHEMA =
  "CREATE TABLE people (id int PRIMARY KEY, name text); INSERT INTO people VALUES (1, 'a'), (2, 'b')";
const MERGE =
  'MERGE INTO people p USING (SELECT 1 AS id) s ON s.id = p.id WHEN MATCHED THEN UPDATE SET name = p.name || 1';

describe.each(postgresServers())('an outbox on $name', (server) => {
  async function open(): Promise<PgBed> {
    const bed = await PgBed.open(server, SCHEMA);
    onTestFinished(() => bed.close());
    return bed;
  }

  const name = async (bed: PgBed): Promise<unknown> =>
    (await bed.plain.query('SELECT name FROM people WHERE id = 1')).rows[0]?.name;

  it('says once what is attached', async () => {
    const bed = await open();
    const pool = bed.pool();
    await Promise.all([pool.query('SELECT 1'), pool.query('SELECT 1'), pool.query('SELECT 1')]);
    expect(bed.capturing.lines).toEqual([
      expect.stringMatching(/^PostgreSQL 1[58]\.\d+.* through pg: 1 table$/),
    ]);
  });

  it('P15: that is missing refuses the connection where writes must have their events', async () => {
    const bed = await open();
    await bed.plain.query('DROP FUNCTION indelible_put');
    bed.capturing.isClosed = true;
    const pool = bed.pool();
    await expect(pool.query('SELECT 1')).rejects.toMatchObject({
      name: 'AuditError',
      message: expect.stringContaining('npx indelible migrate') as string,
    });
    expect(pool.totalCount).toBe(0);
  });

  it('P15: that is missing is told for every write where the writes go on, and for nothing else', async () => {
    const bed = await open();
    await bed.plain.query('DROP FUNCTION indelible_put');
    const client = await bed.client();
    const lost = async (text: string): Promise<number> => {
      const before = bed.capturing.lostCauses.length;
      await client.query(text);
      return bed.capturing.lostCauses.length - before;
    };
    expect(await lost("UPDATE people SET name = 'x' WHERE id = 1 RETURNING *")).toBe(1);
    expect(await lost(MERGE)).toBe(1);
    expect(await lost('BEGIN')).toBe(0);
    expect(await lost("WITH w AS (INSERT INTO people VALUES (7, 'w') RETURNING id) SELECT * FROM w")).toBe(1);
    expect(await lost('SELECT * FROM people FOR NO KEY UPDATE')).toBe(0);
    expect(await lost('COMMIT')).toBe(0);
    expect(String(bed.capturing.lostCauses[0])).toContain('npx indelible migrate');
    expect(await name(bed)).toBe('x1');
  });

  it('P15: whose table is gone is told, and the write goes on, also inside a transaction', async () => {
    const bed = await open();
    const client = await bed.client();
    const notices: unknown[] = [];
    client.on('notice', (notice) => notices.push(notice));
    await bed.plain.query('DROP TABLE indelible_outbox');
    for (const text of ['BEGIN', "UPDATE people SET name = 'y' WHERE id = 1", MERGE, 'COMMIT', MERGE])
      await client.query(text);
    expect(await name(bed)).toBe('y11');
    expect(bed.capturing.lostCauses).toHaveLength(3);
    await client.query("DO $$ BEGIN RAISE NOTICE 'for the application'; END $$");
    expect(notices).toMatchObject([{ message: 'for the application' }]);
  });

  it('whose function is gone since the connection was made costs no write, also inside a transaction', async () => {
    const bed = await open();
    const client = await bed.client();
    await client.query('CREATE TABLE nudge ()');
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    await bed.plain.query('DROP FUNCTION indelible_put');
    await client.query('BEGIN');
    await client.query(MERGE);
    await client.query('COMMIT');
    expect(await name(bed)).toBe('a1');
    expect(bed.capturing.lostCauses).toHaveLength(1);
    expect(await client.query("UPDATE people SET name = 'z' WHERE id = 1")).toMatchObject({ rowCount: 1 });
    expect(await name(bed)).toBe('z');
    expect(bed.capturing.lostCauses.length).toBe(2);
  });

  it('that may not be written is told', async () => {
    const bed = await open();
    const url = new URL(bed.url);
    const role = `${url.pathname.slice(1)}_poor`;
    await bed.plain.query(
      `CREATE ROLE ${role} LOGIN PASSWORD 'for-tests'; GRANT SELECT, UPDATE ON people TO ${role}`,
    );
    onTestFinished(async () => {
      await bed.plain.query(`DROP OWNED BY ${role}; DROP ROLE ${role}`);
    });
    url.username = role;
    url.password = 'for-tests';
    const client = await bed.client({ connectionString: url.href });
    expect(await client.query("UPDATE people SET name = 'poor' WHERE id = 1")).toMatchObject({ rowCount: 1 });
    expect(String(bed.capturing.lostCauses)).toContain('permission denied');
  });

  it('keeps a catalogue that cannot be read from letting writes pass unseen', async () => {
    const bed = await open();
    const load = (): Promise<never> => Promise.reject(new Error('no catalogue today'));
    const client = await bed.client({}, { load });
    await client.query("UPDATE people SET name = 'x' WHERE id = 1");
    expect(String(bed.capturing.lostCauses)).toContain('no catalogue today');
    bed.capturing.isClosed = true;
    await expect(client.query("UPDATE people SET name = 'x' WHERE id = 1")).rejects.toThrow(
      'no catalogue today',
    );
    await expect(bed.client({}, { load })).rejects.toThrow('no catalogue today');
  });

  it.each([
    ['onUnsupported: throw', { onUnsupported: 'throw' as const }],
    ['failClosed', { isClosed: true }],
  ])('refuses what cannot be captured before it is sent, by %s', async (_, settings) => {
    const bed = await open();
    const client = await bed.client();
    Object.assign(bed.capturing, settings);
    await client.query('BEGIN');
    await expect(client.query(MERGE)).rejects.toMatchObject({
      name: 'AuditError',
      message: expect.stringContaining('MERGE') as string,
    });
    await client.query('COMMIT');
    await expect(client.query('UPDATE people SET nothing = 1')).rejects.toThrow('nothing');
    expect(await name(bed)).toBe('a');
    expect(await client.query("UPDATE people SET name = 'b' WHERE id = 1")).toMatchObject({ rowCount: 1 });
    expect(await bed.taken()).toEqual(['UPDATE people']);
  });

  it('tells what cannot be captured, with rows, fingerprint and a warning', async () => {
    const bed = await open();
    const client = await bed.client();
    await client.query(MERGE);
    const [first] = await bed.take();
    expect(first?.change).toEqual({
      op: 'STATEMENT',
      models: ['people'],
      verb: 'MERGE',
      fingerprint: expect.stringMatching(/^[0-9a-f]{64}$/) as string,
      rows: 1,
      reason: expect.any(String) as string,
    });
    expect(bed.capturing.warnings[0]).toContain('MERGE on people');
    await expect(client.query('TRUNCATE nowhere, people')).rejects.toThrow('nowhere');
    expect(await bed.take()).toEqual([]);
  });

  it('is told of what is done before the caller goes on, also when he ends the connection then', async () => {
    const bed = await open();
    for (const text of [MERGE, "UPDATE people SET name = 'x'"]) {
      const client = await bed.client();
      await client.query(text);
      await client.end();
    }
    expect(await bed.taken()).toEqual(['STATEMENT MERGE 1', 'UPDATE people', 'UPDATE people']);
    const pool = bed.pool();
    await Promise.all([
      pool.query(MERGE),
      pool.query(MERGE),
      pool.query("INSERT INTO people VALUES (5, 'e')"),
    ]);
    await pool.end();
    expect((await bed.taken()).toSorted()).toEqual([
      'INSERT people',
      'STATEMENT MERGE 1',
      'STATEMENT MERGE 1',
    ]);
  });
});
