import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

import { times } from '../database/times.js';
import { users } from '../users/user.js';

export const PLAN_STATUSES = ['proposed', 'accepted', 'declined', 'completed'] as const;
export const ITEM_STATUSES = ['planned', 'done', 'dropped'] as const;

export const treatmentPlans = sqliteTable('treatment_plans', {
  id: integer().primaryKey({ autoIncrement: true }),
  patient: integer()
    .notNull()
    .references(() => users.id, { onDelete: 'cascade' }),
  dentist: integer().references(() => users.id, { onDelete: 'set null' }),
  title: text().notNull(),
  status: text({ enum: PLAN_STATUSES }).notNull().default('proposed'),
  ...times,
});

export const treatmentPlanItems = sqliteTable('treatment_plan_items', {
  id: integer().primaryKey({ autoIncrement: true }),
  plan: integer()
    .notNull()
    .references(() => treatmentPlans.id, { onDelete: 'cascade' }),
  service: text().notNull(),
  /** By its two digits; null for what is done to the whole mouth. */
  tooth: integer(),
  /** In cents. */
  price: integer().notNull(),
  status: text({ enum: ITEM_STATUSES }).notNull().default('planned'),
  ...times,
});

export type TreatmentPlan = typeof treatmentPlans.$inferSelect;
export type TreatmentPlanItem = typeof treatmentPlanItems.$inferSelect;
export interface PlanWithItems extends TreatmentPlan {
  readonly items: readonly TreatmentPlanItem[];
}

export function planLabel({ title }: Readonly<Record<'title', unknown>>): string {
  return String(title);
}

export function itemLabel({ service, tooth }: Readonly<Record<'service' | 'tooth', unknown>>): string {
  return tooth === null ? String(service) : `${String(service)} on tooth ${String(tooth)}`;
}

/** A plan as the API shows it. */
export function planAnswer({ id, patient, dentist, title, status, items }: PlanWithItems): object {
  return { id, patient, dentist, title, status, items: items.map(itemAnswer) };
}

function itemAnswer({ id, service, tooth, price, status }: TreatmentPlanItem): object {
  return { id, service, tooth, price, status };
}
