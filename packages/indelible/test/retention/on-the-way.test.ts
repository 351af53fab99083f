import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import Database from 'better-sqlite3';
import { afterAll, expect, it } from 'vitest';

import { createAudit } from '../../src/index.js';
import { createSqliteOutbox, createSqliteStore, fromSqlite } from '../../src/sqlite.js';
import { removeTemporaryFolders, temporaryFolder } from '../test-trail.js';
import { KEY } from './bed.js';
import { tracesIn } from './traces.js';

const NAME = /zebedee|quux/;
const WHY = { reason: 'asked for by the person', request: 'GDPR-2026-014' };
const EVENT = {
  action: 'UPDATE',
  target: { type: 'Patient', id: '42', label: 'Zebedee Quux' },
  subjectId: '42',
  subjectLabel: 'Zebedee Quux',
} as const;

afterAll(removeTemporaryFolders);

function spoolTraces(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((one) => one.isFile())
    .map(({ parentPath, name }) => path.join(parentPath, name))
    .filter((file) => NAME.test(readFileSync(file, 'latin1').toLowerCase()));
}

it('P39: what is still in the outbox or in the spool is erased, too, and nothing of it is left there', async () => {
  const folder = temporaryFolder();
  const [file, application, dir] = ['audit.db', 'clinic.db', 'spool'].map((name) =>
    path.join(folder, name),
  ) as [string, string, string];
  const db = new Database(application);
  // What SQLite deletes stays in the free pages of its file otherwise.
  db.pragma('secure_delete = ON');
  const store = createSqliteStore({ path: file });
  await store.migrate();
  const outbox = createSqliteOutbox(db);
  const audit = createAudit({ store, outbox, spool: { dir }, seal: { key: KEY }, log: () => undefined });
  await audit.ready();
  db.transaction(() =>
    audit.recordSync(
      { ...EVENT, before: { city: 'Quuxville' }, after: { city: 'Quuxtown' } },
      fromSqlite(db),
    ),
  )();
  for (let n = 0; n < 10; n += 1) void audit.record({ ...EVENT, action: 'READ', reason: `visit ${n}` });
  expect([tracesIn(application, NAME).length > 0, spoolTraces(dir).length > 0]).toEqual([true, true]);
  expect(await audit.eraseSubject('42', WHY)).toMatchObject({ erased: 11, isDone: true });
  expect(tracesIn(file, NAME)).toEqual([]);
  expect(tracesIn(application, NAME)).toEqual([]);
  expect(spoolTraces(dir)).toEqual([]);
  await audit.close();
  db.close();
});
