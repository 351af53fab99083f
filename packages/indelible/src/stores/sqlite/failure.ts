import { AuditError } from '../../event/errors.js';
import { kept } from '../removal-check.js';
import type { Message } from './thread.js';

/** How a message failed, as the thread tells it. */
export interface Failure {
  readonly kind: 'timeout' | 'changed' | 'failed';
  readonly text: string;
  readonly code?: string | undefined;
}

/** What no repetition will make storable. */
const REFUSED = /^(SQLITE_(CONSTRAINT|TOOBIG|MISMATCH)|TypeError$|RangeError$)/;

/** A failure on the thread as an `AuditError` about the file. */
export function failure(
  { kind, text, code = 'no code' }: Failure,
  message: Message,
  path: string,
): AuditError {
  if (kind === 'timeout') return timeout(message.operation === 'read' ? message.budgetMs : 0);
  if (kind === 'changed') return changed(text);
  if (message.operation === 'write' && REFUSED.test(code)) return refused(`${text} (${code})`, path);
  if (message.operation === 'remove' && code.startsWith('SQLITE_CONSTRAINT')) return kept(text);
  return new AuditError(
    'STORE_UNAVAILABLE',
    `The trail in ${path} could not be used: ${text} (${code}). Check that the file is a trail, that it may be read and written, and that its disk has room.`,
  );
}

/** Entries that the store can never take: sending them again is of no use. */
export function refused(found: string, path: string, cause?: unknown): AuditError {
  return new AuditError(
    'EVENT_REFUSED',
    `The trail in ${path} cannot hold an event that was given: ${found}. None of its batch was stored.`,
    cause,
  );
}

function timeout(ms: number): AuditError {
  return new AuditError(
    'QUERY_TIMEOUT',
    `The question took longer than the ${ms} ms allowed: narrow it, for instance to a range of dates.`,
  );
}

function changed(name: string): AuditError {
  return new AuditError(
    'STORE_NOT_MIGRATED',
    `The migration ${name} was changed after it had been applied: its file is not the one this trail was made with. Install the published package again, and put changes into a new migration.`,
  );
}
