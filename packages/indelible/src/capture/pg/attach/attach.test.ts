import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';

import { PgBed, TestCapturing } from '../../../../test/capture/pg-bed.js';
import { postgresServers } from '../../../../test/servers/postgres.js';
import { attachClient } from './attach-client.js';
import { attachModule } from './attach-module.js';
import { attachPool } from './attach-pool.js';

const UPDATE = 'UPDATE people SET name = name || 1';

describe.each(postgresServers())('attaching on $name', (server) => {
  let bed: PgBed;

  beforeAll(async () => {
    bed = await PgBed.open(
      server,
      "CREATE TABLE people (id int PRIMARY KEY, name text); INSERT INTO people VALUES (1, 'a')",
    );
  });
  afterAll(() => bed.close());
  beforeEach(async () => {
    await bed.take();
  });

  it('makes a module that is used as pg itself', async () => {
    const module = attachModule(bed.capturing, pg);
    expect(module.types).toBe(pg.types);
    expect(new module.Client()).toBeInstanceOf(pg.Client);
    expect(new module.Pool()).toBeInstanceOf(pg.Pool);
    expect(module.native).toBeUndefined();
    const pool = new module.Pool({ connectionString: bed.url });
    await pool.query(UPDATE);
    await pool.end();
    await new Promise<void>((resolve, reject) => {
      const client = new module.Client(bed.url);
      client.connect((error: Error | undefined) => {
        if (error) return reject(error);
        client.query(UPDATE, (problem) => {
          client.end((last) => ((problem ?? last) ? reject(problem ?? last) : resolve()));
        });
      });
    });
    expect(await bed.taken()).toEqual(['UPDATE people', 'UPDATE people']);
  });

  it('makes a module of an ES module, whose default is attached too', async () => {
    const space = await import('pg');
    const module = attachModule(bed.capturing, space);
    expect(module.default.Pool).toBe(module.Pool);
    expect(module.default.Client).toBe(module.Client);
  });

  it('attaches a pool and a client in place', async () => {
    const pool = new pg.Pool({ connectionString: bed.url });
    expect(attachPool(bed.capturing, pool)).toBe(pool);
    await pool.query(UPDATE);
    const lent = await pool.connect();
    await lent.query(UPDATE);
    lent.release();
    await pool.end();
    const client = new pg.Client(bed.url);
    expect(attachClient(bed.capturing, client)).toBe(client);
    await client.connect();
    await client.query(UPDATE);
    await client.end();
    expect(await bed.taken()).toEqual(['UPDATE people', 'UPDATE people', 'UPDATE people']);
  });

  it('attaches once to one trail, however often it is asked to', async () => {
    const module = attachModule(bed.capturing, pg);
    expect(attachModule(bed.capturing, module)).toBe(module);
    const pool = attachPool(bed.capturing, new module.Pool({ connectionString: bed.url }));
    attachPool(bed.capturing, pool);
    attachClient(bed.capturing, attachClient(bed.capturing, new module.Client(bed.url)));
    await pool.query(UPDATE);
    await pool.end();
    expect(await bed.taken()).toEqual(['UPDATE people']);
  });

  it('refuses what is attached to another trail', () => {
    const other = new TestCapturing();
    const module = attachModule(bed.capturing, pg);
    const pool = attachPool(bed.capturing, new pg.Pool());
    const client = attachClient(bed.capturing, new pg.Client());
    for (const attach of [
      () => attachModule(other, module),
      () => attachPool(other, pool),
      () => attachPool(other, new module.Pool()),
      () => attachClient(other, client),
      () => attachClient(other, new module.Client()),
    ])
      expect(attach).toThrow(
        expect.objectContaining({
          code: 'INVALID_OPTIONS',
          message: expect.stringContaining('another trail') as string,
        }),
      );
  });

  it('refuses a client that has connected', () => {
    expect(() => attachClient(bed.capturing, bed.plain)).toThrow('before connect()');
  });

  it('takes a pool with connections: they capture from when they are next handed out', async () => {
    const pool = new pg.Pool({ connectionString: bed.url, max: 2 });
    const [one, other] = await Promise.all([pool.connect(), pool.connect()]);
    one.release();
    attachPool(bed.capturing, pool);
    const waiting = Promise.all([pool.query(UPDATE), pool.query(UPDATE), pool.query(UPDATE)]);
    await other.query(UPDATE);
    other.release();
    expect((await waiting).map(({ command, rowCount }) => `${command} ${rowCount}`)).toEqual(
      Array(3).fill('UPDATE 1'),
    );
    const again = await pool.connect();
    await again.query('BEGIN');
    await again.query(UPDATE);
    await again.query('ROLLBACK');
    await again.query(UPDATE);
    again.release();
    await pool.end();
    expect(await bed.taken()).toHaveLength(4);
  });

  it('refuses what is no pool of pg, and the native driver, with the remedy', () => {
    const sql = Object.assign(() => undefined, { begin: () => undefined });
    for (const stranger of [sql, {}, { connect: () => undefined, query: () => undefined }, null])
      expect(() => attachPool(bed.capturing, stranger as never)).toThrow('npm install pg');
    const native = { Client: Object.assign(() => undefined, { Query: () => undefined }), Pool: pg.Pool };
    expect(() => attachModule(bed.capturing, native as never)).toThrow('pg.native');
  });

  it('reports an unreachable server as before', async () => {
    const config = { connectionString: 'postgres://localhost:1/x', connectionTimeoutMillis: 5_000 };
    const ask = (pool: pg.Pool): Promise<unknown> =>
      pool.query('SELECT 1').catch((error: { code?: string }) => error.code);
    expect(await ask(attachPool(bed.capturing, new pg.Pool(config)))).toBe(await ask(new pg.Pool(config)));
  });

  it('lets the pool count, lend and end as before', async () => {
    const pool = attachPool(bed.capturing, new pg.Pool({ connectionString: bed.url, max: 3 }));
    await Promise.all(Array.from({ length: 20 }, () => pool.query(UPDATE)));
    expect([pool.totalCount, pool.idleCount, pool.waitingCount]).toEqual([3, 3, 0]);
    await pool.end();
    await expect(pool.query('SELECT 1')).rejects.toThrow('after calling end');
    expect(await bed.taken()).toHaveLength(20);
  });
});
