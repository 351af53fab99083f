import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { AuditError } from '../../event/errors.js';
import { createMemoryStore } from '../../memory.js';
import { createSqliteOutbox, fromSqlite } from '../../sqlite.js';
import { type Audit, createAudit } from '../../trail/create-audit.js';

const UPDATE = {
  action: 'UPDATE',
  target: { type: 'Appointment', id: '91' },
  before: { status: 'a' },
  after: { status: 'b' },
} as const;

describe('the SQLite outbox', () => {
  let folder: string;
  let db: Database.Database;
  let audit: Audit;
  const errors: AuditError[] = [];

  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'indelible-outbox-'));
    db = new Database(path.join(folder, 'app.db'));
    db.exec('CREATE TABLE appointment (id INTEGER PRIMARY KEY, status TEXT)');
    errors.length = 0;
    audit = createAudit({
      store: createMemoryStore(),
      outbox: createSqliteOutbox(db),
      spool: false,
      log: () => undefined,
      onError: (error) => void errors.push(error),
    });
  });

  afterEach(async () => {
    await audit.close();
    db.close();
    rmSync(folder, { recursive: true });
  });

  const updates = async (): Promise<number | null> => (await audit.find({ action: 'UPDATE' })).count;
  const inOutbox = (): unknown => db.prepare('SELECT count(*) FROM indelible_outbox').pluck().get();

  it('keeps an event with the change it describes, and relays it once both are committed', async () => {
    const write = db.transaction(() => {
      db.prepare("INSERT INTO appointment VALUES (91, 'b')").run();
      audit.recordSync(UPDATE, fromSqlite(db));
    });
    write();
    expect(inOutbox()).toBe(1);
    await audit.flush();
    expect([await updates(), inOutbox()]).toEqual([1, 0]);
  });

  it('loses the event with the change when the transaction rolls back', async () => {
    const write = db.transaction(() => {
      audit.recordSync(UPDATE, fromSqlite(db));
      throw new Error('the application changed its mind');
    });
    expect(write).toThrow('changed its mind');
    await audit.flush();
    expect([await updates(), inOutbox()]).toEqual([0, 0]);
  });

  it('never relays what is still open in a transaction', async () => {
    db.exec('BEGIN');
    await audit.record(UPDATE, fromSqlite(db));
    await audit.flush();
    expect(await updates()).toBe(0);
    db.exec('ROLLBACK');
    await audit.flush();
    expect(await updates()).toBe(0);
  });

  it('finds by itself what was committed, without being flushed', async () => {
    await audit.record(UPDATE, fromSqlite(db));
    await expect.poll(updates, { timeout: 5_000 }).toBe(1);
  });

  it('lets the change go on when the outbox is broken, and tells the gap', async () => {
    db.exec('DROP TABLE indelible_outbox');
    db.transaction(() => {
      db.prepare("INSERT INTO appointment VALUES (91, 'b')").run();
      audit.recordSync(UPDATE, fromSqlite(db));
    })();
    expect(db.prepare('SELECT count(*) FROM appointment').pluck().get()).toBe(1);
    expect(errors.map((error) => error.code)).toContain('OUTBOX_UNAVAILABLE');
    await expect
      .poll(async () => (await audit.find({ action: 'AUDIT_GAP' })).count, { timeout: 10_000 })
      .toBe(1);
  });

  it('refuses the change with its event when the outbox is broken and the trail fails closed', async () => {
    const closed = createAudit({
      store: createMemoryStore(),
      outbox: createSqliteOutbox(db),
      failClosed: ['UPDATE'],
      spool: false,
      log: () => undefined,
      onError: () => undefined,
    });
    db.exec('DROP TABLE indelible_outbox');
    const write = db.transaction(() => {
      db.prepare("INSERT INTO appointment VALUES (91, 'b')").run();
      closed.recordSync(UPDATE, fromSqlite(db));
    });
    expect(write).toThrow(AuditError);
    expect(db.prepare('SELECT count(*) FROM appointment').pluck().get()).toBe(0);
    await closed.close();
  });
});
