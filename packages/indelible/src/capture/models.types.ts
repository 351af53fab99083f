// Checked by the compiler, never run: which rules Drizzle's tables and Kysely's types let through.
import { pgTable, text, uuid } from 'drizzle-orm/pg-core';
import { sqliteTable, text as sqliteText } from 'drizzle-orm/sqlite-core';

import { createMemoryStore } from '../memory.js';
import { createAudit } from '../trail/create-audit.js';
import { drizzleModels } from './drizzle-models.js';
import { kyselyModels } from './kysely-models.js';

const appointments = pgTable('appointment', {
  id: uuid('id'),
  userId: uuid('user_id'),
  notes: text('notes'),
});
const tags = sqliteTable('tag', { label: sqliteText('label') });

createAudit({
  store: createMemoryStore(),
  models: drizzleModels(
    { Appointment: appointments, Tag: tags },
    {
      Appointment: {
        subject: 'userId',
        redact: ['notes'],
        label: { columns: ['id'], text: ({ id }) => String(id) },
      },
      Tag: { tenant: [tags.label] },
    },
  ),
});

// @ts-expect-error A column of Drizzle's is named by its key.
drizzleModels({ Appointment: appointments }, { Appointment: { subject: 'user_id' } });
// @ts-expect-error A column that the table does not have.
drizzleModels({ Appointment: appointments }, { Appointment: { redact: ['note'] } });
// @ts-expect-error A model that was not given a table.
drizzleModels({ Appointment: appointments }, { Appointments: {} });
drizzleModels(
  { Appointment: appointments },
  // @ts-expect-error A label is given the columns that it asks for, and no other.
  { Appointment: { label: { columns: ['id'], text: ({ nobody }) => String(nobody) } } },
);

interface Db {
  appointment: { id: string; user_id: string; notes: string | null };
  invoice: { id: number; appointment_id: string | null };
}

createAudit({
  store: createMemoryStore(),
  models: kyselyModels<Db>()({
    Appointment: { table: 'appointment', subject: 'user_id', redact: ['notes'] },
    Invoice: { table: 'invoice', subject: 'appointment_id.user_id' },
  }),
});

// @ts-expect-error A table that the database does not have.
kyselyModels<Db>()({ Appointment: { table: 'appointments' } });
// @ts-expect-error A column of another table.
kyselyModels<Db>()({ Invoice: { table: 'invoice', redact: ['notes'] } });
// @ts-expect-error A path that begins with a column of another table.
kyselyModels<Db>()({ Invoice: { table: 'invoice', subject: 'user_id.id' } });
