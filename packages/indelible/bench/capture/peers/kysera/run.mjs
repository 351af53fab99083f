import { auditPlugin } from '@kysera/audit';
import { createExecutor } from '@kysera/executor';
import { createORM, createRepositoryFactory } from '@kysera/repository';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import { z } from 'zod';

import { givenUp, GivenUp, oneByOne, serve } from '../serve.mjs';

const [url] = process.argv.slice(2);
const TABLE = `CREATE TABLE IF NOT EXISTS audit_logs (id serial PRIMARY KEY, table_name text NOT NULL,
  entity_id text NOT NULL, operation text NOT NULL, old_values text, new_values text, changed_by text,
  changed_at text NOT NULL, metadata text)`;
const EVERYBODY = Array.from({ length: 10_000 }, (_, i) => i + 1);

const pool = new pg.Pool({ connectionString: url });
await pool.query(TABLE);
await pool.end();

const plugin = auditPlugin({ getUserId: () => 'u1', metadata: () => ({ ip: '192.0.2.1' }) });
const partial = z.object({ status: z.string(), visits: z.number() }).partial();

function open() {
  return new Kysely({ dialect: new PostgresDialect({ pool: new pg.Pool({ connectionString: url }) }) });
}

async function repositoryOn(executor, plugins) {
  const orm = await createORM(executor, plugins);
  const schemas = { create: partial, update: partial };
  return orm.createRepository((given) =>
    createRepositoryFactory(given).create({ tableName: 'patient', mapRow: (row) => row, schemas }),
  );
}

function data(visits) {
  return { status: `visited ${visits}`, visits };
}

function plain(db) {
  const update = (on, id, visits) =>
    on.updateTable('patient').set(data(visits)).where('id', '=', id).execute();
  return {
    singles: oneByOne((id, visits) => update(db, id, visits)),
    bulk: (status) => db.updateTable('patient').set({ status }).execute(),
    rolledBack: (visits) => inTransaction(db, (transaction) => update(transaction, 1, visits)),
    close: () => db.destroy(),
  };
}

function inTransaction(db, work) {
  return givenUp(() =>
    db.transaction().execute(async (transaction) => {
      await work(transaction);
      throw new GivenUp();
    }),
  );
}

const db = open();
const executor = await createExecutor(db, [plugin]);
// Not as its quick start has it, `createORM(executor, [])`: that recorded none of 1,000 updates.
const repository = await repositoryOn(db, [plugin]);

serve(
  {
    auditTable: 'audit_logs',
    notes: [
      'Set up as the quick start of its README shows, `createORM(executor, [])`, it recorded nothing; here it is set up by `createORM(db, [plugin])`.',
      '`bulk` of `audited` goes through its executor by the query builder; `bulkUpdate` is the call that its repository has for many rows.',
    ],
  },
  {
    plain: plain(open()),
    audited: {
      ...plain(executor),
      singles: oneByOne((id, visits) => repository.update(id, data(visits))),
      rolledBack: (visits) =>
        inTransaction(db, async (transaction) => {
          const inside = await repositoryOn(transaction, [plugin]);
          await inside.update(1, data(visits));
        }),
    },
    'audited, bulkUpdate': {
      bulk: (status) => repository.bulkUpdate(EVERYBODY.map((id) => ({ id, data: { status } }))),
      close: async () => undefined,
    },
  },
);
