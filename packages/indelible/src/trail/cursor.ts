import { createHash } from 'node:crypto';

import { AuditError } from '../event/errors.js';
import { isId } from '../event/id.js';
import { mendText } from '../event/text.js';
import { canonicalize } from '../integrity/canonical.js';
import type { EventQuery } from '../stores/query.js';
import type { Position } from '../stores/store.js';

/** A name to order by has up to 512 characters, and each of them may take six when it is written down. */
const LONGEST = 6_000;

/** What a cursor says: the print of its question, the direction, and the place. */
interface Cursor {
  readonly print: string;
  readonly backwards: boolean;
  readonly id: string;
  /** Empty where the order is that of time, whose value is the id. */
  readonly value: string;
}

/**
 * A place in one question's answer. It is bound to that question, tenant included, so that it cannot be
 * carried to another; it holds nothing that the page it came from did not show.
 */
export function writeCursor(query: EventQuery, place: Position, backwards: boolean): string {
  const value = query.order.column === 'timestamp' ? '' : place.value;
  const parts = [fingerprint(query), backwards ? 1 : 0, place.id, value];
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

/** The place a cursor names, to be read from. */
export function readCursor(query: EventQuery, cursor: string): Pick<EventQuery, 'after' | 'backwards'> {
  const found = decode(cursor);
  if (found === undefined) throw invalid('it is not one of ours');
  if (found.print !== fingerprint(query)) throw invalid('it belongs to another question');
  const { id, value, backwards } = found;
  if (query.order.column !== 'timestamp') return { after: { id, value }, backwards };
  if (value !== '') throw invalid('it is not one of ours');
  return { after: { id, value: id }, backwards };
}

/** True for a cursor of this very question. */
export function isCursorOf(query: EventQuery, cursor: string): boolean {
  return decode(cursor)?.print === fingerprint(query);
}

/** Undefined for what no page gave: the databases are shown nothing that they would choke on. */
function decode(cursor: string): Cursor | undefined {
  const parts = cursor.length > LONGEST ? undefined : parse(cursor);
  if (!Array.isArray(parts) || parts.length !== 4) return undefined;
  const [print, backwards, id, value] = parts as unknown[];
  if (typeof print !== 'string' || (backwards !== 0 && backwards !== 1)) return undefined;
  if (!isId(id) || typeof value !== 'string' || mendText(value) !== value) return undefined;
  return { print, backwards: backwards === 1, id, value };
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
