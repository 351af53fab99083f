import type { Outcome, Source } from '../event/event.js';
import type { Position } from './store.js';

export type OrderColumn = 'timestamp' | 'actor' | 'action';

/** A question to a store: checked, folded, bounded. Every member that is present must hold. */
export interface EventQuery {
  /** One tenant ('' where there is none), or null for all of them. */
  readonly tenantId: string | null;
  readonly where: EventConditions;
  readonly search?: SearchTerm | undefined;
  /** Texts are ordered by their code points, and what is alike by id; an event without an actor's name has ''. */
  readonly order: { readonly column: OrderColumn; readonly descending: boolean };
  readonly limit: number;
  /** Read on behind this place in the order or, `backwards`, before it. */
  readonly after?: Position | undefined;
  readonly backwards?: boolean | undefined;
}

/** Names, labels, models and paths are searched for `text`, folded; ids, the event's own among them, and addresses for `exact`. */
export interface SearchTerm {
  readonly text: string;
  readonly exact: string;
}

export interface EventConditions {
  readonly actorId?: string | undefined;
  /** Part of the actor's username, e-mail or name, folded. */
  readonly actorText?: string | undefined;
  readonly actions?: readonly string[] | undefined;
  readonly targetType?: string | undefined;
  readonly targetId?: string | undefined;
  readonly subjectId?: string | undefined;
  readonly role?: string | undefined;
  readonly outcome?: Outcome | undefined;
  readonly source?: Source | undefined;
  readonly ip?: string | undefined;
  /** Least id of the range. */
  readonly fromId?: string | undefined;
  /** First id beyond the range. */
  readonly toId?: string | undefined;
}

export interface SummaryQuery {
  readonly tenantId: string | null;
  readonly where: EventConditions;
  /** The first ids of each day asked for, and the first id beyond the last. */
  readonly dayBounds: readonly string[];
  readonly top: number;
}

/** What events can be told apart by. */
export const FACETS = ['action', 'outcome', 'source', 'model', 'role', 'actorId', 'subjectId'] as const;
export type Facet = (typeof FACETS)[number];

type Question = Pick<EventQuery, 'tenantId' | 'where' | 'search'>;

export interface FacetQuery extends Question {
  readonly facets: readonly Facet[];
  /** So many of the newest matches are looked at. */
  readonly among: number;
  /** So many values of each facet are told. */
  readonly top: number;
}

export interface HistogramQuery extends Question {
  /** The first id of each stretch of time, and the first id beyond the last. */
  readonly bounds: readonly string[];
}
