import type { Conflict } from '../statement.js';
import { readAssignments } from './assignments.js';
import type { Cursor } from './cursor.js';
import { ENDS_EXPRESSION } from './keywords.js';

const DO: ReadonlySet<string> = new Set(['do', 'returning']);

/** What stands behind ON CONFLICT; undefined when it is not what PostgreSQL takes. */
export function readConflict(cursor: Cursor): Conflict | undefined {
  const none = { start: cursor.endBefore, end: cursor.endBefore };
  const target = cursor.passTo(DO) ?? none;
  if (!cursor.takes('do')) return undefined;
  if (cursor.takes('nothing')) {
    return { target, action: 'NOTHING', set: undefined, assigned: [], where: undefined };
  }
  if (!cursor.takes('update') || !cursor.takes('set')) return undefined;
  const assignments = readAssignments(cursor);
  if (assignments === undefined) return undefined;
  const hasWhere = cursor.takes('where');
  const where = hasWhere ? cursor.passTo(ENDS_EXPRESSION) : undefined;
  if (hasWhere && where === undefined) return undefined;
  return { target, action: 'UPDATE', set: assignments.span, assigned: assignments.assigned, where };
}
