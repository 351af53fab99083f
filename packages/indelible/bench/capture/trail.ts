import Database from 'better-sqlite3';
import { Pool } from 'pg';

import { createMemoryStore } from '../../src/memory.js';
import { createPostgresOutbox } from '../../src/postgres.js';
import { createSqliteOutbox } from '../../src/sqlite.js';
import { type Audit, createAudit } from '../../src/trail/create-audit.js';
import type { Context } from '../../src/trail/context.js';
import type { Outbox } from '../../src/trail/outbox.js';
import type { Ground } from './ground.js';

/** More than a round writes, so that one call hands out everything. */
const EVERYTHING = 1_000_000;

/** A trail that captures, and whose outbox is emptied here alone. */
export interface IdleTrail {
  readonly audit: Audit;
  /** Runs `work` as a request of its own would. */
  request<T>(work: () => T): T;
  /** How many changes are in the outbox; it is empty afterwards, and its space is free again. */
  take(): Promise<number>;
  close(): Promise<void>;
}

/** The outbox is made ready in the ground's database before anything is attached. */
export async function openIdleTrail(ground: Ground): Promise<IdleTrail> {
  const { outbox, close } = openOutbox(ground);
  await outbox.migrate();
  const errors: Error[] = [];
  const audit = createAudit({
    store: createMemoryStore(),
    outbox: idle(outbox),
    spool: false,
    log: () => undefined,
    onError: (error) => void errors.push(error),
  });
  await audit.ready();
  return {
    audit,
    request: (work) => audit.run(context(), work),
    take: async () => {
      if (errors[0]) throw errors[0];
      return emptied(ground, outbox);
    },
    close: async () => {
      await audit.close();
      await close();
    },
  };
}

function context(): Context {
  return {
    actor: { type: 'user', id: 'u1', name: 'Ward office' },
    request: { ip: '192.0.2.1', method: 'PATCH', path: '/api/patients' },
  };
}

function openOutbox(ground: Ground): { outbox: Outbox; close: () => Promise<void> } {
  if (ground.database === 'postgresql') {
    const pool = new Pool({ connectionString: ground.url, max: 1 });
    return { outbox: createPostgresOutbox(pool), close: () => pool.end() };
  }
  const db = new Database(ground.url);
  return { outbox: createSqliteOutbox(db), close: async () => void db.close() };
}

/** What the trail's own relay would do stays out of the time: it finds nothing. */
function idle(outbox: Outbox): Outbox {
  return {
    description: outbox.description,
    application: outbox.application,
    migrate: () => outbox.migrate(),
    check: () => outbox.check(),
    put: (connection, entries) => outbox.put(connection, entries),
    relay: async () => ({ rows: 0, setAside: [] }),
    countSetAside: async () => 0,
  };
}

async function emptied(ground: Ground, outbox: Outbox): Promise<number> {
  let changes = 0;
  for (;;) {
    const { rows } = await outbox.relay(EVERYTHING, async (found) => {
      for (const { bodies } of found) changes += bodies.length;
      return [];
    });
    if (rows === 0) break;
  }
  if (ground.database === 'postgresql') await ground.query('VACUUM indelible_outbox');
  return changes;
}
