import type { AuditEvent } from '../event/event.js';
import { timeOf } from '../event/id.js';
import { addressBlock } from '../trail/folding/address-block.js';
import { type Detector, type Found, SEVERITIES, type Thresholds, type Watch } from './detector.js';
import { leastOf } from './least.js';
import { MOST_EVENTS } from './sliding.js';
import { named } from './whom.js';

const HOUR_MS = 3_600_000;
const MOST_ACCOUNTS = 100_000;
const MOST_ADDRESSES = 100;

export const LOGIN_AFTER_FAILURES: Thresholds = { medium: 5, high: 10 };

/** The first login of an account from an address, as far as is known. */
interface Arrival {
  readonly id: string;
  readonly at: number;
  readonly ip: string;
  failures: number;
  first: number;
  readonly events: string[];
}

/**
 * Somebody who got in where many attempts had failed within the hour before, from an address that the account was not
 * used from earlier in the window. The attempts may have come from anywhere.
 */
export function loginAfterFailures(from: Thresholds): Detector {
  return {
    type: 'login_after_failures',
    actions: ['LOGIN_SUCCESS', 'LOGIN_FAILED'],
    watch: () => new ArrivalWatch(from),
  };
}

class ArrivalWatch implements Watch {
  isFull = false;
  readonly #from: Thresholds;
  /** By account, and by the block of the address. */
  readonly #accounts: Map<string, Map<string, Arrival>> = new Map();

  constructor(from: Thresholds) {
    this.#from = from;
  }

  see(event: AuditEvent): void {
    if (event.action === 'LOGIN_SUCCESS') this.#arrived(event);
    else this.#failed(event);
  }

  *found(): Iterable<Found> {
    for (const [account, arrivals] of this.#accounts)
      for (const [block, { failures, ip, events, first, at }] of arrivals) {
        const severity = SEVERITIES.findLast((one) => failures >= (this.#from[one] ?? Infinity));
        if (severity === undefined) continue;
        const description = `A login by ${named(account)} from ${named(block)}, which was not used before, after ${failures} failed ones; suspicious from ${leastOf(this.#from)} within an hour`;
        yield {
          key: JSON.stringify([account, block]),
          severity,
          description,
          count: failures,
          events,
          first,
          last: at,
          actorId: account,
          ip,
        };
      }
  }

  /** Events come the newest first: an earlier login from an address takes the place of a later one. */
  #arrived({ id, actor, target, request }: AuditEvent): void {
    const [account, ip] = [actor.id ?? target?.id, request?.ip ?? null];
    if (account === undefined || account === null || ip === null) return;
    const arrivals = this.#arrivalsOf(account);
    const block = addressBlock(ip);
    if (arrivals === undefined || (arrivals.size >= MOST_ADDRESSES && !arrivals.has(block))) {
      this.isFull = true;
      return;
    }
    const at = timeOf(id);
    arrivals.set(block, { id, at, ip, failures: 0, first: at, events: [id] });
  }

  #failed({ id, target, count }: AuditEvent): void {
    const at = timeOf(id);
    for (const arrival of this.#accounts.get(target?.id ?? '')?.values() ?? []) {
      if (arrival.at - at > HOUR_MS) continue;
      arrival.failures += count;
      arrival.first = at;
      if (arrival.events.length < MOST_EVENTS) arrival.events.push(id);
    }
  }

  #arrivalsOf(account: string): Map<string, Arrival> | undefined {
    let arrivals = this.#accounts.get(account);
    if (arrivals === undefined && this.#accounts.size < MOST_ACCOUNTS)
      this.#accounts.set(account, (arrivals = new Map()));
    return arrivals;
  }
}
