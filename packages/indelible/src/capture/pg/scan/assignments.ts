import type { Span } from '../statement.js';
import type { Cursor } from './cursor.js';
import { ENDS_EXPRESSION, RESERVED } from './keywords.js';

export interface Assignments {
  readonly span: Span;
  readonly assigned: readonly string[];
}

/** The assignments after SET; undefined when they are not what PostgreSQL takes. */
export function readAssignments(cursor: Cursor): Assignments | undefined {
  const { start } = cursor;
  const assigned = new Set<string>();
  for (;;) {
    const isRead = cursor.isAt('(') ? readColumns(cursor, assigned) : readColumn(cursor, assigned);
    if (!isRead || !cursor.is('=')) return undefined;
    cursor.next();
    if (!passExpression(cursor)) return undefined;
    if (!cursor.isAt(',')) break;
    cursor.next();
  }
  const span = cursor.spanFrom(start);
  return span && { span, assigned: [...assigned] };
}

/** (a, b) = ... */
function readColumns(cursor: Cursor, assigned: Set<string>): boolean {
  do {
    cursor.next();
    if (!readColumn(cursor, assigned)) return false;
  } while (cursor.isAt(','));
  if (!cursor.isAt(')')) return false;
  cursor.next();
  return true;
}

/** A column, perhaps with a field or an element of it behind: a.b, a[1]. */
function readColumn(cursor: Cursor, assigned: Set<string>): boolean {
  if (!cursor.isAtName || RESERVED.has(cursor.keyword)) return false;
  assigned.add(cursor.name);
  cursor.next();
  while (!cursor.isAtEnd && (cursor.isAt('.') || cursor.isAt('['))) {
    if (cursor.isAt('[')) passBrackets(cursor);
    else cursor.next();
    cursor.next();
  }
  return true;
}

/** To the bracket that closes the one at the cursor. */
function passBrackets(cursor: Cursor): void {
  const depth = cursor.depth - 1;
  while (!cursor.isAt('end') && !cursor.isBroken && cursor.depth > depth) cursor.next();
}

function passExpression(cursor: Cursor): boolean {
  const { start } = cursor;
  while (!cursor.isAtEnd && !(cursor.depth === 0 && isExpressionEnd(cursor))) cursor.next();
  return cursor.spanFrom(start) !== undefined;
}

function isExpressionEnd(cursor: Cursor): boolean {
  return cursor.isAt(',') || ENDS_EXPRESSION.has(cursor.keyword);
}
