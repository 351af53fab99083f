import type { Capturing } from '../capture/capturing.js';
import { AuditError } from '../event/errors.js';

const doors = new WeakMap<object, Capturing>();

/** Lets the adapters in, and nobody else: what an engine asks of a trail is no part of what users hold. */
export function openDoor(audit: object, capturing: Capturing): void {
  doors.set(audit, capturing);
}

/** What an adapter captures for. */
export function captureOf(audit: unknown): Capturing {
  const capturing = typeof audit === 'object' && audit !== null ? doors.get(audit) : undefined;
  if (capturing === undefined) {
    throw new AuditError(
      'INVALID_OPTIONS',
      'The adapter was not given a trail of this copy of indelible: pass what createAudit returned, and see with "npm ls indelible" that there is one copy only.',
    );
  }
  return capturing;
}
