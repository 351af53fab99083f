/**
 * What lets events go, so that it can be proved what went. A removal is decided first, whole: its manifest names
 * every leaf that may go, and an event that cannot be removed itself vouches for the manifest. Only then is
 * anything removed, in batches; a removal that was broken off is gone on with, and never decided anew.
 */

/** Leaves may lose their event (`purge`, for retention) or its payload (`erase`, for a person). */
export type RemovalKind = 'purge' | 'erase';

/** Actions whose events stay for ever, since they vouch for what is gone or for the log itself. */
export const KEPT_ACTIONS: readonly string[] = [
  'RETENTION_PURGE',
  'SUBJECT_ERASED',
  'KEY_ROTATED',
  'HOLD_PLACED',
  'HOLD_RELEASED',
  'POLICY_CHANGE',
];

/** Members that are there must all be equal; none matches every event. */
export interface EventMatch {
  readonly tenantId?: string | undefined;
  readonly action?: string | undefined;
  readonly targetType?: string | undefined;
  readonly targetId?: string | undefined;
  readonly actorId?: string | undefined;
  /** Also one of the people that an event of many concerns. */
  readonly subjectId?: string | undefined;
}

/** Events that match, and none of the exceptions, and were stored before a moment. */
export interface Clause {
  readonly match: EventMatch;
  readonly except: readonly EventMatch[];
  /** RFC 3339, compared with `recorded_at`: never with a caller's clock. */
  readonly recordedBefore: string;
  /** True for events with a subject alone, false for those without alone; a list counts as having one. */
  readonly hasSubject?: boolean | undefined;
}

/** Sealed events that one of the clauses asks for, and no hold keeps. Kept actions are never among them. */
export interface Selection {
  readonly clauses: readonly Clause[];
  readonly holds: readonly EventMatch[];
}

export interface SelectedLeaf {
  readonly id: string;
  readonly index: number;
}

/** What a selection holds now. */
export interface SelectionPreview {
  readonly count: number;
  readonly byAction: Readonly<Record<string, number>>;
  /** Under '' what has no model. */
  readonly byModel: Readonly<Record<string, number>>;
  /** By `recorded_at`. */
  readonly oldest: string | null;
  readonly newest: string | null;
}

/** A removal as it was decided. */
export interface Removal {
  /** The id of the event that vouches for it: RETENTION_PURGE or SUBJECT_ERASED. */
  readonly eventId: string;
  readonly kind: RemovalKind;
  /** Canonical text; the event's metadata has its digest. */
  readonly manifest: string;
}

export interface StoredRemoval extends Removal {
  readonly decidedAt: string;
  /** Null while there may be something left of it to remove. */
  readonly doneAt: string | null;
}

export interface Retention {
  /** What a selection would remove; changes nothing. */
  preview(selection: Selection): Promise<SelectionPreview>;
  /** Up to `limit` of its leaves behind an id, in the order of ids. Changes nothing. */
  select(selection: Selection, afterId: string | null, limit: number): Promise<readonly SelectedLeaf[]>;
  /** Writes down a removal before anything is removed. Idempotent by `eventId`; another manifest for it is refused. */
  decide(removal: Removal): Promise<void>;
  /**
   * Removes events, or empties their payloads, salts and search columns, in one transaction, which takes them out of
   * the tallies too. Only for a removal that was decided and is not done; ids that are gone already are passed over.
   * Answers how many it removed.
   */
  remove(eventId: string, ids: readonly string[]): Promise<number>;
  /** The removal is over: from here on `remove` refuses it. */
  finish(eventId: string): Promise<void>;
  /** All removals, oldest first. */
  removals(): Promise<readonly StoredRemoval[]>;
  /**
   * Runs `work` while no other process does so on this trail; undefined when one does. Given up with the connection,
   * so that a killed process keeps nobody out.
   */
  exclusively<T>(work: () => Promise<T>): Promise<T | undefined>;
}

/** How long events are kept that match; the longest of those that match an event wins. */
export interface Policy {
  readonly id: string;
  readonly match: Pick<EventMatch, 'tenantId' | 'action' | 'targetType'>;
  readonly days: number;
  readonly reason: string | null;
}

/** What matches is kept, whatever the policies say. */
export interface Hold {
  readonly id: string;
  readonly match: EventMatch;
  readonly reason: string;
  readonly placedAt: string;
}

/** Policies and holds as they stand; each change of theirs is an event of its own. */
export interface RetentionRules {
  policies(): Promise<readonly Policy[]>;
  /** Adds a policy, or replaces the one of that id. */
  savePolicy(policy: Policy): Promise<void>;
  removePolicy(id: string): Promise<void>;
  holds(): Promise<readonly Hold[]>;
  placeHold(hold: Omit<Hold, 'placedAt'>): Promise<void>;
  releaseHold(id: string): Promise<void>;
}
