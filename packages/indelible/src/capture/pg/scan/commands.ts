import type { Statement, TableReference } from '../statement.js';
import type { Cursor } from './cursor.js';
import { readTable } from './names.js';
import { OTHER, readQuery, tablesOf } from './query.js';
import { resetSearchPath } from './search-path.js';
import { unsupported } from './unsupported.js';

const FROM_OR_TO: ReadonlySet<string> = new Set(['from', 'to']);
const WRITES: ReadonlySet<string> = new Set(['insert', 'update', 'delete', 'merge']);

/** COPY t FROM writes; COPY t TO and COPY (SELECT ...) TO read. */
export function readCopy(cursor: Cursor): Statement {
  cursor.next();
  if (cursor.isAt('(')) return readCopiedQuery(cursor);
  cursor.takes('binary');
  const table = readTable(cursor);
  cursor.passTo(FROM_OR_TO);
  const isRead = cursor.keyword === 'to';
  cursor.passToEnd();
  return isRead ? OTHER : unsupported('COPY', [table], 'The rows of COPY do not pass through the statement.');
}

function readCopiedQuery(cursor: Cursor): Statement {
  cursor.next();
  const inner = WRITES.has(cursor.keyword) ? readQuery(cursor) : undefined;
  cursor.passToEnd();
  if (inner === undefined && !cursor.hasWritingPart) return OTHER;
  const tables = inner === undefined ? cursor.written : tablesOf(inner);
  return unsupported('COPY', [...tables], 'A COPY of what a write returns cannot be taken apart.');
}

export function readTruncate(cursor: Cursor): Statement {
  const tables: (TableReference | undefined)[] = [];
  cursor.next();
  cursor.takes('table');
  for (;;) {
    cursor.takes('only');
    tables.push(readTable(cursor));
    if (cursor.is('*')) cursor.next();
    if (!cursor.isAt(',')) break;
    cursor.next();
  }
  cursor.passToEnd();
  return unsupported('TRUNCATE', tables, 'TRUNCATE tells nothing of the rows it removes.');
}

/** DO, CALL and EXECUTE: what they run is not in the text. */
export function readHidden(cursor: Cursor): Statement {
  const verb = cursor.keyword.toUpperCase();
  cursor.passToEnd();
  return unsupported(verb, [], `What ${verb} runs cannot be seen in the statement.`);
}

/** A command that reads, or manages the session; only a WITH clause in it could write. */
export function readOther(cursor: Cursor): Statement {
  cursor.passToEnd();
  if (!cursor.hasWritingPart) return OTHER;
  return unsupported('WITH', [...cursor.written], 'A WITH clause that writes cannot be taken apart.');
}

export function readDiscard(cursor: Cursor): Statement {
  cursor.next();
  const { keyword } = cursor;
  cursor.passToEnd();
  if (keyword === 'all') return resetSearchPath();
  const dropsTables = keyword === 'temp' || keyword === 'temporary';
  return dropsTables ? { kind: 'definition', verb: 'DISCARD' } : OTHER;
}
