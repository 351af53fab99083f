import { z } from 'zod';

import { recordId, inputsOf, line, wanted } from '../collections/input.js';
import { ITEM_STATUSES, PLAN_STATUSES } from './treatment-plan.js';

/** Two digits: the quarter of the mouth, the milk teeth's included, and the place in it. */
const tooth = z
  .number()
  .refine((value) => /^([1-4][1-8]|[5-8][1-5])$/.test(String(value)), 'must be a tooth such as 36');

const NewItem = z.strictObject({
  service: line(100),
  tooth: tooth.nullable().default(null),
  price: z.number().int().min(0).max(10_000_000),
  status: z.enum(ITEM_STATUSES).default('planned'),
});

/** Items that are given are all the plan has afterwards: those with an id are kept, the others are new. */
const Item = NewItem.extend({ id: recordId.optional() });
export type Item = z.infer<typeof Item>;

const plan = {
  patient: recordId,
  dentist: recordId,
  title: line(200),
  status: z.enum(PLAN_STATUSES).default('proposed'),
};

/** A plan stays with its patient. */
export const FIXED = ['patient'];
export const inputs = {
  ...inputsOf({ ...plan, items: z.array(Item).max(100).default([]) }, FIXED),
  create: z.strictObject({ ...plan, items: z.array(NewItem).max(100).default([]) }),
};
export type NewTreatmentPlan = z.infer<typeof inputs.create>;
export type TreatmentPlanChanges = Partial<Omit<NewTreatmentPlan, 'items'> & { items: readonly Item[] }>;

/** What a list of plans can be narrowed by. */
export const filter = { patient: wanted, status: z.enum(PLAN_STATUSES).optional() };
