import type { ClinicAudit } from '../audit.js';
import { actorOf, type User } from '../users/user.js';

/** The people of a made-up life, and the places they act from: addresses that are set aside for examples. */
export class Cast {
  readonly #audit: ClinicAudit;
  readonly #people = new Map<string, User>();

  constructor(audit: ClinicAudit) {
    this.#audit = audit;
  }

  add(people: readonly User[]): void {
    for (const user of people) this.#people.set(user.username, user);
  }

  person(username: string): User {
    const user = this.#people.get(username);
    if (user === undefined) throw new Error(`Nobody is called ${username}`);
    return user;
  }

  patients(): User[] {
    return [...this.#people.values()].filter(({ role }) => role === 'patient');
  }

  /** As somebody at a desk of the clinic, or at home. */
  as<T>(user: User, act: () => T, ip = addressOf(user)): T {
    const request = { ip, userAgent: 'made-up life' };
    return this.#audit.run({ actor: actorOf(user), request }, act);
  }

  /** As somebody of whom only the address is known. */
  from<T>(ip: string, act: () => T): T {
    return this.#audit.run({ request: { ip, userAgent: 'made-up life' } }, act);
  }
}

function addressOf({ id, role }: User): string {
  return role === 'patient' ? `198.51.100.${(id % 250) + 1}` : `192.0.2.${id % 250}`;
}
