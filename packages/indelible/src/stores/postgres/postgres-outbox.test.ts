import { Pool, type PoolClient } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createDatabase, postgresServers, type TestDatabase } from '../../../test/servers/postgres.js';
import type { AuditError } from '../../event/errors.js';
import { createMemoryStore } from '../../memory.js';
import { type Audit, createAudit } from '../../trail/create-audit.js';
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
    expect(errors[0]?.code).toBe('OUTBOX_UNAVAILABLE');
    await expect.poll(() => count(audit, 'AUDIT_GAP'), { timeout: 10_000 }).toBe(1);
  });

  it('refuses the event when the outbox is broken and the trail fails closed', async () => {
    const audit = open({ failClosed: ['UPDATE'] });
    await pool.query('ALTER TABLE indelible_outbox RENAME TO elsewhere');
    await expect(inTransaction((client) => audit.record(UPDATE, client), 'COMMIT')).rejects.toThrow(
      'indelible_outbox',
    );
  });

  it('shares the work between two relays without giving an event to both', async () => {
    const seen: string[] = [];
    const deliver = async (entries: readonly { core: { id: string } }[]): Promise<void> => {
      seen.push(...entries.map(({ core }) => core.id));
      await new Promise((resolve) => setTimeout(resolve, 20));
    };
    const relayAll = async (): Promise<void> => {
      while ((await outbox.relay(10, deliver)) > 0);
    };
    await inTransaction(async (client) => {
      const ids = Array.from(
        { length: 50 },
        (_, i) => `00000000-0000-7000-8000-0000000000${String(i).padStart(2, '0')}`,
      );
      for (const id of ids) await outbox.put(client, [{ core: { id } } as never]);
    }, 'COMMIT');
    await Promise.all([relayAll(), relayAll()]);
    expect([seen.length, new Set(seen).size]).toEqual([50, 50]);
  });

  it('keeps entries when delivering them fails', async () => {
    await inTransaction(
      (client) => outbox.put(client, [{ core: { id: '00000000-0000-7000-8000-000000000001' } } as never]),
      'COMMIT',
    );
    await expect(outbox.relay(10, () => Promise.reject(new Error('the store is away')))).rejects.toThrow(
      'away',
    );
    expect(await rows('indelible_outbox')).toBe(1);
  });
});
