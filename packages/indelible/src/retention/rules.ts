import { randomUUID } from 'node:crypto';

import { AuditError } from '../event/errors.js';
import type { LooseInput } from '../event/input.js';
import type { EventMatch, Hold, Policy } from '../stores/removal.js';
import { HOLD_MEMBERS, matchOf, POLICY_MEMBERS, writtenMatch } from './match.js';
import type { RemovalParts } from './removing.js';

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

/** Policies and holds, each change of which is in the trail before it is in force. */
export class RecordedRules {
  readonly #parts: RemovalParts;

  constructor(parts: RemovalParts) {
    this.#parts = parts;
  }

  async setPolicy(given: PolicyInput): Promise<Policy> {
    const { store } = this.#parts;
    const policy: Policy = {
      id: given.id ?? randomUUID(),
      match: matchOf(given.match, POLICY_MEMBERS),
      days: wholeDays('days', given.days, 1),
      reason: given.reason ?? null,
    };
    const before = (await store.policies()).find(({ id }) => id === policy.id);
    if (before !== undefined && isSame(before, policy)) return policy;
    await this.#record({ ...policyEvent(policy), before: before && written(before), after: written(policy) });
    await store.savePolicy(policy);
    return policy;
  }

  async removePolicy(id: string): Promise<void> {
    const { store } = this.#parts;
    const before = (await store.policies()).find((one) => one.id === id);
    if (before === undefined) throw unknown('policy', id);
    await this.#record({ ...policyEvent(before), before: written(before) });
    await store.removePolicy(id);
  }

  async placeHold(given: HoldInput): Promise<string> {
    const { store } = this.#parts;
    const id = given.id ?? randomUUID();
    const match = matchOf(given.match, HOLD_MEMBERS);
    if (typeof given.reason !== 'string' || given.reason.trim() === '')
      throw new AuditError(
        'INVALID_OPTIONS',
        'The hold was not placed: it has no reason; say why it is needed.',
      );
    const hold = { id, match, reason: given.reason };
    const there = (await store.holds()).find((one) => one.id === id);
    if (there === undefined) await this.#record(holdEvent('HOLD_PLACED', hold));
    await store.placeHold(hold);
    return id;
  }

  async releaseHold(id: string, reason?: string): Promise<void> {
    const { store } = this.#parts;
    const hold = (await store.holds()).find((one) => one.id === id);
    if (hold === undefined) throw unknown('hold', id);
    await this.#record({ ...holdEvent('HOLD_RELEASED', hold), reason });
    await store.releaseHold(id);
  }

  /** Resolves only when the store has the event. */
  async #record(event: LooseInput): Promise<void> {
    const { store, record, flush } = this.#parts;
    const id = await record(event);
    await flush();
    if (id !== undefined && (await store.get(id, null)) !== undefined) return;
    throw new AuditError(
      'TRAIL_UNAVAILABLE',
      `Nothing was changed: the ${event.action} that tells of it did not reach the store. Bring the store back and try again.`,
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

function isSame(one: Policy, other: Policy): boolean {
  return JSON.stringify(written(one)) === JSON.stringify(written(other));
}

function written({ match, days, reason }: Policy): Record<string, unknown> {
  return { ...writtenMatch(match), days, reason };
}

function policyEvent({ id, match, reason }: Policy): LooseInput {
  return {
    action: 'POLICY_CHANGE',
    target: { type: 'RetentionPolicy', id },
    tenantId: match.tenantId,
    reason: reason ?? undefined,
  };
}

function holdEvent(action: string, { id, match, reason }: Omit<Hold, 'placedAt'>): LooseInput {
  return {
    action,
    target: { type: 'LegalHold', id },
    tenantId: match.tenantId,
    subjectId: match.subjectId,
    reason,
    metadata: { match: writtenMatch(match) },
  };
}

function unknown(what: string, id: string): AuditError {
  return new AuditError(
    'INVALID_OPTIONS',
    `There is no ${what} ${JSON.stringify(id)}, and nothing was changed; list them to see which there are.`,
  );
}
