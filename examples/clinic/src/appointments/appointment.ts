import type { RecordedDatabase } from '../database/recorded-database.js';
import { RecordedTable } from '../database/recorded-table.js';
import { fullName, type UserTable } from '../users/user.js';

export const STATUSES = ['confirmed', 'completed', 'cancelled', 'no_show'] as const;
type Status = (typeof STATUSES)[number];

export interface Appointment {
  readonly id: number;
  readonly patient: number;
  /** Null until somebody has been found. */
  readonly dentist: number | null;
  readonly location: number | null;
  readonly date: string;
  readonly time: string;
  readonly type: string;
  readonly status: Status;
  readonly notes: string;
  readonly created_at: string;
  readonly updated_at: string;
}

export type AppointmentTable = RecordedTable<Appointment>;

/** The subject of an appointment is its patient, whose name is kept as it is at that moment. */
export function openAppointmentTable(database: RecordedDatabase, users: UserTable): AppointmentTable {
  return new RecordedTable<Appointment>(database, {
    name: 'Appointment',
    table: 'appointments',
    order: 'date DESC, time DESC, id DESC',
    describe: (appointment) => {
      const patient = users.find(appointment.patient);
      return {
        label: `${appointment.type} on ${momentOf(appointment)}`,
        subjectId: String(appointment.patient),
        subjectLabel: patient && fullName(patient),
      };
    },
  });
}

export function momentOf({ date, time }: Pick<Appointment, 'date' | 'time'>): string {
  return `${date} ${time}`;
}

/** An appointment as the API shows it. */
export function appointmentAnswer(appointment: Appointment): object {
  const { id, patient, dentist, location, date, time, type, status, notes } = appointment;
  return { id, patient, dentist, location, date, time, type, status, notes };
}
