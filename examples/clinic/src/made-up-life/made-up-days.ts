import type { Clinic } from '../clinic.js';
import { aboutUser, actorOf, type User } from '../users/user.js';
import { momentOn } from './calendar.js';
import type { Cast } from './cast.js';
import type { Random } from './random.js';

const STRANGER = '203.0.113.66';

/**
 * What people do besides changing records: they sign in, mistype and look things up. It happened on a day that is
 * over, and is recorded after the fact: each event says when it occurred.
 */
export class MadeUpDays {
  readonly #clinic: Clinic;
  readonly #cast: Cast;
  readonly #random: Random;

  constructor(clinic: Clinic, cast: Cast, random: Random) {
    this.#clinic = clinic;
    this.#cast = cast;
    this.#random = random;
  }

  async live(days: number): Promise<void> {
    for (const name of ['reception', 'dentist', 'molar'])
      await this.#enter(this.#cast.person(name), momentOn(days, '07:4' + String(this.#random.whole(0, 9))));
    if (this.#random.chance(0.15)) await this.#mistype(this.#random.pick(this.#cast.patients()), days);
    const dentist = this.#cast.person(this.#random.pick(['dentist', 'molar']));
    for (let hour = 9; hour <= 15; hour += 3) {
      const moment = momentOn(days, `${String(hour).padStart(2, '0')}:15`);
      await this.#look(dentist, this.#random.pick(this.#cast.patients()), moment);
    }
  }

  /**
   * The night that somebody ought to look at: names are tried from one address until one opens, records are read
   * while the clinic sleeps, notes are deleted and files are taken along.
   */
  async haunt(days: number): Promise<void> {
    const floss = this.#cast.person('floss');
    for (let at = 0; at < 12; at += 1) {
      const user = this.#cast.person(this.#random.pick(['owner', 'dentist', 'reception', 'floss']));
      await this.#fail(user, STRANGER, momentOn(days, `02:${String(10 + at)}`));
    }
    await this.#enter(floss, momentOn(days, '02:24'), STRANGER);
    for (const [at, patient] of this.#cast.patients().slice(0, 60).entries())
      await this.#look(floss, patient, momentOn(days, `02:${String(25 + (at % 30))}`), STRANGER);
    await this.#delete(floss);
    await this.#takeAlong(floss);
  }

  #enter(user: User, occurredAt: string, ip?: string): Promise<unknown> {
    const event = { action: 'LOGIN_SUCCESS', source: 'auth', occurredAt, ...aboutUser(user) } as const;
    const metadata = { method: 'password' };
    return this.#cast.as(user, () => this.#clinic.audit.record({ ...event, metadata }), ip);
  }

  #mistype(user: User, days: number): Promise<unknown> {
    const ip = `198.51.100.${(user.id % 250) + 1}`;
    return this.#fail(user, ip, momentOn(days, `19:${String(this.#random.whole(10, 59))}`));
  }

  #fail(user: User, ip: string, occurredAt: string): Promise<unknown> {
    const metadata = { username: user.username, why: 'wrong_password' };
    const failed = { action: 'LOGIN_FAILED', outcome: 'failure', source: 'auth', occurredAt } as const;
    return this.#cast.from(ip, () =>
      this.#clinic.audit.record({ ...failed, actor: { type: 'anonymous' }, ...aboutUser(user), metadata }),
    );
  }

  #look(by: User, patient: User, occurredAt: string, ip?: string): Promise<unknown> {
    const read = { action: 'READ', source: 'read', occurredAt, ...aboutUser(patient) } as const;
    return this.#cast.as(by, () => this.#clinic.audit.record({ ...read, actor: actorOf(by) }), ip);
  }

  async #delete(by: User): Promise<void> {
    const { progressNotes } = this.#clinic;
    const { rows } = await progressNotes.list(by, {}, { limit: 14, offset: 0 });
    await this.#cast.as(
      by,
      async () => {
        for (const { id } of rows) await progressNotes.remove(by, id);
      },
      STRANGER,
    );
  }

  async #takeAlong(by: User): Promise<void> {
    const { audit, patientFiles } = this.#clinic;
    const exportFile = audit.wrap((id: number) => patientFiles.export(by, id), {
      action: 'EXPORT',
      model: 'User',
      id: (id) => id,
      reason: 'none of your business',
      select: (file) => (file as { readonly patient: object }).patient,
    });
    await this.#cast.as(
      by,
      async () => {
        for (const { id } of this.#cast.patients().slice(0, 12)) await exportFile(id);
      },
      STRANGER,
    );
  }
}
