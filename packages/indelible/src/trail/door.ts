import type { Serving } from '../api/serving.js';
import type { Capturing } from '../capture/capturing.js';
import { AuditError } from '../event/errors.js';
import type { Watching } from '../http/watching.js';

/** What a trail is for its adapters, and for nobody else: no part of it is what users hold. */
export interface Door {
  readonly capturing: Capturing;
  readonly watching: Watching;
  readonly serving: Serving;
}

const doors = new WeakMap<object, Door>();

export function openDoor(audit: object, door: Door): void {
  doors.set(audit, door);
}

/** What an adapter captures for. */
export function captureOf(audit: unknown): Capturing {
  return doorOf(audit).capturing;
}

/** What an adapter watches requests for. */
export function watchingOf(audit: unknown): Watching {
  return doorOf(audit).watching;
}

/** What the API is served from. */
export function servingOf(audit: unknown): Serving {
  return doorOf(audit).serving;
}

function doorOf(audit: unknown): Door {
  const door = typeof audit === 'object' && audit !== null ? doors.get(audit) : undefined;
  if (door === undefined) {
    throw new AuditError(
      'INVALID_OPTIONS',
      'The adapter was not given a trail of this copy of indelible: pass what createAudit returned, and see with "npm ls indelible" that there is one copy only.',
    );
  }
  return door;
}
