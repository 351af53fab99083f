import { eq, type SQL } from 'drizzle-orm';

import type { User } from '../users/user.js';
import { type Appointment, appointments } from './appointment.js';

/** Owner and staff see every appointment, patients their own. */
export function readableAppointments(by: User): SQL | undefined {
  return by.user_type === 'patient' ? eq(appointments.patient, by.id) : undefined;
}

export function mayReadAppointment(by: User, { patient }: Pick<Appointment, 'patient'>): boolean {
  return by.user_type !== 'patient' || by.id === patient;
}

/** Patients book for themselves, and leave what is booked to the clinic. */
export function mayBook(by: User, patient: number): boolean {
  return mayReadAppointment(by, { patient });
}

export function mayWriteAppointment(by: User): boolean {
  return by.user_type !== 'patient';
}
