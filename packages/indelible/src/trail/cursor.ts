import { createHash } from 'node:crypto';

import { AuditError } from '../event/errors.js';
import { isId } from '../event/id.js';
import { canonicalize } from '../integrity/canonical.js';
import type { EventQuery } from '../stores/query.js';
import type { Position } from '../stores/store.js';

const LONGEST = 2_000;

/**
 * A place in one question's answer. It is bound to that question, tenant included, so that it cannot be
 * carried to another; it holds nothing that the page it came from did not show.
 */
export function writeCursor(query: EventQuery, place: Position, backwards: boolean): string {
  const parts = [
    fingerprint(query),
    backwards ? 1 : 0,
    place.id,
    place.value === place.id ? '' : place.value,
  ];
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** The place a cursor names, to be read from. */
export function readCursor(query: EventQuery, cursor: string): Pick<EventQuery, 'after' | 'backwards'> {
  const parts = cursor.length > LONGEST ? undefined : parse(cursor);
  if (!Array.isArray(parts) || parts.length !== 4) throw invalid('it is not one of ours');
  const [print, backwards, id, value] = parts as unknown[];
  if (!isId(id) || typeof value !== 'string') throw invalid('it is not one of ours');
  if (print !== fingerprint(query)) throw invalid('it belongs to another question');
  return {
    after: { id, value: value === '' && query.order.column === 'timestamp' ? id : value },
    backwards: backwards === 1,
  };
}

function parse(cursor: string): unknown {
  try {
    return JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
  } catch {
    // Whatever it was, it is refused by the caller.
    return undefined;
  }
}

function fingerprint({ tenantId, where, search, order }: EventQuery): string {
  const text = canonicalize({ tenantId, where, search, order });
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}

function invalid(why: string): AuditError {
  return new AuditError(
    'INVALID_CURSOR',
    `The cursor cannot be used: ${why}. Use the next or previous of a page of the same question, or begin without a cursor.`,
  );
}
