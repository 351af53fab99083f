import type { Kept, Row } from '../database/tables.js';

export const STATUSES = ['confirmed', 'completed', 'cancelled', 'no_show'] as const;

export interface AppointmentTable extends Kept {
  patient: number;
  /** Null until somebody has been found. */
  dentist: number | null;
  location: number | null;
  date: string;
  time: string;
  type: string;
  status: (typeof STATUSES)[number];
  notes: string;
}

export type Appointment = Row<'appointments'>;

type Fields<K extends keyof Appointment> = Readonly<Record<K, unknown>>;

export function momentOf({ date, time }: Fields<'date' | 'time'>): string {
  return `${String(date)} ${String(time)}`;
}

export function appointmentLabel(appointment: Fields<'type' | 'date' | 'time'>): string {
  return `${String(appointment.type)} on ${momentOf(appointment)}`;
}
