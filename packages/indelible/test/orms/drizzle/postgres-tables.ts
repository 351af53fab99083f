import { relations } from 'drizzle-orm';
import {
  bigint,
  customType,
  date,
  doublePrecision,
  integer,
  jsonb,
  numeric,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uuid,
} from 'drizzle-orm/pg-core';

const bytea = customType<{ data: Buffer }>({ dataType: () => 'bytea' });
const id = () => integer('id').primaryKey().generatedByDefaultAsIdentity();
const instant = (name: string) => timestamp(name, { withTimezone: true });
const money = (name: string) => numeric(name, { precision: 12, scale: 2 });

export const users = pgTable('user', {
  id: uuid('id').primaryKey(),
  email: text('email').notNull().unique(),
  passwordHash: text('password_hash').notNull(),
  fullName: text('full_name').notNull(),
  createdAt: instant('created_at').notNull().defaultNow(),
  updatedAt: instant('updated_at')
    .notNull()
    .defaultNow()
    .$onUpdate(() => new Date()),
});

export const services = pgTable('service', {
  id: id(),
  locationId: integer('location_id').notNull(),
  name: text('name').notNull(),
  price: money('price').notNull(),
});

export const appointments = pgTable('appointment', {
  id: uuid('id').primaryKey(),
  userId: uuid('user_id').notNull(),
  locationId: integer('location_id').notNull(),
  serviceId: integer('service_id'),
  status: text('status').notNull(),
  price: money('price').notNull(),
  startsAt: instant('starts_at').notNull(),
  day: date('day').notNull(),
  preferences: jsonb('preferences').notNull(),
  units: bigint('units', { mode: 'bigint' }).notNull(),
  score: doublePrecision('score'),
  notes: text('notes'),
  createdAt: instant('created_at').notNull().defaultNow(),
  updatedAt: instant('updated_at')
    .notNull()
    .defaultNow()
    .$onUpdate(() => new Date()),
});

export const planItems = pgTable(
  'treatment_plan_item',
  {
    planId: uuid('plan_id').notNull(),
    position: integer('position').notNull(),
    serviceId: integer('service_id'),
    description: text('description').notNull(),
    price: money('price').notNull(),
  },
  (table) => [primaryKey({ columns: [table.planId, table.position] })],
);

export const forms = pgTable('intake_form', {
  id: id(),
  userId: uuid('user_id').notNull(),
  answers: jsonb('answers').notNull(),
});

export const documents = pgTable('document', {
  id: uuid('id').primaryKey(),
  userId: uuid('user_id').notNull(),
  name: text('name').notNull(),
  content: bytea('content').notNull(),
  body: text('body').notNull(),
});

export const billings = pgTable('billing', {
  id: id(),
  userId: uuid('user_id').notNull(),
  balance: money('balance').notNull(),
  visits: integer('visits').notNull().default(0),
});

const invoices = pgTable('invoice', {
  id: id(),
  appointmentId: uuid('appointment_id'),
  number: text('number').notNull().unique(),
  total: money('total').notNull(),
});

export const tags = pgTable('tag', {
  id: id(),
  label: text('label').notNull().unique(),
  color: text('color').notNull(),
});

export const appointmentTags = pgTable(
  'appointment_tag',
  { appointmentId: uuid('appointment_id').notNull(), tagId: integer('tag_id').notNull() },
  (table) => [primaryKey({ columns: [table.appointmentId, table.tagId] })],
);

export const visits = pgTable('visit_log', {
  userId: uuid('user_id').notNull(),
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
