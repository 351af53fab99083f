import { setImmediate } from 'node:timers/promises';

import type { Clinic } from '../clinic.js';
import { Problem } from '../problem.js';
import { dayFromToday, isWorkingDay } from './calendar.js';
import { Cast } from './cast.js';
import { MadeUpCalendar } from './made-up-calendar.js';
import { MadeUpCare } from './made-up-care.js';
import { MadeUpDays } from './made-up-days.js';
import { MadeUpLooks } from './made-up-looks.js';
import { keepStock, openPractice } from './made-up-practice.js';
import { madeUpPeople, morePatients, passwordOf } from './people.js';
import { Random } from './random.js';

const SEED = 20_260_314;
const DAYS_A_MONTH = 30;
/** So far ahead the calendar has appointments. */
const AHEAD = 3 * DAYS_A_MONTH;
const NIGHT = -3;

export interface LifeOptions {
  /** How far back it goes. */
  readonly months?: number;
  /** Told what has been made up, now and then. */
  readonly progress?: (line: string) => void;
}

/**
 * Lets people who do not exist live some months in an empty clinic. They go through the same doors as everybody, so
 * that the trail they leave is a real one. What they change is recorded when it is made up: nobody can write history
 * as of then, the clinic neither. What they did besides says when it occurred.
 */
export async function makeUpLife(
  clinic: Clinic,
  { months = 9, progress = () => undefined }: LifeOptions = {},
): Promise<void> {
  const cast = new Cast(clinic.audit);
  const life = new MadeUpLife(clinic, cast);
  await clinic.audit.run({ actor: { type: 'system', name: 'made-up-life' } }, () => life.begin(months));
  await clinic.hastily(() => liveOn(life, clinic.lanes, -months * DAYS_A_MONTH, progress));
  await life.changeAccounts();
  await life.comeAndGo();
  await new MadeUpLooks(clinic, cast).around();
  await clinic.audit.flush();
}

/** Day after day, as many at a time as the database can do. */
async function liveOn(
  life: MadeUpLife,
  lanes: number,
  first: number,
  progress: (line: string) => void,
): Promise<void> {
  for (let days = first; days < AHEAD; days += lanes) {
    if ((days - first) % 24 === 0) {
      progress(`  ${dayFromToday(days)} ...`);
      // SQLite answers without ever waiting: this is when the trail gets its turn.
      await setImmediate();
    }
    await Promise.all(Array.from({ length: lanes }, (_, lane) => life.live(days + lane)));
  }
}

class MadeUpLife {
  readonly #clinic: Clinic;
  readonly #cast: Cast;
  /** Patients who have been here before. */
  readonly #known = new Set<number>();
  #locations: number[] = [];

  constructor(clinic: Clinic, cast: Cast) {
    this.#clinic = clinic;
    this.#cast = cast;
  }

  async begin(months: number): Promise<void> {
    this.#cast.add(await this.#clinic.users.admitAll([...madeUpPeople(), ...morePatients(months * 8)]));
    this.#locations = await openPractice(this.#clinic, this.#cast, new Random(SEED));
  }

  /** One day of the clinic: of the past, or one that lies ahead. Each has a chance of its own. */
  async live(days: number): Promise<void> {
    if (!isWorkingDay(days)) return;
    const random = new Random(SEED + days);
    const calendar = new MadeUpCalendar(this.#clinic, this.#cast, random, this.#locations);
    const care = new MadeUpCare(this.#clinic, this.#cast, random, this.#known);
    const visits = random.whole(2, days < 0 ? 6 : 4);
    for (let i = 0; i < visits; i += 1) {
      const booked = await calendar.book(days);
      if (days >= 0) await calendar.lieAhead(booked);
      else if (await calendar.pass(booked)) await care.lookAfter(booked);
    }
    if (days >= 0) return;
    await new MadeUpDays(this.#clinic, this.#cast, random).live(days);
    if (random.chance(0.1)) await keepStock(this.#clinic, this.#cast, random);
  }

  async changeAccounts(): Promise<void> {
    const { users, accounts } = this.#clinic;
    const owner = this.#cast.person('owner');
    const reception = this.#cast.person('reception');
    await new MadeUpDays(this.#clinic, this.#cast, new Random(SEED)).haunt(NIGHT);
    await this.#cast.as(reception, async () => {
      await users.update(reception, this.#cast.person('crown').id, () => ({ last_name: 'Crown-Bridge' }));
      await accounts.setActive(reception, this.#cast.person('wisdom').id, false);
      for (const name of ['patient', 'incisor'])
        await accounts.verifyEmail(reception, this.#cast.person(name).id);
    });
    const change = { role: 'dentist', reason: 'passed her examination' } as const;
    await this.#cast.as(owner, () => accounts.changeRole(owner, this.#cast.person('floss').id, () => change));
  }

  /** People who sign in, and people who fail to, some of them from an address that tries many names. */
  async comeAndGo(): Promise<void> {
    const { signIn } = this.#clinic;
    const random = new Random(SEED);
    const arrivals = ['dentist', 'reception', 'molar'].map((username) =>
      this.#cast.from(`198.51.100.${random.whole(2, 9)}`, () => signIn.logIn(username, passwordOf(username))),
    );
    const failures = ['owner', 'admin', 'root', 'reception', 'dentist'].map((username) =>
      this.#cast.from('203.0.113.66', () => refused(signIn.logIn(username, 'let-me-in'))),
    );
    await Promise.all([...arrivals, ...failures]);
  }
}

async function refused(signingIn: Promise<unknown>): Promise<void> {
  await signingIn.catch((error: unknown) => {
    if (!(error instanceof Problem)) throw error;
  });
}
