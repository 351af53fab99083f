import type { AuditEvent } from '../event/event.js';

export const SEVERITIES = ['low', 'medium', 'high'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** From how many on something is of which severity; what is left out is not. */
export type Thresholds = { readonly [S in Severity]?: number | undefined };

/** A part of time in milliseconds, without the moment it ends at. */
export type Span = readonly [from: number, to: number];

/** What a detector looks at: the events of one tenant in a part of time. */
export interface DetectionWindow {
  readonly span: Span;
  /** The zone in which it is day or night. */
  readonly timeZone: string;
  /** The zone of the trail, by whose days and weeks findings are told apart, whoever asks from where. */
  readonly trailZone: string;
}

/** What was found in one tenant's events. */
export interface Found {
  /** Whom or what it is about, such as an address or an actor: by this a detector's findings are told apart. */
  readonly key: string;
  readonly severity: Severity;
  /** In plain words, with the threshold, and without anybody's name. */
  readonly description: string;
  readonly count: number;
  /** Ids of events, 500 at most. */
  readonly events: readonly string[];
  /** The moments of the first event and of the last, in milliseconds. */
  readonly first: number;
  readonly last: number;
  readonly actorId?: string | undefined;
  readonly ip?: string | undefined;
}

/** One look through one tenant's events. */
export interface Watch {
  /** Each event of the detector's actions, the newest first. */
  see(event: AuditEvent): void;
  found(): Iterable<Found>;
  /** True when there was more than it could keep in mind. */
  readonly isFull?: boolean;
}

/** Finds something in the events of some actions. What it finds depends on them alone. */
export interface Detector {
  /** What its findings are called: lower-case words, such as `night_refunds`. */
  readonly type: string;
  /** The actions it looks at: everything else is not even read. */
  readonly actions: readonly string[];
  /** How long a finding stays the same one when more of it comes: until the day of its last event is over, or the week. A week by default. */
  readonly period?: 'day' | 'week' | undefined;
  /** The parts of the window to look at; all of it by default. */
  readonly during?: ((window: DetectionWindow) => readonly Span[]) | undefined;
  watch(window: DetectionWindow): Watch;
}

/** What an event counts for. */
export interface Counted {
  readonly key: string;
  /** How many; the event's own count by default. */
  readonly count?: number | undefined;
  readonly actorId?: string | undefined;
  readonly ip?: string | undefined;
}

/**
 * A detector that counts: so many for one key within a stretch of time, wherever in the window it lies.
 *
 * @example
 * ```ts
 * const nightRefunds = {
 *   type: 'many_refunds',
 *   actions: ['REFUND'],
 *   withinMs: 3_600_000,
 *   from: { medium: 5, high: 20 },
 *   of: ({ actor }) => (actor.id === null ? undefined : { key: actor.id, actorId: actor.id }),
 *   describe: ({ count }) => `${count} refunds by one user; 5 within an hour are many`,
 * };
 * console.log(nightRefunds.type);
 * ```
 */
export interface CountingRule extends Omit<Detector, 'watch' | 'period'> {
  readonly withinMs: number;
  readonly from: Thresholds;
  /** What an event counts for; undefined for nothing. */
  readonly of: (event: AuditEvent) => Counted | readonly Counted[] | undefined;
  readonly describe: (counted: Required<Pick<Counted, 'key' | 'count'>>) => string;
}
