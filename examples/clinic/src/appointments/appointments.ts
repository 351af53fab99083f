import type { ClinicAudit } from '../audit.js';
import type { RecordedDatabase } from '../database/recorded-database.js';
import type { Conditions, Rows, Slice } from '../database/recorded-table.js';
import type { LocationTable } from '../locations/location.js';
import { demand, invalid, Problem } from '../problem.js';
import type { User, UserTable } from '../users/user.js';
import { type Appointment, type AppointmentTable, momentOf } from './appointment.js';
import type { AppointmentChanges, NewAppointment, Rescheduling } from './input.js';
import { mayBook, mayReadAppointment, mayWriteAppointment, readableAppointments } from './rights.js';

export interface AppointmentParts {
  readonly audit: ClinicAudit;
  readonly database: RecordedDatabase;
  readonly appointmentTable: AppointmentTable;
  readonly userTable: UserTable;
  readonly locationTable: LocationTable;
}

/** The clinic's calendar. */
export class Appointments {
  readonly #parts: AppointmentParts;

  constructor(parts: AppointmentParts) {
    this.#parts = parts;
  }

  async list(by: User, where: Conditions<Appointment>, slice: Slice): Promise<Rows<Appointment>> {
    const { audit, appointmentTable } = this.#parts;
    const found = appointmentTable.list([where, readableAppointments(by)], slice);
    await audit.record({
      action: 'LIST',
      source: 'read',
      target: { type: 'Appointment' },
      subjects: [...new Set(found.rows.map(({ patient }) => String(patient)))],
      metadata: { count: found.count, ids: found.rows.map(({ id }) => id) },
    });
    return found;
  }

  async read(by: User, id: number): Promise<Appointment> {
    const { audit, appointmentTable } = this.#parts;
    const appointment = appointmentTable.need(id);
    const about = appointmentTable.about(appointment);
    demand(mayReadAppointment(by, appointment), { attempted: 'READ', ...about });
    await audit.record({ action: 'READ', source: 'read', ...about });
    return appointment;
  }

  book(by: User, input: NewAppointment): Appointment {
    const subjectId = String(input.patient);
    demand(mayBook(by, input.patient), {
      attempted: 'CREATE',
      target: { type: 'Appointment' },
      subjectId,
    });
    return this.#parts.database.transaction(() => {
      this.#checkReferences(input);
      return this.#parts.appointmentTable.insert(input);
    });
  }

  update(by: User, id: number, { id: given = id, ...changes }: AppointmentChanges): Appointment {
    this.#writable(by, id, 'UPDATE');
    if (given !== id) throw invalid('id', 'cannot be changed');
    return this.#parts.database.transaction(() => {
      this.#checkReferences(changes);
      return this.#parts.appointmentTable.update(id, changes as Partial<Appointment>);
    });
  }

  remove(by: User, id: number): void {
    this.#writable(by, id, 'DELETE');
    this.#parts.appointmentTable.delete(id);
  }

  /** The row's change and the act that caused it are two events, which share reason and transaction. */
  cancel(by: User, id: number, reason: string): Appointment {
    const { audit, database, appointmentTable } = this.#parts;
    this.#confirmed(by, id);
    return audit.run({ reason }, () =>
      database.transaction(() => {
        const cancelled = appointmentTable.update(id, { status: 'cancelled' });
        const metadata = { was_for: momentOf(cancelled) };
        database.record({ action: 'APPOINTMENT_CANCELLED', ...appointmentTable.about(cancelled), metadata });
        return cancelled;
      }),
    );
  }

  reschedule(by: User, id: number, { date, time, reason }: Rescheduling): Appointment {
    const { audit, database, appointmentTable } = this.#parts;
    const before = this.#confirmed(by, id);
    return audit.run({ reason }, () =>
      database.transaction(() => {
        const moved = appointmentTable.update(id, { date, time });
        const metadata = { was_for: momentOf(before), now_for: momentOf(moved) };
        database.record({ action: 'APPOINTMENT_RESCHEDULED', ...appointmentTable.about(moved), metadata });
        return moved;
      }),
    );
  }

  /** Its new status says all there is to say: no act beside the change. */
  complete(by: User, id: number): Appointment {
    this.#confirmed(by, id);
    return this.#parts.appointmentTable.update(id, { status: 'completed' });
  }

  #writable(by: User, id: number, attempted: string): Appointment {
    const appointment = this.#parts.appointmentTable.need(id);
    demand(mayWriteAppointment(by), { attempted, ...this.#parts.appointmentTable.about(appointment) });
    return appointment;
  }

  #confirmed(by: User, id: number): Appointment {
    const appointment = this.#writable(by, id, 'UPDATE');
    if (appointment.status !== 'confirmed')
      throw new Problem(409, `This needs a confirmed appointment; this one is ${appointment.status}.`);
    return appointment;
  }

  #checkReferences({ patient, dentist, location }: AppointmentChanges): void {
    const { userTable, locationTable } = this.#parts;
    if (patient !== undefined && userTable.find(patient)?.user_type !== 'patient')
      throw invalid('patient', 'must be the id of a patient');
    const practitioner = dentist ? userTable.find(dentist)?.role : 'dentist';
    if (practitioner !== 'dentist' && practitioner !== 'hygienist')
      throw invalid('dentist', 'must be the id of a dentist or hygienist');
    if (location && locationTable.find(location) === undefined)
      throw invalid('location', 'must be the id of a location');
  }
}
