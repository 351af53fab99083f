import { createHash } from 'node:crypto';

import type { AuditEvent } from '../event/event.js';
import { type Detector, type Found, SEVERITIES, type Severity } from './detector.js';
import { periodOf } from './period.js';

/** Something suspicious: what a detector finds in the trail when it is asked. */
export interface Finding {
  /** The same for the same finding, whoever looks and whenever. */
  readonly id: string;
  /** What found it, such as `failed_logins`. */
  readonly type: string;
  readonly severity: Severity;
  /** Why it was raised, in plain words and without anybody's name. */
  readonly description: string;
  /** How many acts it is about: a folded event is as many as it stands for. */
  readonly count: number;
  /** The ids of its events, 500 at most. */
  readonly events: readonly string[];
  readonly first: string;
  readonly last: string;
  readonly actorId: string | null;
  readonly ip: string | null;
  readonly tenantId: string | null;
  /** False when its detector did not get to see everything: then it may be more. */
  readonly isComplete: boolean;
  /** Null until somebody has looked at it, and again when much more has come of it since. */
  readonly acknowledgement: Acknowledgement | null;
}

export interface Acknowledgement {
  readonly by: AuditEvent['actor'];
  readonly at: string;
  readonly note: string | null;
}

/** Bits of a digest that tell findings apart, as base64url: long runs of digits could pass for a card's number. */
const DIGEST_CHARACTERS = 16;

export interface FindingParts {
  readonly detector: Pick<Detector, 'type' | 'period'>;
  readonly tenantId: string | null;
  readonly trailZone: string;
  readonly isComplete: boolean;
}

export function findingOf(found: Found, parts: FindingParts): Finding {
  const { severity, description, count, events, first, last, actorId, ip } = found;
  const { detector, tenantId, isComplete } = parts;
  return {
    id: idOf(found, parts),
    type: detector.type,
    severity,
    description,
    count,
    events,
    first: new Date(first).toISOString(),
    last: new Date(last).toISOString(),
    actorId: actorId ?? null,
    ip: ip ?? null,
    tenantId,
    isComplete,
    acknowledgement: null,
  };
}

/** The most serious first, and of those the newest. */
export function bySeverity(one: Finding, other: Finding): number {
  const [a, b] = [one, other].map(({ severity }) => SEVERITIES.indexOf(severity));
  if (a !== b) return (b ?? 0) - (a ?? 0);
  return one.last === other.last ? (one.id < other.id ? -1 : 1) : one.last < other.last ? 1 : -1;
}

/** The first day of the period that a finding's id names; undefined for what is no such id. */
export function periodIn(id: string): string | undefined {
  return /^[a-z0-9_]+\.(\d{4}-\d{2}-\d{2})\.[\w-]{16}$/.exec(id)?.[1];
}

/** The detector, the period of the last event, and what it is about. */
function idOf({ key, last }: Found, { detector, tenantId, trailZone }: FindingParts): string {
  const period = periodOf(last, detector.period ?? 'week', trailZone);
  const whole = JSON.stringify([detector.type, tenantId ?? '', period, key]);
  const digest = createHash('sha256').update(whole).digest('base64url').slice(0, DIGEST_CHARACTERS);
  return `${detector.type}.${period}.${digest}`;
}
