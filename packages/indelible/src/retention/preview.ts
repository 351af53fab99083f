import { AuditError } from '../event/errors.js';
import type { Selection, SelectionPreview } from '../stores/removal.js';
import { lastCutOff } from './manifest.js';
import { excludes, matchOf } from './match.js';
import {
  DEFAULT_TERMS,
  type Floor,
  NO_FLOOR,
  type RetentionTerms,
  type Scope,
  selectionOf,
  underFloor,
} from './policy.js';
import type { RemovalParts } from './removing.js';
import type { Hold, Policy } from './rule-events.js';
import { Rules, wholeDays } from './rules.js';

export interface RetentionOptions {
  /** How long what no policy matches is kept; 2,190 days by default. */
  readonly days?: number | undefined;
  /** What no policy can go below: 2,190 days for events with a subject, none for others by default. */
  readonly floor?: Partial<Floor> | undefined;
}

export interface PreviewOptions {
  /** Only events of this model. */
  readonly model?: string | undefined;
  /** Only events of this tenant; '' for those that have none. */
  readonly tenantId?: string | undefined;
  /** Instead of the days for what no policy matches. */
  readonly days?: number | undefined;
  /** What would go at that moment. */
  readonly asOf?: Date | string | undefined;
}

/** What a clean-up would remove, and by which rules. */
export interface RetentionPreview extends SelectionPreview {
  readonly asOf: string;
  /** What was stored before this moment goes at the latest; null where nothing can go. */
  readonly cutOff: string | null;
  readonly terms: RetentionTerms;
  readonly policies: readonly Policy[];
  readonly holds: readonly Hold[];
  /** Old enough for their policies, and kept by the floor. */
  readonly keptByFloor: number;
  readonly keptByHolds: number;
  /** Policies that the floor is stronger than, for the events that it is about. */
  readonly underFloor: readonly Policy[];
  /** Removals that were broken off, and that a clean-up goes on with first. */
  readonly unfinished: number;
}

/** A clean-up as it was asked for, checked. */
export interface Asked {
  readonly terms: RetentionTerms;
  readonly scope: Scope;
}

/** What was chosen at one moment by the rules in force, and those rules. */
export interface Chosen {
  readonly selection: Selection;
  readonly policies: readonly Policy[];
  readonly holds: readonly Hold[];
}

/** Looks at what is over by the rules of now. Changes nothing. */
export class Previewing {
  readonly #store: RemovalParts['store'];
  readonly #rules: Rules;

  constructor(parts: RemovalParts) {
    this.#store = parts.store;
    this.#rules = new Rules(parts);
  }

  /**
   * The moment of the last checkpoint, by the clock of the store, which has dated the events too: a clock of this
   * machine that runs ahead lets nothing go too early.
   */
  async now(): Promise<Date> {
    const sealedAt = (await this.#store.lastCheckpoint())?.sealedAt;
    return new Date(Math.min(Date.now(), sealedAt === undefined ? Infinity : Date.parse(sealedAt)));
  }

  async choose(asOf: Date, { terms, scope }: Asked): Promise<Chosen> {
    const inScope = ({ match }: Policy | Hold): boolean => !excludes(match, scope);
    // Of a tenant's events only what is in force for them is told, since others may not know of the rest.
    const policies = (await this.#rules.policies()).filter(inScope);
    const holds = (await this.#rules.holds()).filter(inScope);
    const kept = holds.map(({ match }) => match);
    return { selection: selectionOf({ policies, holds: kept, terms, asOf, scope }), policies, holds };
  }

  /** As much of a preview as an event tells. */
  async count(asOf: Date, asked: Asked): Promise<SelectionPreview> {
    const { selection } = await this.choose(asOf, asked);
    return this.#store.retention.preview(selection);
  }

  async at(asOf: Date, asked: Asked): Promise<RetentionPreview> {
    const { terms, scope } = asked;
    const { selection, policies, holds } = await this.choose(asOf, asked);
    const found = await this.#store.retention.preview(selection);
    const countOf = async (one: Selection): Promise<number> =>
      (await this.#store.retention.preview(one)).count;
    const unfloored = { policies, holds: selection.holds, terms: { ...terms, floor: NO_FLOOR }, asOf, scope };
    const removals = await this.#store.retention.removals();
    return {
      ...found,
      asOf: asOf.toISOString(),
      cutOff: lastCutOff(selection.clauses) ?? null,
      terms,
      policies,
      holds,
      keptByFloor: (await countOf(selectionOf(unfloored))) - found.count,
      keptByHolds: holds.length === 0 ? 0 : (await countOf({ ...selection, holds: [] })) - found.count,
      underFloor: underFloor(policies, terms.floor),
      unfinished: removals.filter(({ doneAt }) => doneAt === null).length,
    };
  }
}

/** The terms of a trail, with every default applied. */
export function termsOf({ days, floor = {} }: RetentionOptions): RetentionTerms {
  const { withSubject = DEFAULT_TERMS.floor.withSubject, others = DEFAULT_TERMS.floor.others } = floor;
  return {
    days: wholeDays('retention.days', days ?? DEFAULT_TERMS.days, 1),
    floor: {
      withSubject: wholeDays('retention.floor.withSubject', withSubject, 0),
      others: wholeDays('retention.floor.others', others, 0),
    },
  };
}

export function askedOf({ model, tenantId, days }: PreviewOptions, terms: RetentionTerms): Asked {
  const scope = matchOf({ tenantId, targetType: model }, ['tenantId', 'targetType']);
  return { scope, terms: days === undefined ? terms : { ...terms, days: wholeDays('days', days, 1) } };
}

export function momentOf(given: Date | string): Date {
  const moment = new Date(given);
  if (!Number.isNaN(moment.getTime())) return moment;
  throw new AuditError('INVALID_OPTIONS', `asOf is ${JSON.stringify(given)}; give a date or an instant.`);
}
