import { z } from 'zod';

import { ITEM_STATUSES, PLAN_STATUSES } from './treatment-plan.js';

const id = z.number().int().positive();
const title = z.string().trim().min(1).max(200);
/** Two digits: the quarter of the mouth, the milk teeth's included, and the place in it. */
const tooth = z
  .number()
  .refine((value) => /^([1-4][1-8]|[5-8][1-5])$/.test(String(value)), 'must be a tooth such as 36');

const NewItem = z.strictObject({
  service: z.string().trim().min(1).max(100),
  tooth: tooth.nullable().default(null),
  price: z.number().int().min(0).max(10_000_000),
  status: z.enum(ITEM_STATUSES).default('planned'),
});

export const NewTreatmentPlan = z.strictObject({
  patient: id,
  dentist: id,
  title,
  status: z.enum(PLAN_STATUSES).default('proposed'),
  items: z.array(NewItem).max(100).default([]),
});
export type NewTreatmentPlan = z.infer<typeof NewTreatmentPlan>;

/** Items that are given are all the plan has afterwards: those with an id are kept, the others are new. */
const Item = NewItem.extend({ id: id.optional() });
export type Item = z.infer<typeof Item>;

/** A plan stays with its patient. */
export const TreatmentPlanChanges = z
  .strictObject({ dentist: id, title, status: z.enum(PLAN_STATUSES), items: z.array(Item).max(100) })
  .partial();
export type TreatmentPlanChanges = z.infer<typeof TreatmentPlanChanges>;

const wanted = z.coerce.number().int().positive().optional();
/** What a list of plans can be narrowed by. */
export const TreatmentPlanFilter = z.strictObject({
  patient: wanted,
  status: z.enum(PLAN_STATUSES).optional(),
});
export type TreatmentPlanFilter = z.infer<typeof TreatmentPlanFilter>;
