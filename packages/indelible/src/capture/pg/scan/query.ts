import type { Other, Span, Statement, TableReference, Unsupported } from '../statement.js';
import type { Cursor } from './cursor.js';
import { readTable } from './names.js';
import { readSetConfig } from './search-path.js';
import { unsupported, verbIn } from './unsupported.js';
import { readWrite } from './write.js';

export const OTHER: Other = { kind: 'other' };

const SET_CONFIG = 'set_config';

const READS: ReadonlySet<string> = new Set(['select', 'values', 'table']);

/** SELECT, VALUES, TABLE, a parenthesis before them, INSERT, UPDATE, DELETE, MERGE, or one of them behind WITH. */
export function readQuery(cursor: Cursor): Statement {
  const { start } = cursor;
  const withClause = cursor.keyword === 'with' ? passWith(cursor) : undefined;
  const read = readBehindWith(cursor, start, withClause);
  return cursor.hasWritingPart ? writesInPart(cursor, read) : read;
}

function readBehindWith(cursor: Cursor, start: number, withClause: Span | undefined): Statement {
  switch (cursor.keyword) {
    case 'insert':
      return readWrite(cursor, 'INSERT', withClause);
    case 'update':
      return readWrite(cursor, 'UPDATE', withClause);
    case 'delete':
      return readWrite(cursor, 'DELETE', withClause);
    case 'merge':
      return readMerge(cursor);
    default:
      return readSelect(cursor, start);
  }
}

function passWith(cursor: Cursor): Span | undefined {
  const { start } = cursor;
  do cursor.next();
  while (!cursor.isAtEnd && (cursor.depth > 0 || cursor.isInWith));
  return cursor.spanFrom(start);
}

function readSelect(cursor: Cursor, start: number): Statement {
  const isSelect = READS.has(cursor.keyword) || cursor.isAt('(') || cursor.isAt(')');
  if (!isSelect) return unreadable(cursor);
  let definesTable = false;
  let configures = false;
  for (; !cursor.isAtEnd; cursor.next()) {
    definesTable ||= cursor.keyword === 'into';
    configures ||= isSetConfig(cursor);
  }
  if (definesTable) return { kind: 'definition', verb: 'SELECT INTO' };
  return (configures ? readSetConfig(cursor.text, start, cursor.start) : undefined) ?? OTHER;
}

function isSetConfig({ word, text, start }: Cursor): boolean {
  return word === SET_CONFIG || text.startsWith(`"${SET_CONFIG}"`, start);
}

function readMerge(cursor: Cursor): Unsupported {
  cursor.next();
  cursor.takes('into');
  cursor.takes('only');
  const table = readTable(cursor);
  cursor.passToEnd();
  return unsupported('MERGE', [table], 'MERGE cannot be taken apart.');
}

function writesInPart(cursor: Cursor, read: Statement): Unsupported {
  return unsupported(
    'WITH',
    [...cursor.written, ...tablesOf(read)],
    'A statement that also writes in its WITH clause cannot be taken apart.',
  );
}

export function mayWrite({ kind }: Statement): boolean {
  return kind === 'write' || kind === 'unsupported';
}

/** The tables a statement writes, as far as they were seen. */
export function tablesOf(statement: Statement): readonly TableReference[] {
  if (statement.kind === 'write') return [statement.table];
  return statement.kind === 'unsupported' ? statement.tables : [];
}

export function unreadable(cursor: Cursor): Unsupported {
  const verb = verbIn(cursor.word);
  cursor.passToEnd();
  return unsupported(verb, [], 'The statement is none that is known here.');
}
