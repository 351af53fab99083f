// Checked by the compiler, never run: how the adapters fit into the real types of Prisma.
import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3';
import { PrismaPg } from '@prisma/adapter-pg';
import { expectTypeOf } from 'vitest';

import { PrismaClient } from '../../test/orms/prisma/generated/postgres/client.js';
import { createMemoryStore } from '../memory.js';
import { auditPrisma, auditPrismaLabels, prismaModels } from '../prisma.js';
import { createAudit } from '../trail/create-audit.js';

const audit = createAudit({
  store: createMemoryStore(),
  models: prismaModels(PrismaClient, {
    User: {
      exclude: ['passwordHash'],
      label: { columns: ['fullName'], text: ({ fullName }) => String(fullName) },
    },
    Appointment: { subject: 'userId', ignore: ['notes'] },
    Invoice: { subject: 'appointmentId.userId' },
    Location: false,
  }),
});

// @ts-expect-error A model that the schema has not.
prismaModels(PrismaClient, { Patient: {} });
// @ts-expect-error A field that the model has not, though the table has a column of this name.
prismaModels(PrismaClient, { User: { exclude: ['password_hash'] } });
// @ts-expect-error A relation is no field of the row.
prismaModels(PrismaClient, { User: { redact: ['appointments'] } });
// @ts-expect-error A path begins with a field of the model.
prismaModels(PrismaClient, { Invoice: { subject: 'appointment.userId' } });
const adapter = auditPrisma(audit, new PrismaPg({ connectionString: 'postgres://localhost/clinic' }));
expectTypeOf(adapter).toEqualTypeOf<PrismaPg>();
const prisma = new PrismaClient({ adapter });
export const sqlite: PrismaBetterSqlite3 = auditPrisma(
  audit,
  new PrismaBetterSqlite3({ url: 'file:clinic.db' }),
);

const db = prisma.$extends(auditPrismaLabels(audit, { reads: ['Appointment'] }));
const found = await db.appointment.findUnique({ where: { id: '1' }, include: { tags: true } });
expectTypeOf(found?.tags[0]?.label).toEqualTypeOf<string | undefined>();
await db.$transaction([db.tag.delete({ where: { id: 1 } }), db.tag.count()]);
// @ts-expect-error The extended client knows its fields as the plain one does.
await db.appointment.findUnique({ where: { id: '1' }, include: { tag: true } });
