import type { Clause, EventMatch, Selection } from '../stores/removal.js';
import { covers, excludes, joined } from './match.js';
import type { Policy } from './rule-events.js';

const DAY_MS = 86_400_000;

/** The least number of days that events are kept, whatever a policy says. */
export interface Floor {
  readonly withSubject: number;
  readonly others: number;
}

export interface RetentionTerms {
  /** For what no policy matches. */
  readonly days: number;
  readonly floor: Floor;
}

/** Six years, and for whatever is about a person never less. */
export const DEFAULT_TERMS: RetentionTerms = { days: 2_190, floor: { withSubject: 2_190, others: 0 } };
export const NO_FLOOR: Floor = { withSubject: 0, others: 0 };

/** The part of the trail that is looked at: all of it, unless a tenant or a model is named. */
export type Scope = Pick<EventMatch, 'tenantId' | 'targetType'>;

export interface RetentionQuestion {
  readonly policies: readonly Policy[];
  readonly holds: readonly EventMatch[];
  readonly terms: RetentionTerms;
  readonly asOf: Date;
  readonly scope?: Scope | undefined;
}

interface Rule {
  readonly match: EventMatch;
  readonly days: number;
}

/**
 * The events whose time is over: for each the longest policy that matches it decides, and the terms where none does.
 * No event is asked for by two clauses.
 */
export function selectionOf({ policies, holds, terms, asOf, scope = {} }: RetentionQuestion): Selection {
  const rules = [...policies.toSorted(longestFirst), { match: {}, days: terms.days }];
  const clauses = rules.flatMap((rule, at) => {
    const match = joined(rule.match, scope);
    const longer = rules.slice(0, at).map((one) => one.match);
    if (match === undefined || longer.some((one) => covers(one, match))) return [];
    return clausesOf({ match, days: rule.days }, telling(longer, match), terms.floor, asOf);
  });
  return { clauses, holds };
}

/**
 * Midnight, in UTC, so many days before the day of a moment. What was stored before it is more than so many days old,
 * and stays so all day: a look in the morning and a clean-up at night mean the same events.
 */
export function cutOff(asOf: Date, days: number): string {
  const midnight = Math.floor(asOf.getTime() / DAY_MS) * DAY_MS;
  return new Date(midnight - days * DAY_MS).toISOString();
}

/** The policies that ask for less than the floor of events with a subject, and so do not decide over those. */
export function underFloor(policies: readonly Policy[], floor: Floor): Policy[] {
  return policies.filter(({ days }) => days < floor.withSubject || days < floor.others);
}

function longestFirst(one: Policy, other: Policy): number {
  return other.days - one.days;
}

/** Exceptions that can take anything from a match, and that no other exception says already. */
function telling(exceptions: readonly EventMatch[], match: EventMatch): EventMatch[] {
  const possible = exceptions.filter((one) => !excludes(one, match));
  return possible.filter(
    (one, at) =>
      !possible.some(
        (other, place) => covers(other, one) && (place < at || !covers(one, other)) && place !== at,
      ),
  );
}

/** Two clauses where the floor parts events that are about somebody from the others, else one. */
function clausesOf(
  { match, days }: Rule,
  except: readonly EventMatch[],
  floor: Floor,
  asOf: Date,
): readonly Clause[] {
  const withSubject = cutOff(asOf, Math.max(days, floor.withSubject));
  const others = cutOff(asOf, Math.max(days, floor.others));
  if (withSubject === others) return [{ match, except, recordedBefore: others }];
  return [
    { match, except, recordedBefore: withSubject, hasSubject: true },
    { match, except, recordedBefore: others, hasSubject: false },
  ];
}
