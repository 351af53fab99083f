import type { Appointment } from '../appointments/appointment.js';
import type { NewAppointment } from '../appointments/input.js';
import type { Clinic } from '../clinic.js';
import { dayFromToday } from './calendar.js';
import type { Cast } from './cast.js';
import type { Random } from './random.js';

const TYPES = ['Check-up', 'Cleaning', 'Filling', 'Crown fitting', 'Root canal', 'X-ray'];
const CANCELLATIONS = [
  'has a cold',
  'is on holiday',
  'could not get away from work',
  'the toothache has gone',
];
const NOTES = [
  'Prefers the morning.',
  'Nervous: take time.',
  'Asked about a night guard.',
  'Send a reminder.',
];

/** Who comes when in a made-up life, and who does not after all. */
export class MadeUpCalendar {
  readonly #clinic: Clinic;
  readonly #cast: Cast;
  readonly #random: Random;
  readonly #locations: readonly number[];

  constructor(clinic: Clinic, cast: Cast, random: Random, locations: readonly number[]) {
    this.#clinic = clinic;
    this.#cast = cast;
    this.#random = random;
    this.#locations = locations;
  }

  book(days: number): Promise<Appointment> {
    const patient = this.#random.pick(this.#cast.patients());
    const by = this.#random.chance(0.3) ? patient : this.#cast.person('reception');
    const appointment: NewAppointment = {
      patient: patient.id,
      dentist: this.#cast.person(this.#random.pick(['dentist', 'molar', 'floss'])).id,
      location: this.#random.pick(this.#locations),
      date: dayFromToday(days),
      time: `${String(this.#random.whole(8, 16)).padStart(2, '0')}:${this.#random.pick(['00', '30'])}`,
      type: this.#random.pick(TYPES),
      status: 'confirmed',
      notes: '',
    };
    return this.#cast.as(by, () => this.#clinic.appointments.create(by, appointment));
  }

  /** True when it took place. */
  async pass({ id }: Appointment): Promise<boolean> {
    const { appointments } = this.#clinic;
    const dentist = this.#cast.person('dentist');
    const reception = this.#cast.person('reception');
    const fate = this.#random.whole(1, 10);
    if (fate <= 7) await this.#cast.as(dentist, () => appointments.complete(dentist, id));
    else if (fate === 8)
      await this.#cast.as(reception, () => appointments.update(reception, id, () => ({ status: 'no_show' })));
    else await this.#cancel(id);
    return fate <= 7;
  }

  async lieAhead({ id, time }: Appointment): Promise<void> {
    const { appointments } = this.#clinic;
    const reception = this.#cast.person('reception');
    const fate = this.#random.whole(1, 10);
    const later = { date: dayFromToday(this.#random.whole(15, 30)), time, reason: 'dentist away' };
    const notes = this.#random.pick(NOTES);
    if (fate === 1) await this.#cancel(id);
    else if (fate <= 3) await this.#cast.as(reception, () => appointments.reschedule(reception, id, later));
    else if (fate <= 6)
      await this.#cast.as(reception, () => appointments.update(reception, id, () => ({ notes })));
  }

  async #cancel(id: number): Promise<void> {
    const reception = this.#cast.person('reception');
    const reason = this.#random.pick(CANCELLATIONS);
    await this.#cast.as(reception, () => this.#clinic.appointments.cancel(reception, id, reason));
  }
}
