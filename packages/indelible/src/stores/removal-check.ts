import { AuditError } from '../event/errors.js';
import { floorId } from '../event/id.js';
import { CLOCK_TOLERANCE_MS, type Removal } from './removal.js';

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Refuses a removal that no store could write down. */
export function checkRemoval({ eventId, kind, manifest, note }: Removal): void {
  if (!ID.test(eventId)) throw refused(`its event has no id, but ${JSON.stringify(eventId)}`);
  if (kind !== 'purge' && kind !== 'erase')
    throw refused(`it neither purges nor erases, but would ${JSON.stringify(kind)}`);
  if (typeof manifest !== 'string' || manifest === '') throw refused('it has no manifest');
  if (typeof note !== 'string' || note === '') throw refused('nobody has signed it');
}

/** Refuses ids that are none before any of them is removed. */
export function checkIds(ids: readonly string[]): void {
  const stranger = ids.find((id) => !ID.test(id));
  if (stranger !== undefined) throw refused(`${JSON.stringify(stranger)} is no id`);
}

/** A cut-off as milliseconds since 1970. */
export function momentOf(text: string): number {
  const moment = Date.parse(text);
  if (Number.isFinite(moment)) return moment;
  throw refused(`its cut-off ${JSON.stringify(text)} is no time`);
}

/** The least id that is too late for a cut-off. */
export function endOfIds(cutOff: string): string {
  return floorId(momentOf(cutOff) + CLOCK_TOLERANCE_MS);
}

export function otherRemoval(eventId: string): AuditError {
  return refused(`the event ${eventId} vouches for another manifest already`);
}

export function undecided(eventId: string): AuditError {
  return refused(`none was decided under the event ${eventId}. Call decide() first`);
}

export function isOver(eventId: string): AuditError {
  return refused(`the one of the event ${eventId} is over. Decide a new one`);
}

/** For a batch with an event that nothing may take away. */
export function kept(found: string): AuditError {
  return refused(`an event of the batch has to stay: ${found}`);
}

function refused(found: string): AuditError {
  return new AuditError('INVALID_OPTIONS', `The removal was refused: ${found}. Nothing was changed.`);
}
