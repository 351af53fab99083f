import type { Conflict, Span, Unsupported, Write } from '../statement.js';
import { type Assignments, readAssignments } from './assignments.js';
import { readConflict } from './conflict.js';
import type { Cursor } from './cursor.js';
import { ENDS_EXPRESSION, ENDS_TABLES } from './keywords.js';
import { readReturned, usesOldOrNew } from './returned.js';
import { readSource } from './source.js';
import { readTarget, type Target } from './target.js';
import { unsupported } from './unsupported.js';

/** The clauses of a write in their order; those it does not have are undefined. */
interface Clauses {
  source?: Span | undefined;
  conflict?: Conflict | undefined;
  assignments?: Assignments | undefined;
  from?: Span | undefined;
  where?: Span | undefined;
  isCurrentOf?: boolean;
}

const INTRODUCTION = { INSERT: 'into', UPDATE: '', DELETE: 'from' } as const;

/** An INSERT, UPDATE or DELETE; the cursor stands at its verb. */
export function readWrite(
  cursor: Cursor,
  verb: Write['verb'],
  withClause: Span | undefined,
): Write | Unsupported {
  cursor.next();
  const introduction = INTRODUCTION[verb];
  if (introduction !== '' && !cursor.takes(introduction)) return odd(cursor, verb, undefined);
  const target = readTarget(cursor, verb);
  if (target === undefined) return odd(cursor, verb, undefined);
  const clauses: Clauses = {};
  if (!readClauses[verb](cursor, clauses)) return odd(cursor, verb, target);
  return readEnd(cursor, { verb, with: withClause, target, clauses });
}

const readClauses: Readonly<Record<Write['verb'], (cursor: Cursor, clauses: Clauses) => boolean>> = {
  INSERT: (cursor, clauses) => {
    clauses.source = readSource(cursor);
    if (clauses.source === undefined) return false;
    if (!cursor.takes('on')) return true;
    cursor.next();
    clauses.conflict = readConflict(cursor);
    return clauses.conflict !== undefined;
  },
  UPDATE: (cursor, clauses) => {
    if (!cursor.takes('set')) return false;
    clauses.assignments = readAssignments(cursor);
    return (
      clauses.assignments !== undefined && readTables(cursor, 'from', clauses) && readWhere(cursor, clauses)
    );
  },
  DELETE: (cursor, clauses) => readTables(cursor, 'using', clauses) && readWhere(cursor, clauses),
};

function readTables(cursor: Cursor, keyword: 'from' | 'using', clauses: Clauses): boolean {
  if (!cursor.takes(keyword)) return true;
  clauses.from = cursor.passTo(ENDS_TABLES);
  return clauses.from !== undefined;
}

function readWhere(cursor: Cursor, clauses: Clauses): boolean {
  if (!cursor.takes('where')) return true;
  clauses.isCurrentOf = cursor.keyword === 'current' && cursor.isBefore('of');
  clauses.where = cursor.passTo(ENDS_EXPRESSION);
  return clauses.where !== undefined;
}

interface Read {
  readonly verb: Write['verb'];
  readonly with: Span | undefined;
  readonly target: Target;
  readonly clauses: Clauses;
}

/** RETURNING, and what must be behind it: nothing. */
function readEnd(cursor: Cursor, read: Read): Write | Unsupported {
  const { verb, target, clauses } = read;
  const returning = cursor.takes('returning') ? readReturning(cursor, read) : undefined;
  if (returning?.isOdd || !cursor.isAtEnd || cursor.hasInnerEnd) return odd(cursor, verb, target);
  if (returning?.usesOld) return returnsOld(target);
  if (clauses.isCurrentOf) return writesAtCursor(target);
  return {
    kind: 'write',
    ...partsOf(read),
    returning: returning?.span,
    returned: returning?.names,
    end: cursor.endBefore,
    parameters: cursor.parameters,
  };
}

interface Returning {
  readonly span: Span | undefined;
  readonly names: readonly string[] | undefined;
  readonly isOdd: boolean;
  readonly usesOld: boolean;
}

function readReturning(cursor: Cursor, { target, clauses }: Read): Returning {
  const { start, text } = cursor;
  const renamesOld = cursor.keyword === 'with';
  const names = readReturned(cursor, { name: target.calledAs, isAlone: clauses.from === undefined });
  const span = cursor.spanFrom(start);
  const usesOld = renamesOld || (span !== undefined && usesOldOrNew(text, span, target.calledAs));
  return { span, names, isOdd: span === undefined, usesOld };
}

function partsOf({
  verb,
  with: withClause,
  target,
  clauses,
}: Read): Omit<Write, 'kind' | 'returning' | 'returned' | 'end' | 'parameters'> {
  return {
    verb,
    with: withClause,
    table: target.table,
    only: target.only,
    target: target.span,
    alias: target.alias,
    source: clauses.source,
    conflict: clauses.conflict,
    set: clauses.assignments?.span,
    assigned: clauses.assignments?.assigned ?? [],
    from: clauses.from,
    where: clauses.where,
  };
}

function odd(cursor: Cursor, verb: Write['verb'], target: Target | undefined): Unsupported {
  cursor.passToEnd();
  return unsupported(verb, [target?.table], `This ${verb} is written in a form that cannot be taken apart.`);
}

function returnsOld(target: Target): Unsupported {
  return unsupported('RETURNING', [target.table], 'RETURNING with OLD and NEW cannot be taken apart.');
}

function writesAtCursor(target: Target): Unsupported {
  return unsupported('CURRENT OF', [target.table], 'A write at the row of a cursor cannot be taken apart.');
}
