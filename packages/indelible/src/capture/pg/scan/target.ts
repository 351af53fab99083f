import type { Span, TableReference } from '../statement.js';
import type { Cursor } from './cursor.js';
import { RESERVED } from './keywords.js';
import { readTable } from './names.js';

/** The table a statement writes, as it is written there. */
export interface Target {
  readonly table: TableReference;
  readonly only: boolean;
  readonly span: Span;
  /** As written. */
  readonly alias: string | undefined;
  /** What the rest of the statement calls the table. */
  readonly calledAs: string;
}

/** The target after INSERT INTO, UPDATE or DELETE FROM; undefined when it is none that can be taken apart. */
export function readTarget(cursor: Cursor, verb: 'INSERT' | 'UPDATE' | 'DELETE'): Target | undefined {
  const { start } = cursor;
  const only = verb !== 'INSERT' && cursor.takes('only');
  const table = only && cursor.isAt('(') ? readInParentheses(cursor) : readOpen(cursor);
  if (table === undefined) return undefined;
  if (verb !== 'INSERT' && !only && cursor.is('*')) cursor.next();
  const alias = readAlias(cursor, verb);
  const span = cursor.spanFrom(start);
  return span && { table, only, span, alias: alias?.written, calledAs: alias?.name ?? table.name };
}

function readOpen(cursor: Cursor): TableReference | undefined {
  return RESERVED.has(cursor.keyword) ? undefined : readTable(cursor);
}

function readInParentheses(cursor: Cursor): TableReference | undefined {
  cursor.next();
  const table = readOpen(cursor);
  if (!cursor.isAt(')')) return undefined;
  cursor.next();
  return table;
}

function readAlias(cursor: Cursor, verb: string): { written: string; name: string } | undefined {
  const isMarked = cursor.takes('as');
  const isBare = verb !== 'INSERT' && !(verb === 'UPDATE' && cursor.keyword === 'set');
  if (!cursor.isAtName || !(isMarked || isBare) || RESERVED.has(cursor.word)) return undefined;
  const { start, end, name } = cursor;
  cursor.next();
  return { written: cursor.text.slice(start, end), name };
}
