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

/** Actions that place a hold or release one. */
export const HOLD_ACTIONS: readonly string[] = ['HOLD_PLACED', 'HOLD_RELEASED'];

/**
 * An event goes only when the time in its id, too, lies before its cut-off or no more than this behind it: of an event
 * that is gone nothing but the id is left to show its age. One of a clock that ran further ahead goes so much later.
 */
export const CLOCK_TOLERANCE_MS = 86_400_000;

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
  /** The signature of the log's key over all of this: who can only write into the database cannot make one. */
  readonly note: string;
}

/** A removal without its manifest, which can be large. */
export interface StoredRemoval extends Omit<Removal, 'manifest'> {
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
   * Answers how many it removed; undefined, with nothing changed, when `holdChanges` is not what it was when the ids
   * were chosen.
   */
  remove(eventId: string, ids: readonly string[], holdChanges: number): Promise<number | undefined>;
  /** How many events of all tenants have placed or released a hold. */
  holdChanges(): Promise<number>;
  /** The removal is over: from here on `remove` refuses it. */
  finish(eventId: string): Promise<void>;
  /** All removals, oldest first. */
  removals(): Promise<readonly StoredRemoval[]>;
  /** The manifest that a removal was decided with. */
  manifestOf(eventId: string): Promise<string | undefined>;
  /**
   * Runs `work` while no other process does so on this trail; undefined when one does. Given up with the connection,
   * so that a killed process keeps nobody out.
   */
  exclusively<T>(work: () => Promise<T>): Promise<T | undefined>;
}
