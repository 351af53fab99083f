import { setTimeout as sleep } from 'node:timers/promises';

import type { AuditEvent } from '../../event/event.js';
import { isId, timeOf } from '../../event/id.js';
import type { EventFilter } from '../../trail/filter.js';

export interface Pace {
  /** How often the store is asked, in milliseconds. */
  readonly everyMs: number;
  /** How far back it is asked for what was committed late, or by a machine whose clock is behind. */
  readonly overlapMs: number;
  readonly heartbeatMs: number;
  /** Then whoever follows must ask again, and so is looked at again. */
  readonly mostMs: number;
}

export const PACE: Pace = { everyMs: 1_000, overlapMs: 15_000, heartbeatMs: 15_000, mostMs: 600_000 };
/** Whoever was away for longer reads the list. */
const LONGEST_AWAY_MS = 600_000;

export interface Following {
  /** Every event that matches from a moment on, oldest first. */
  readonly read: (filter: Pick<EventFilter, 'startDate' | 'ordering'>) => AsyncIterable<AuditEvent>;
  /** The last event that was seen before the connection broke. */
  readonly after: string | undefined;
  readonly signal: AbortSignal;
  readonly pace: Pace;
}

/** New events as they come, each once, and undefined for a sign of life. */
export async function* follow(following: Following): AsyncGenerator<AuditEvent | undefined> {
  const { read, signal, pace } = following;
  const startedAt = Date.now();
  const last = lastSeen(following.after, startedAt);
  // Of what is there already, only what came behind the last one is new.
  const isKnown = ({ id }: AuditEvent): boolean => last === undefined || id <= last;
  const seen = new Map<string, number>();
  let from = last === undefined ? startedAt : timeOf(last);
  let toldAt = startedAt;
  for (let isFirst = true; !signal.aborted && Date.now() - startedAt < pace.mostMs; isFirst = false) {
    const askedAt = Date.now();
    for await (const event of read({ startDate: new Date(from - pace.overlapMs), ordering: 'timestamp' })) {
      if (signal.aborted) return;
      if (seen.has(event.id)) continue;
      seen.set(event.id, timeOf(event.id));
      if (isFirst && isKnown(event)) continue;
      toldAt = Date.now();
      yield event;
    }
    from = askedAt;
    forget(seen, from - pace.overlapMs);
    if (Date.now() - toldAt >= pace.heartbeatMs) {
      toldAt = Date.now();
      yield undefined;
    }
    await sleep(pace.everyMs, undefined, { signal, ref: false }).catch(() => undefined);
  }
}

function lastSeen(after: string | undefined, now: number): string | undefined {
  return isId(after) && timeOf(after) > now - LONGEST_AWAY_MS ? after : undefined;
}

/** Of what the store is asked for no more, nothing need be kept. */
function forget(seen: Map<string, number>, before: number): void {
  for (const [id, time] of seen) if (time < before) seen.delete(id);
}
