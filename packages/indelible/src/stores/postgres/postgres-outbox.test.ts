import { Pool, type PoolClient } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createDatabase, postgresServers, type TestDatabase } from '../../../test/servers/postgres.js';
import type { AuditError } from '../../event/errors.js';
import { createMemoryStore } from '../../memory.js';
import { type Audit, createAudit } from '../../trail/create-audit.js';
import { ATTEMPTS, type OutboxRow, type Refusal } from '../../trail/outbox.js';
import { PostgresOutbox } from './postgres-outbox.js';

const UPDATE = {
  action: 'UPDATE',
  target: { type: 'Appointment', id: '91' },
  before: { status: 'a' },
  after: { status: 'b' },
} as const;

describe.each(postgresServers())('the PostgreSQL outbox on $name', (server) => {
  let database: TestDatabase;
  let pool: Pool;
  let outbox: PostgresOutbox;
  let audits: Audit[];
  const errors: AuditError[] = [];

  beforeEach(async () => {
    database = await createDatabase(server);
    pool = new Pool({ connectionString: database.url });
    // Dropping the database may cut off a connection that is just being closed.
    pool.on('error', () => undefined);
    outbox = new PostgresOutbox(pool);
    await outbox.migrate();
    await pool.query('CREATE TABLE appointment (id int PRIMARY KEY)');
    errors.length = 0;
    audits = [];
  });

  afterEach(async () => {
    for (const audit of audits) await audit.close();
    await pool.end();
    await database.drop();
  });

  function open(options: { failClosed?: string[] } = {}): Audit {
    const store = createMemoryStore();
    const audit = createAudit({
      store,
      outbox,
      spool: false,
      log: () => undefined,
      onError: (error) => void errors.push(error),
      ...options,
    });
    audits.push(audit);
    return audit;
  }

  async function inTransaction(
    work: (client: PoolClient) => Promise<unknown>,
    end: 'COMMIT' | 'ROLLBACK',
  ): Promise<void> {
    const client = await pool.connect();
    try {
      await client.query('BEGIN');
      await work(client);
      await client.query(end);
    } finally {
      client.release();
    }
  }

  const count = async (audit: Audit, action: string): Promise<number | null> =>
    (await audit.find({ action })).count;
  const rows = async (table: string): Promise<number> =>
    (await pool.query(`SELECT 1 FROM ${table}`)).rows.length;

  it('is made once, however often it is asked for', async () => {
    await Promise.all(
      [outbox.migrate(), outbox.migrate()].map((made) => made.catch((error: unknown) => error)),
    );
    await outbox.migrate();
    expect(await rows('indelible_outbox')).toBe(0);
  });

  it('relays an event once its transaction is committed, and none that was rolled back', async () => {
    const audit = open();
    await inTransaction((client) => audit.record(UPDATE, client), 'COMMIT');
    await inTransaction((client) => audit.record(UPDATE, client), 'ROLLBACK');
    await audit.flush();
    expect([await count(audit, 'UPDATE'), await rows('indelible_outbox')]).toEqual([1, 0]);
  });

  it('takes back the event with a savepoint', async () => {
    const audit = open();
    await inTransaction(async (client) => {
      await client.query('SAVEPOINT inner_work');
      await audit.record(UPDATE, client);
      await client.query('ROLLBACK TO SAVEPOINT inner_work');
      await audit.record(UPDATE, client);
    }, 'COMMIT');
    await audit.flush();
    expect(await count(audit, 'UPDATE')).toBe(1);
  });

  it('leaves the transaction usable when the outbox is broken, and tells the gap', async () => {
    const audit = open();
    await pool.query('ALTER TABLE indelible_outbox RENAME TO elsewhere');
    await inTransaction(async (client) => {
      await audit.record(UPDATE, client);
      await client.query('INSERT INTO appointment VALUES (91)');
    }, 'COMMIT');
    expect(await rows('appointment')).toBe(1);
    expect(errors.map(({ code }) => code)).toContain('OUTBOX_UNAVAILABLE');
    await expect.poll(() => count(audit, 'AUDIT_GAP'), { timeout: 10_000 }).toBe(1);
  });

  it('refuses the event when the outbox is broken and the trail fails closed', async () => {
    const audit = open({ failClosed: ['UPDATE'] });
    await pool.query('ALTER TABLE indelible_outbox RENAME TO elsewhere');
    await expect(inTransaction((client) => audit.record(UPDATE, client), 'COMMIT')).rejects.toThrow(
      'indelible_outbox',
    );
  });

  const put = (bodies: readonly string[], context: string | null = null): Promise<unknown> =>
    pool.query('SELECT indelible_put($1, $2::text[])', [context, bodies]);
  const noted = (number: number): string =>
    JSON.stringify({ op: 'INSERT', model: 'Note', key: [], after: { number } });
  const TAKE_ALL = (): Promise<readonly Refusal[]> => Promise.resolve([]);

  it('shares the work between two relays without giving a row to both', async () => {
    const seen: string[] = [];
    const deliver = async (found: readonly OutboxRow[]): Promise<readonly Refusal[]> => {
      seen.push(...found.flatMap(({ bodies }) => bodies));
      await new Promise((resolve) => setTimeout(resolve, 20));
      return [];
    };
    const relayAll = async (): Promise<void> => {
      while ((await outbox.relay(10, deliver)).rows > 0);
    };
    for (let i = 0; i < 50; i += 1) await put([noted(i)], '{}');
    await Promise.all([relayAll(), relayAll()]);
    expect([seen.length, new Set(seen).size]).toEqual([50, 50]);
  });

  it('keeps rows when delivering them fails', async () => {
    await put([noted(1)], '{}');
    await expect(outbox.relay(10, () => Promise.reject(new Error('the store is away')))).rejects.toThrow(
      'away',
    );
    expect(await rows('indelible_outbox')).toBe(1);
  });

  it('hands out as many rows as hold about the number of bodies asked for, and never none', async () => {
    const counts: number[] = [];
    for (let i = 0; i < 4; i += 1) await put([noted(1), noted(2), noted(3)], '{}');
    const deliver = async (found: readonly OutboxRow[]): Promise<readonly Refusal[]> => {
      counts.push(found.length);
      return [];
    };
    while ((await outbox.relay(4, deliver)).rows > 0);
    expect(counts).toEqual([2, 2]);
    await put([noted(1), noted(2), noted(3)], '{}');
    expect((await outbox.relay(1, TAKE_ALL)).rows).toBe(1);
  });

  it('keeps back the rows that are refused, tries them again, and sets them aside in the end', async () => {
    await put(['not JSON']);
    await put([noted(1)], '{}');
    const audit = open();
    await audit.flush();
    expect([await count(audit, 'CREATE'), await rows('indelible_outbox')]).toEqual([1, 1]);
    for (let attempt = 1; attempt < ATTEMPTS; attempt += 1) {
      expect(audit.stats().setAside).toBe(0);
      await pool.query("UPDATE indelible_outbox SET retry_at = '-infinity'");
      await audit.flush();
    }
    expect(audit.stats().setAside).toBe(1);
    expect(await outbox.countSetAside()).toBe(1);
    const { rows: left } = await pool.query<{ last_error: string }>(
      'SELECT last_error FROM indelible_outbox',
    );
    expect(left).toEqual([{ last_error: expect.stringContaining('cannot be read') as string }]);
    await expect.poll(() => count(audit, 'AUDIT_GAP'), { timeout: 10_000 }).toBe(1);
    expect(errors.at(-1)?.message).toContain('set aside');
  });

  it('says at the start how many rows are set aside', async () => {
    await put(['not JSON']);
    await pool.query("UPDATE indelible_outbox SET attempts = $1, retry_at = 'infinity'", [ATTEMPTS]);
    const audit = open();
    await audit.ready();
    expect(audit.stats().setAside).toBe(1);
  });

  it('names at the start what is missing, and the remedy', async () => {
    expect(await outbox.check()).toEqual([]);
    await pool.query('DROP FUNCTION indelible_put');
    expect(await outbox.check()).toMatchObject([
      { message: expect.stringContaining('indelible_put') as string },
    ]);
    await pool.query('DROP TABLE indelible_outbox');
    const [finding] = await outbox.check();
    expect(finding).toMatchObject({ severity: 'error' });
    expect(finding?.message).toContain('npx indelible migrate');
  });
});
