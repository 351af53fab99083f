import { relations } from 'drizzle-orm';
import { customType, integer, numeric, primaryKey, real, sqliteTable, text } from 'drizzle-orm/sqlite-core';

const bytes = customType<{ data: Buffer }>({ dataType: () => 'blob' });
/** A large integer would be rounded on its way out, and nothing here reads it. */
const big = customType<{ data: bigint; driverData: bigint | number }>({
  dataType: () => 'bigint',
  fromDriver: (value) => BigInt(value),
});
const instant = customType<{ data: Date; driverData: string }>({
  dataType: () => 'datetime',
  toDriver: (value) => value.toISOString(),
  fromDriver: (value) => new Date(value),
});
const id = () => integer('id').primaryKey({ autoIncrement: true });
const now = () => new Date();

export const users = sqliteTable('user', {
  id: text('id').primaryKey(),
  email: text('email').notNull().unique(),
  passwordHash: text('password_hash').notNull(),
  fullName: text('full_name').notNull(),
  createdAt: instant('created_at').notNull().$defaultFn(now),
  updatedAt: instant('updated_at').notNull().$onUpdate(now),
});

export const services = sqliteTable('service', {
  id: id(),
  locationId: integer('location_id').notNull(),
  name: text('name').notNull(),
  price: numeric('price').notNull(),
});

export const appointments = sqliteTable('appointment', {
  id: text('id').primaryKey(),
  userId: text('user_id').notNull(),
  locationId: integer('location_id').notNull(),
  serviceId: integer('service_id'),
  status: text('status').notNull(),
  price: numeric('price').notNull(),
  startsAt: instant('starts_at').notNull(),
  day: text('day').notNull(),
  preferences: text('preferences', { mode: 'json' }).notNull(),
  units: big('units').notNull(),
  score: real('score'),
  notes: text('notes'),
  createdAt: instant('created_at').notNull().$defaultFn(now),
  updatedAt: instant('updated_at').notNull().$onUpdate(now),
});

export const planItems = sqliteTable(
  'treatment_plan_item',
  {
    planId: text('plan_id').notNull(),
    position: integer('position').notNull(),
    serviceId: integer('service_id'),
    description: text('description').notNull(),
    price: numeric('price').notNull(),
  },
  (table) => [primaryKey({ columns: [table.planId, table.position] })],
);

export const forms = sqliteTable('intake_form', {
  id: id(),
  userId: text('user_id').notNull(),
  answers: text('answers', { mode: 'json' }).notNull(),
});

export const documents = sqliteTable('document', {
  id: text('id').primaryKey(),
  userId: text('user_id').notNull(),
  name: text('name').notNull(),
  content: bytes('content').notNull(),
  body: text('body').notNull(),
});

export const billings = sqliteTable('billing', {
  id: id(),
  userId: text('user_id').notNull(),
  balance: numeric('balance').notNull(),
  visits: integer('visits').notNull().default(0),
});

const invoices = sqliteTable('invoice', {
  id: id(),
  appointmentId: text('appointment_id'),
  number: text('number').notNull().unique(),
  total: numeric('total').notNull(),
});

export const tags = sqliteTable('tag', {
  id: id(),
  label: text('label').notNull().unique(),
  color: text('color').notNull(),
});

export const appointmentTags = sqliteTable(
  'appointment_tag',
  { appointmentId: text('appointment_id').notNull(), tagId: integer('tag_id').notNull() },
  (table) => [primaryKey({ columns: [table.appointmentId, table.tagId] })],
);

export const visits = sqliteTable('visit_log', {
  userId: text('user_id').notNull(),
  note: text('note').notNull(),
  at: instant('at').notNull(),
});

const appointmentRelations = relations(appointments, ({ one, many }) => ({
  service: one(services, { fields: [appointments.serviceId], references: [services.id] }),
  invoices: many(invoices),
}));

const invoiceRelations = relations(invoices, ({ one }) => ({
  appointment: one(appointments, { fields: [invoices.appointmentId], references: [appointments.id] }),
}));

export const schema = {
  users,
  services,
  appointments,
  planItems,
  forms,
  documents,
  billings,
  invoices,
  tags,
  appointmentTags,
  visits,
  appointmentRelations,
  invoiceRelations,
};
