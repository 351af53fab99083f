import type { Kept, Row } from '../database/tables.js';

export const PLAN_STATUSES = ['proposed', 'accepted', 'declined', 'completed'] as const;
export const ITEM_STATUSES = ['planned', 'done', 'dropped'] as const;

export interface TreatmentPlanTable extends Kept {
  patient: number;
  /** Null once whoever planned it is gone. */
  dentist: number | null;
  title: string;
  status: (typeof PLAN_STATUSES)[number];
}

export interface TreatmentPlanItemTable extends Kept {
  plan: number;
  service: string;
  /** By its two digits; null for what is done to the whole mouth. */
  tooth: number | null;
  /** In cents. */
  price: number;
  status: (typeof ITEM_STATUSES)[number];
}

export type TreatmentPlan = Row<'treatment_plans'>;
export type TreatmentPlanItem = Row<'treatment_plan_items'>;
export interface PlanWithItems extends TreatmentPlan {
  readonly items: readonly TreatmentPlanItem[];
}

export function planLabel({ title }: Readonly<Record<'title', unknown>>): string {
  return String(title);
}

export function itemLabel({ service, tooth }: Readonly<Record<'service' | 'tooth', unknown>>): string {
  return tooth === null ? String(service) : `${String(service)} on tooth ${String(tooth)}`;
}

/** An item as the API shows it. */
export function itemAnswer({ id, service, tooth, price, status }: TreatmentPlanItem): object {
  return { id, service, tooth, price, status };
}
