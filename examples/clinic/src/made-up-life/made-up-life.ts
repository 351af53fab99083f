import type { Appointment } from '../appointments/appointment.js';
import type { NewAppointment } from '../appointments/input.js';
import type { Clinic } from '../clinic.js';
import { Problem } from '../problem.js';
import { actorOf, type User } from '../users/user.js';
import { madeUpPeople, passwordOf } from './people.js';
import { Random } from './random.js';

const SEED = 20_260_314;
const APPOINTMENTS = 60;
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

/**
 * Lets people who do not exist live a few weeks in an empty clinic. They go through the same doors as
 * everybody, so that the trail they leave is a real one: its times are those of the filling.
 */
export async function makeUpLife(clinic: Clinic): Promise<void> {
  const life = new MadeUpLife(clinic);
  await clinic.audit.run({ actor: { type: 'system', name: 'made-up-life' } }, () => life.begin());
  life.fillCalendar();
  life.changeAccounts();
  await life.comeAndGo();
  await clinic.audit.flush();
}

class MadeUpLife {
  readonly #clinic: Clinic;
  readonly #random = new Random(SEED);
  readonly #people = new Map<string, User>();
  #location: number | null = null;

  constructor(clinic: Clinic) {
    this.#clinic = clinic;
  }

  async begin(): Promise<void> {
    const { users, locations } = this.#clinic;
    for (const user of await users.admitAll(madeUpPeople())) this.#people.set(user.username, user);
    const place = { name: 'Clinic of Nowhere', address: '1 Imaginary Lane', timezone: 'Europe/Berlin' };
    this.#location = locations.insert(place).id;
  }

  fillCalendar(): void {
    for (let i = 0; i < APPOINTMENTS; i++) {
      const days = this.#random.whole(-35, 14);
      const booked = this.#book(days);
      if (days < 0) this.#pass(booked);
      else this.#lieAhead(booked);
    }
  }

  changeAccounts(): void {
    const { users, accounts } = this.#clinic;
    const owner = this.#person('owner');
    const reception = this.#person('reception');
    this.#as(reception, () => {
      users.update(reception, this.#person('crown').id, { last_name: 'Crown-Bridge' });
      accounts.setActive(reception, this.#person('wisdom').id, false);
    });
    this.#as(owner, () =>
      accounts.changeRole(owner, this.#person('floss').id, 'dentist', 'passed her examination'),
    );
  }

  /** People who sign in, and people who fail to, some of them from an address that tries many names. */
  async comeAndGo(): Promise<void> {
    const { signIn, appointments } = this.#clinic;
    const arrivals = ['dentist', 'reception', 'molar'].map((username) =>
      this.#from(`198.51.100.${this.#random.whole(2, 9)}`, () =>
        signIn.logIn(username, passwordOf(username)),
      ),
    );
    const failures = ['owner', 'admin', 'root', 'reception', 'dentist'].map((username) =>
      this.#from('203.0.113.66', () => refused(signIn.logIn(username, 'let-me-in'))),
    );
    await Promise.all([...arrivals, ...failures]);
    const dentist = this.#person('dentist');
    for (const id of [1, 2, 3, 5, 8]) await this.#as(dentist, () => appointments.read(dentist, id));
  }

  #book(days: number): Appointment {
    const patient = this.#person(
      this.#random.pick(['patient', 'incisor', 'canine', 'bicuspid', 'bridge', 'crown']),
    );
    const by = this.#random.chance(0.3) ? patient : this.#person('reception');
    const appointment: NewAppointment = {
      patient: patient.id,
      dentist: this.#person(this.#random.pick(['dentist', 'molar', 'floss'])).id,
      location: this.#location,
      date: dayFromToday(days),
      time: `${String(this.#random.whole(8, 16)).padStart(2, '0')}:${this.#random.pick(['00', '30'])}`,
      type: this.#random.pick(TYPES),
      status: 'confirmed',
      notes: '',
    };
    return this.#as(by, () => this.#clinic.appointments.book(by, appointment));
  }

  #pass({ id }: Appointment): void {
    const { appointments } = this.#clinic;
    const dentist = this.#person('dentist');
    const reception = this.#person('reception');
    const fate = this.#random.whole(1, 10);
    if (fate <= 7) this.#as(dentist, () => appointments.complete(dentist, id));
    else if (fate === 8) this.#as(reception, () => appointments.update(reception, id, { status: 'no_show' }));
    else this.#cancel(id);
  }

  #lieAhead({ id, time }: Appointment): void {
    const { appointments } = this.#clinic;
    const reception = this.#person('reception');
    const fate = this.#random.whole(1, 10);
    const date = dayFromToday(this.#random.whole(15, 30));
    if (fate === 1) this.#cancel(id);
    else if (fate <= 3)
      this.#as(reception, () =>
        appointments.reschedule(reception, id, { date, time, reason: 'dentist away' }),
      );
    else if (fate <= 6)
      this.#as(reception, () => appointments.update(reception, id, { notes: this.#random.pick(NOTES) }));
  }

  #cancel(id: number): void {
    const reception = this.#person('reception');
    const reason = this.#random.pick(CANCELLATIONS);
    this.#as(reception, () => this.#clinic.appointments.cancel(reception, id, reason));
  }

  #person(username: string): User {
    const user = this.#people.get(username);
    if (user === undefined) throw new Error(`Nobody is called ${username}`);
    return user;
  }

  /** As somebody at a desk of the clinic. The addresses are those set aside for examples. */
  #as<T>(user: User, act: () => T): T {
    const request = { ip: `192.0.2.${user.id}`, userAgent: 'made-up life' };
    return this.#clinic.audit.run({ actor: actorOf(user), request }, act);
  }

  /** As somebody of whom only the address is known. */
  #from<T>(ip: string, act: () => T): T {
    return this.#clinic.audit.run({ request: { ip, userAgent: 'made-up life' } }, act);
  }
}

async function refused(signingIn: Promise<unknown>): Promise<void> {
  await signingIn.catch((error: unknown) => {
    if (!(error instanceof Problem)) throw error;
  });
}

function dayFromToday(days: number): string {
  return new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
}
