import { and, desc, eq, type SQL } from 'drizzle-orm';

import type { About } from '../audit.js';
import { countOf, type Rows, type Slice } from '../database/rows.js';
import { now } from '../database/times.js';
import type { Locations } from '../locations/locations.js';
import type { ClinicParts } from '../parts.js';
import { demand, invalid, Problem, there } from '../problem.js';
import type { User } from '../users/user.js';
import { type Appointment, appointmentLabel, appointments, momentOf } from './appointment.js';
import type { AppointmentChanges, AppointmentFilter, NewAppointment, Rescheduling } from './input.js';
import { mayBook, mayReadAppointment, mayWriteAppointment, readableAppointments } from './rights.js';

export interface AppointmentParts extends ClinicParts {
  readonly locations: Locations;
}

/** The clinic's calendar. */
export class Appointments {
  readonly #parts: AppointmentParts;

  constructor(parts: AppointmentParts) {
    this.#parts = parts;
  }

  list(by: User, asked: AppointmentFilter, slice: Slice): Rows<Appointment> {
    const { db } = this.#parts;
    const where = and(readableAppointments(by), ...conditionsOf(asked));
    const newest = [desc(appointments.date), desc(appointments.time), desc(appointments.id)];
    const query = db
      .select()
      .from(appointments)
      .where(where)
      .orderBy(...newest);
    const rows = query.limit(slice.limit).offset(slice.offset).all();
    return { rows, count: countOf(db, appointments, where) };
  }

  read(by: User, id: number): Appointment {
    const appointment = this.#need(id);
    demand(mayReadAppointment(by, appointment), { attempted: 'READ', ...this.#about(appointment) });
    return appointment;
  }

  book(by: User, input: NewAppointment): Appointment {
    const { db } = this.#parts;
    const subjectId = String(input.patient);
    demand(mayBook(by, input.patient), {
      attempted: 'CREATE',
      target: { type: 'Appointment' },
      subjectId,
    });
    this.#checkReferences(input);
    return db.insert(appointments).values(input).returning().get();
  }

  update(by: User, id: number, { id: given = id, ...changes }: AppointmentChanges): Appointment {
    this.#writable(by, id, 'UPDATE');
    if (given !== id) throw invalid('id', 'cannot be changed');
    this.#checkReferences(changes);
    return this.#save(id, changes);
  }

  remove(by: User, id: number): void {
    this.#writable(by, id, 'DELETE');
    this.#parts.db.delete(appointments).where(eq(appointments.id, id)).run();
  }

  /** The row's change and the act that caused it are two events, which share reason and transaction. */
  cancel(by: User, id: number, reason: string): Appointment {
    const { audit, acts } = this.#parts;
    this.#confirmed(by, id);
    return audit.run({ reason }, () =>
      acts.together(() => {
        const cancelled = this.#save(id, { status: 'cancelled' });
        const metadata = { was_for: momentOf(cancelled) };
        acts.record({ action: 'APPOINTMENT_CANCELLED', ...this.#about(cancelled), metadata });
        return cancelled;
      }),
    );
  }

  reschedule(by: User, id: number, { date, time, reason }: Rescheduling): Appointment {
    const { audit, acts } = this.#parts;
    const before = this.#confirmed(by, id);
    return audit.run({ reason }, () =>
      acts.together(() => {
        const moved = this.#save(id, { date, time });
        const metadata = { was_for: momentOf(before), now_for: momentOf(moved) };
        acts.record({ action: 'APPOINTMENT_RESCHEDULED', ...this.#about(moved), metadata });
        return moved;
      }),
    );
  }

  /** Its new status says all there is to say: no act beside the change. */
  complete(by: User, id: number): Appointment {
    this.#confirmed(by, id);
    return this.#save(id, { status: 'completed' });
  }

  find(id: number): Appointment | undefined {
    return this.#parts.db.select().from(appointments).where(eq(appointments.id, id)).get();
  }

  #about(appointment: Appointment): About {
    const target = {
      type: 'Appointment',
      id: String(appointment.id),
      label: appointmentLabel(appointment),
    } as const;
    return { target, ...this.#parts.directory.subject(appointment.patient) };
  }

  #need(id: number): Appointment {
    return there(this.find(id), 'appointment', id);
  }

  #save(id: number, changes: AppointmentChanges): Appointment {
    const set = { ...changes, updated_at: now() };
    const saved = this.#parts.db.update(appointments).set(set).where(eq(appointments.id, id));
    return there(saved.returning().get(), 'appointment', id);
  }

  #writable(by: User, id: number, attempted: string): Appointment {
    const appointment = this.#need(id);
    demand(mayWriteAppointment(by), { attempted, ...this.#about(appointment) });
    return appointment;
  }

  #confirmed(by: User, id: number): Appointment {
    const appointment = this.#writable(by, id, 'UPDATE');
    if (appointment.status !== 'confirmed')
      throw new Problem(409, `This needs a confirmed appointment; this one is ${appointment.status}.`);
    return appointment;
  }

  #checkReferences({ patient, dentist, location }: AppointmentChanges): void {
    const { directory, locations } = this.#parts;
    directory.checkPatient(patient);
    directory.checkPractitioner(dentist);
    locations.check(location);
  }
}

function conditionsOf({ patient, dentist, location, date, status }: AppointmentFilter): (SQL | undefined)[] {
  return [
    patient === undefined ? undefined : eq(appointments.patient, patient),
    dentist === undefined ? undefined : eq(appointments.dentist, dentist),
    location === undefined ? undefined : eq(appointments.location, location),
    date === undefined ? undefined : eq(appointments.date, date),
    status === undefined ? undefined : eq(appointments.status, status),
  ];
}
