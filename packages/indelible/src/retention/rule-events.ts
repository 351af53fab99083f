import { AuditError } from '../event/errors.js';
import type { LooseInput } from '../event/input.js';
import { readEvent, type StoredEntry } from '../event/read.js';
import type { EventMatch } from '../stores/removal.js';
import { readMatch, writtenMatch } from './match.js';

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

/** What an event says of a rule: how it is from there on; undefined when it is no more. */
export interface Ruling<T> {
  readonly id: string;
  readonly rule: T | undefined;
}

/** The event by which a policy is in force, is another, or, without `after`, is no more. */
export function policyEvent(before: Policy | undefined, after: Policy | undefined): LooseInput {
  const { id = '', match = {}, reason = null } = after ?? before ?? {};
  return {
    action: 'POLICY_CHANGE',
    target: { type: 'RetentionPolicy', id },
    tenantId: match.tenantId,
    reason: reason ?? undefined,
    before: before && written(before),
    after: after && written(after),
    // The images of a change hold what is different alone.
    metadata: after && { policy: written(after) },
  };
}

export function holdEvent(
  action: 'HOLD_PLACED' | 'HOLD_RELEASED',
  { id, match, reason }: Omit<Hold, 'placedAt'>,
): LooseInput {
  return {
    action,
    target: { type: 'LegalHold', id },
    tenantId: match.tenantId,
    subjectId: match.subjectId,
    reason,
    metadata: { match: writtenMatch(match) },
  };
}

/** Undefined for a change of some other policy, such as one of the application's own. */
export function readPolicy(entry: StoredEntry): Ruling<Policy> | undefined {
  const { target, metadata } = readEvent(entry);
  if (target?.type !== 'RetentionPolicy' || target.id === null) return undefined;
  const { id } = target;
  if (metadata === null && entry.payload !== null) return { id, rule: undefined };
  const { days, reason = null, ...match } = membersOf(metadata?.['policy']);
  const asked = readMatch(match);
  if (asked === undefined || typeof days !== 'number' || !isTextOrNull(reason)) throw unreadable(entry);
  return { id, rule: { id, match: asked, days, reason } };
}

/** Undefined for a hold on something other than events of the trail. */
export function readHold(entry: StoredEntry): Ruling<Hold> | undefined {
  const { action, target, reason, metadata } = readEvent(entry);
  if (target?.type !== 'LegalHold' || target.id === null) return undefined;
  const { id } = target;
  if (action === 'HOLD_RELEASED') return { id, rule: undefined };
  const match = readMatch(metadata?.['match']);
  if (match === undefined) throw unreadable(entry);
  return { id, rule: { id, match, reason: reason ?? '', placedAt: entry.recordedAt ?? '' } };
}

function written({ match, days, reason }: Policy): Record<string, unknown> {
  return { ...writtenMatch(match), days, ...(reason === null ? {} : { reason }) };
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function isTextOrNull(value: unknown): value is string | null {
  return value === null || typeof value === 'string';
}

function unreadable({ core: { id, action } }: StoredEntry): AuditError {
  return new AuditError(
    'LOG_DAMAGED',
    `Nothing is removed: the event ${id}, a ${action}, does not say what is kept, so that something might go that must stay. Verify the trail, and find out who changed it.`,
  );
}
