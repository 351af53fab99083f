import type { Appointment } from '../appointments/appointment.js';
import type { NewAppointment } from '../appointments/input.js';
import type { Clinic } from '../clinic.js';
import { Problem } from '../problem.js';
import { Cast } from './cast.js';
import { MadeUpCare } from './made-up-care.js';
import { MadeUpLooks } from './made-up-looks.js';
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
  const random = new Random(SEED);
  const cast = new Cast(clinic.audit);
  const life = new MadeUpLife(clinic, cast, random);
  await clinic.audit.run({ actor: { type: 'system', name: 'made-up-life' } }, () => life.begin());
  const treated = life.fillCalendar();
  new MadeUpCare(clinic, cast, random).lookAfter(treated);
  life.changeAccounts();
  await life.comeAndGo();
  await new MadeUpLooks(clinic, cast).around();
  await clinic.audit.flush();
}

class MadeUpLife {
  readonly #clinic: Clinic;
  readonly #cast: Cast;
  readonly #random: Random;
  #location: number | null = null;

  constructor(clinic: Clinic, cast: Cast, random: Random) {
    this.#clinic = clinic;
    this.#cast = cast;
    this.#random = random;
  }

  async begin(): Promise<void> {
    const { users, locations } = this.#clinic;
    this.#cast.add(await users.admitAll(madeUpPeople()));
    const place = { name: 'Clinic of Nowhere', address: '1 Imaginary Lane', timezone: 'Europe/Berlin' };
    this.#location = locations.add(place).id;
  }

  /** The appointments at which somebody was treated. */
  fillCalendar(): Appointment[] {
    const treated: Appointment[] = [];
    for (let i = 0; i < APPOINTMENTS; i++) {
      const days = this.#random.whole(-35, 14);
      const booked = this.#book(days);
      if (days >= 0) this.#lieAhead(booked);
      else if (this.#pass(booked)) treated.push(booked);
    }
    return treated;
  }

  changeAccounts(): void {
    const { users, accounts } = this.#clinic;
    const owner = this.#cast.person('owner');
    const reception = this.#cast.person('reception');
    this.#cast.as(reception, () => {
      users.update(reception, this.#cast.person('crown').id, { last_name: 'Crown-Bridge' });
      accounts.setActive(reception, this.#cast.person('wisdom').id, false);
      for (const name of ['patient', 'incisor']) accounts.verifyEmail(reception, this.#cast.person(name).id);
    });
    this.#cast.as(owner, () =>
      accounts.changeRole(owner, this.#cast.person('floss').id, 'dentist', 'passed her examination'),
    );
  }

  /** People who sign in, and people who fail to, some of them from an address that tries many names. */
  async comeAndGo(): Promise<void> {
    const { signIn } = this.#clinic;
    const arrivals = ['dentist', 'reception', 'molar'].map((username) =>
      this.#cast.from(`198.51.100.${this.#random.whole(2, 9)}`, () =>
        signIn.logIn(username, passwordOf(username)),
      ),
    );
    const failures = ['owner', 'admin', 'root', 'reception', 'dentist'].map((username) =>
      this.#cast.from('203.0.113.66', () => refused(signIn.logIn(username, 'let-me-in'))),
    );
    await Promise.all([...arrivals, ...failures]);
  }

  #book(days: number): Appointment {
    const patient = this.#cast.person(
      this.#random.pick(['patient', 'incisor', 'canine', 'bicuspid', 'bridge', 'crown']),
    );
    const by = this.#random.chance(0.3) ? patient : this.#cast.person('reception');
    const appointment: NewAppointment = {
      patient: patient.id,
      dentist: this.#cast.person(this.#random.pick(['dentist', 'molar', 'floss'])).id,
      location: this.#location,
      date: dayFromToday(days),
      time: `${String(this.#random.whole(8, 16)).padStart(2, '0')}:${this.#random.pick(['00', '30'])}`,
      type: this.#random.pick(TYPES),
      status: 'confirmed',
      notes: '',
    };
    return this.#cast.as(by, () => this.#clinic.appointments.book(by, appointment));
  }

  /** True when it took place. */
  #pass({ id }: Appointment): boolean {
    const { appointments } = this.#clinic;
    const dentist = this.#cast.person('dentist');
    const reception = this.#cast.person('reception');
    const fate = this.#random.whole(1, 10);
    if (fate <= 7) this.#cast.as(dentist, () => appointments.complete(dentist, id));
    else if (fate === 8)
      this.#cast.as(reception, () => appointments.update(reception, id, { status: 'no_show' }));
    else this.#cancel(id);
    return fate <= 7;
  }

  #lieAhead({ id, time }: Appointment): void {
    const { appointments } = this.#clinic;
    const reception = this.#cast.person('reception');
    const fate = this.#random.whole(1, 10);
    const date = dayFromToday(this.#random.whole(15, 30));
    if (fate === 1) this.#cancel(id);
    else if (fate <= 3)
      this.#cast.as(reception, () =>
        appointments.reschedule(reception, id, { date, time, reason: 'dentist away' }),
      );
    else if (fate <= 6)
      this.#cast.as(reception, () => appointments.update(reception, id, { notes: this.#random.pick(NOTES) }));
  }

  #cancel(id: number): void {
    const reception = this.#cast.person('reception');
    const reason = this.#random.pick(CANCELLATIONS);
    this.#cast.as(reception, () => this.#clinic.appointments.cancel(reception, id, reason));
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
