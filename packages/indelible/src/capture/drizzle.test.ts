import Database from 'better-sqlite3';
import { integer, pgSchema, pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { afterEach, describe, expect, it } from 'vitest';

import { createSqliteOutbox } from '../sqlite.js';
import { createTestAudit } from '../testing/test-audit.js';
import { auditDrizzle } from './drizzle.js';
import { drizzleModels } from './drizzle-models.js';

const appointments = pgTable('appointment', {
  id: uuid('id').primaryKey(),
  userId: uuid('user_id').notNull(),
  notes: text('notes'),
});
const invoices = pgSchema('money').table('invoice', {
  id: integer('id').primaryKey(),
  appointmentId: uuid('appointment_id'),
  total: text('total'),
});
const cased = pgTable('visit', { id: integer().primaryKey(), seenByHTTPClient: text(), userId: uuid() });

describe('auditDrizzle', () => {
  const open: { close(): unknown }[] = [];

  afterEach(async () => {
    for (const one of open.splice(0)) await one.close();
  });

  it('gives back the database it was given', () => {
    const db = new Database(':memory:');
    const audit = createTestAudit({ outbox: createSqliteOutbox(db) });
    open.push(audit, db);
    expect(auditDrizzle(audit, db)).toBe(db);
  });

  it('refuses a driver that it cannot capture, and says which it can', () => {
    const audit = createTestAudit();
    open.push(audit);
    const sql = Object.assign(() => undefined, { unsafe: () => undefined });
    expect(() => auditDrizzle(audit, sql as never)).toThrow(/Pool of pg or a Database of better-sqlite3/);
    expect(() => auditDrizzle(audit, undefined as never)).toThrow(/auditDrizzle was given a driver/);
  });
});

describe('drizzleModels', () => {
  it('names tables with their schema, and columns as they are in the database', () => {
    const models = drizzleModels(
      { Appointment: appointments, Invoice: invoices },
      {
        Appointment: { subject: 'userId', redact: ['notes'], ignore: ['id'], exclude: ['notes'] },
        Invoice: { subject: [invoices.appointmentId, appointments.userId] },
      },
    );
    expect(models).toMatchObject({
      Appointment: {
        table: 'appointment',
        subject: 'user_id',
        redact: ['notes'],
        ignore: ['id'],
        exclude: ['notes'],
      },
      Invoice: { table: 'money.invoice', subject: 'appointment_id.user_id' },
    });
  });

  it('hands a label the record by the keys of the table', () => {
    const { Appointment } = drizzleModels(
      { Appointment: appointments },
      { Appointment: { label: { columns: ['userId'], text: ({ userId }) => `of ${String(userId)}` } } },
    );
    expect(Appointment.label?.columns).toEqual(['user_id']);
    expect(Appointment.label?.text({ user_id: '42' })).toBe('of 42');
  });

  it('follows the casing that the database object was given', () => {
    const rules = { Visit: { redact: ['seenByHTTPClient'], subject: 'userId' } } as const;
    expect(drizzleModels({ Visit: cased }, rules, { casing: 'snake_case' }).Visit).toMatchObject({
      redact: ['seen_by_http_client'],
      subject: 'user_id',
    });
    expect(drizzleModels({ Visit: cased }, rules).Visit.redact).toEqual(['seenByHTTPClient']);
  });

  it('refuses what is no table of Drizzle', () => {
    expect(() => drizzleModels({ Visit: { $inferSelect: {} } })).toThrow(/tables of Drizzle/);
  });
});
