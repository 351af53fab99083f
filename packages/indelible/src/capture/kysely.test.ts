import Database from 'better-sqlite3';
import { Kysely, SqliteDialect } from 'kysely';
import { expect, it } from 'vitest';

import { createSqliteOutbox } from '../sqlite.js';
import { createTestAudit } from '../testing/test-audit.js';
import { auditKysely } from './kysely.js';
import { kyselyModels } from './kysely-models.js';

interface Db {
  appointment: { id: number; user_id: string; notes: string | null };
}

it('captures what Kysely writes, under the rules that are checked against its types', async () => {
  const database = new Database(':memory:');
  database.exec('CREATE TABLE appointment (id INTEGER PRIMARY KEY, user_id TEXT, notes TEXT)');
  const audit = createTestAudit({
    outbox: createSqliteOutbox(database),
    models: kyselyModels<Db>()({
      Appointment: { table: 'appointment', subject: 'user_id', redact: ['notes'] },
    }),
  });
  const db = new Kysely<Db>({ dialect: new SqliteDialect({ database: auditKysely(audit, database) }) });
  await db.insertInto('appointment').values({ id: 1, user_id: 'ada', notes: 'afraid of drills' }).execute();
  const [event] = await audit.events();
  expect(event).toMatchObject({
    action: 'CREATE',
    target: { type: 'Appointment', id: '1' },
    subjectId: 'ada',
    changes: { notes: { new: '[redacted]' } },
  });
  await audit.close();
  await db.destroy();
});

it('refuses a driver that it cannot capture', async () => {
  const audit = createTestAudit();
  expect(() => auditKysely(audit, { query: () => undefined } as never)).toThrow(
    /auditKysely was given a driver/,
  );
  await audit.close();
});
