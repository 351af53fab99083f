import type { Json } from '../../event/event.js';

/** The rows that the kit hands to an ORM. Money is text, dates are `YYYY-MM-DD`. */
export interface UserRow {
  readonly id: string;
  readonly email: string;
  readonly passwordHash: string;
  readonly fullName: string;
}

export interface AppointmentRow {
  readonly id: string;
  readonly userId: string;
  readonly locationId: number;
  readonly serviceId: number | null;
  readonly status: string;
  readonly price: string;
  readonly startsAt: Date;
  readonly day: string;
  readonly preferences: Json;
  readonly units: bigint;
  readonly score: number | null;
  readonly notes: string | null;
}

export type AppointmentChange = Partial<Omit<AppointmentRow, 'id' | 'userId' | 'locationId' | 'serviceId'>>;

export interface InvoiceRow {
  readonly number: string;
  readonly total: string;
}

export interface PlanRow {
  readonly id: string;
  readonly userId: string;
  readonly title: string;
}

/** The key is the plan's id and the position. */
export interface PlanItemRow {
  readonly position: number;
  readonly serviceId: number | null;
  readonly description: string;
  readonly price: string;
}

export interface PlanItemKey {
  readonly planId: string;
  readonly position: number;
}

export interface TagRow {
  readonly label: string;
  readonly color: string;
}

export interface FormRow {
  readonly userId: string;
  readonly answers: Json;
}

export interface DocumentRow {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  readonly content: Uint8Array;
  readonly body: string;
}

/** A row of the table that has no key. */
export interface VisitRow {
  readonly userId: string;
  readonly note: string;
  readonly at: Date;
}
