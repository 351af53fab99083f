import { randomUUID } from 'node:crypto';

import { AuditError } from '../event/errors.js';
import type { LooseInput } from '../event/input.js';
import type { StoredEntry } from '../event/read.js';
import { type EventMatch, HOLD_ACTIONS } from '../stores/removal.js';
import { HOLD_MEMBERS, isSame, matchOf, POLICY_MEMBERS } from './match.js';
import type { RemovalParts } from './removing.js';
import {
  type Hold,
  holdEvent,
  type Policy,
  policyEvent,
  readHold,
  readPolicy,
  type Ruling,
} from './rule-events.js';

/** How long what matches is kept; of the policies that match an event the longest decides. */
export interface PolicyInput {
  /** Replaces the policy of that id; a new one by default. */
  readonly id?: string | undefined;
  readonly match: Policy['match'];
  readonly days: number;
  readonly reason?: string | undefined;
}

/** What is kept, whatever the policies say. The reason stays for ever: name nobody in it. */
export interface HoldInput {
  readonly id?: string | undefined;
  readonly match: EventMatch;
  readonly reason: string;
}

/** A hundred years: nobody is served by a cut-off before the calendar. */
const MOST_DAYS = 36_525;

/**
 * Policies and holds. There is no table of them beside the trail that could be changed past it: what its events say is
 * in force, from the moment they are stored.
 */
export class Rules {
  readonly #parts: Pick<RemovalParts, 'store' | 'record' | 'flush'>;

  constructor(parts: Pick<RemovalParts, 'store' | 'record' | 'flush'>) {
    this.#parts = parts;
  }

  policies(): Promise<readonly Policy[]> {
    return this.#inForce(['POLICY_CHANGE'], readPolicy);
  }

  holds(): Promise<readonly Hold[]> {
    return this.#inForce(HOLD_ACTIONS, readHold);
  }

  async setPolicy(given: PolicyInput): Promise<Policy> {
    const policy: Policy = {
      id: given.id ?? randomUUID(),
      match: matchOf(given.match, POLICY_MEMBERS),
      days: wholeDays('days', given.days, 1),
      reason: given.reason ?? null,
    };
    const before = (await this.policies()).find(({ id }) => id === policy.id);
    const isKnown = before?.days === policy.days && before.reason === policy.reason;
    if (isKnown && isSame(before.match, policy.match)) return policy;
    const entry = await this.#record(policyEvent(before, policy));
    this.#checkKept(readPolicy(entry), policy.match);
    return policy;
  }

  async removePolicy(id: string): Promise<void> {
    const before = (await this.policies()).find((one) => one.id === id);
    if (before === undefined) throw unknown('policy', id);
    await this.#record(policyEvent(before, undefined));
  }

  async placeHold(given: HoldInput): Promise<string> {
    const { reason } = given;
    const id = given.id ?? randomUUID();
    const match = matchOf(given.match, HOLD_MEMBERS);
    if (typeof reason !== 'string' || reason.trim() === '') throw withoutReason();
    const there = (await this.holds()).find((one) => one.id === id);
    if (there !== undefined && (there.reason !== reason || !isSame(there.match, match))) throw otherHold(id);
    if (there !== undefined) return id;
    const entry = await this.#record(holdEvent('HOLD_PLACED', { id, match, reason }));
    this.#checkKept(readHold(entry), match);
    return id;
  }

  async releaseHold(id: string, reason?: string): Promise<void> {
    const hold = (await this.holds()).find((one) => one.id === id);
    if (hold === undefined) throw unknown('hold', id);
    await this.#record({ ...holdEvent('HOLD_RELEASED', hold), reason });
  }

  /** The last word on each rule, by the clock of the store; in the order in which they were first spoken of. */
  async #inForce<T>(
    actions: readonly string[],
    read: (entry: StoredEntry) => Ruling<T> | undefined,
  ): Promise<T[]> {
    const entries: StoredEntry[] = [];
    const order = { column: 'timestamp', descending: false } as const;
    const query = { tenantId: null, where: { actions }, order, limit: 1_000 };
    for await (const entry of this.#parts.store.stream(query)) entries.push(entry);
    const last = new Map<string, T | undefined>();
    for (const entry of entries.sort(byMoment)) {
      const ruling = read(entry);
      if (ruling !== undefined) last.set(ruling.id, ruling.rule);
    }
    return [...last.values()].filter((rule) => rule !== undefined);
  }

  /** Resolves to the event, and only when the store has it. */
  async #record(event: LooseInput): Promise<StoredEntry> {
    const { store, record, flush } = this.#parts;
    const id = await record(event);
    await flush();
    const entry = id === undefined ? undefined : await store.get(id, null);
    if (entry !== undefined) return entry;
    throw new AuditError(
      'TRAIL_UNAVAILABLE',
      `Nothing was changed: the ${event.action} that tells of it did not reach the store. Bring the store back and try again.`,
    );
  }

  /** A name that looks like a secret is masked in an event like any other. */
  #checkKept(ruling: Ruling<Policy | Hold> | undefined, match: EventMatch): void {
    if (ruling?.rule !== undefined && isSame(ruling.rule.match, match)) return;
    throw new AuditError(
      'INVALID_OPTIONS',
      'The rule was recorded, and is not in force: something that it matches by is masked as a secret. Match by something else.',
    );
  }
}

/** Throws for anything but a whole number of days. */
export function wholeDays(name: string, given: unknown, least: number): number {
  if (typeof given === 'number' && Number.isInteger(given) && given >= least && given <= MOST_DAYS)
    return given;
  throw new AuditError(
    'INVALID_OPTIONS',
    `${name} is ${JSON.stringify(given)}; give a whole number from ${least} to ${MOST_DAYS}.`,
  );
}

function byMoment(one: StoredEntry, other: StoredEntry): number {
  const [a, b] = [one, other].map(({ recordedAt, core }) => `${recordedAt} ${core.id}`);
  return (a ?? '') < (b ?? '') ? -1 : 1;
}

function unknown(what: string, id: string): AuditError {
  return new AuditError(
    'INVALID_OPTIONS',
    `There is no ${what} ${JSON.stringify(id)}, and nothing was changed; list them to see which there are.`,
  );
}

function otherHold(id: string): AuditError {
  return new AuditError(
    'INVALID_OPTIONS',
    `The hold ${id} was not placed: another one has this id. Release that one first, or choose an id of its own.`,
  );
}

function withoutReason(): AuditError {
  return new AuditError(
    'INVALID_OPTIONS',
    'The hold was not placed: it has no reason; say why it is needed.',
  );
}
