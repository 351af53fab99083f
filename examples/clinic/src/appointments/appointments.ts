import { Collection } from '../collections/collection.js';
import { CALENDAR } from '../collections/rights.js';
import type { Db } from '../database/clinic-database.js';
import type { Some } from '../database/tables.js';
import type { Locations } from '../locations/locations.js';
import type { ClinicParts } from '../parts.js';
import { invalid, Problem } from '../problem.js';
import type { User } from '../users/user.js';
import { type Appointment, appointmentLabel, momentOf } from './appointment.js';
import type { Rescheduling } from './input.js';

export interface AppointmentParts extends ClinicParts {
  readonly locations: Locations;
}

/** The clinic's calendar. */
export class Appointments extends Collection<'appointments'> {
  readonly #locations: Locations;

  constructor(parts: AppointmentParts) {
    super(parts, {
      table: 'appointments',
      model: 'Appointment',
      name: 'appointment',
      rights: CALENDAR,
      own: 'patient',
      label: appointmentLabel,
      shown: ['id', 'patient', 'dentist', 'location', 'date', 'time', 'type', 'status', 'notes'],
      newest: ['date', 'time'],
    });
    this.#locations = parts.locations;
  }

  /** The row's change and the act that caused it are two events, which share reason and transaction. */
  cancel(by: User, id: number, reason: string): Promise<Appointment> {
    const { audit, acts } = this.parts;
    return audit.run({ reason }, () =>
      acts.together(async (db) => {
        await this.#confirmed(db, by, id);
        const cancelled = await this.save(db, id, { status: 'cancelled' });
        const metadata = { was_for: momentOf(cancelled) };
        await acts.record(db, {
          action: 'APPOINTMENT_CANCELLED',
          ...(await this.about(cancelled, db)),
          metadata,
        });
        return cancelled;
      }),
    );
  }

  reschedule(by: User, id: number, { date, time, reason }: Rescheduling): Promise<Appointment> {
    const { audit, acts } = this.parts;
    return audit.run({ reason }, () =>
      acts.together(async (db) => {
        const before = await this.#confirmed(db, by, id);
        const moved = await this.save(db, id, { date, time });
        const metadata = { was_for: momentOf(before), now_for: momentOf(moved) };
        await acts.record(db, {
          action: 'APPOINTMENT_RESCHEDULED',
          ...(await this.about(moved, db)),
          metadata,
        });
        return moved;
      }),
    );
  }

  /** Its new status says all there is to say: no act beside the change. */
  complete(by: User, id: number): Promise<Appointment> {
    return this.parts.acts.together(async (db) => {
      await this.#confirmed(db, by, id);
      return this.save(db, id, { status: 'completed' });
    });
  }

  /** Refuses an id that is no appointment of this patient; that none is named is fine. */
  async checkOf(patient: number | undefined, id: number | null | undefined, db: Db): Promise<void> {
    if (id === null || id === undefined) return;
    if ((await this.find(id, db))?.patient !== patient)
      throw invalid('appointment', 'must be the id of an appointment of this patient');
  }

  protected override async check(db: Db, input: Some<Appointment>): Promise<void> {
    const { directory } = this.parts;
    await directory.checkPatient(input.patient, db);
    await directory.checkPractitioner(input.dentist, 'dentist', db);
    await this.#locations.checkThere('location', input.location, db);
  }

  async #confirmed(db: Db, by: User, id: number): Promise<Appointment> {
    const appointment = await this.allowed(db, by, id, 'update', 'UPDATE');
    if (appointment.status !== 'confirmed')
      throw new Problem(409, `This needs a confirmed appointment; this one is ${appointment.status}.`);
    return appointment;
  }
}
