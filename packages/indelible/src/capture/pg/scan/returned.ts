import type { Span } from '../statement.js';
import type { Cursor } from './cursor.js';
import { RESERVED } from './keywords.js';
import { nameOf } from './names.js';
import { Tokens } from './tokens.js';

/** Words that stand behind a column without being its label. */
const OPERATORS: ReadonlySet<string> = new Set(['isnull', 'notnull']);

/** What the written table is called in RETURNING, and whether other tables are at hand there. */
export interface ReturnedFrom {
  readonly name: string;
  readonly isAlone: boolean;
}

/** The names of what is returned, as `Write.returned` has them. The cursor stands behind RETURNING. */
export function readReturned(cursor: Cursor, from: ReturnedFrom): readonly string[] | undefined {
  const names: string[] = [];
  let isNamed = true;
  for (;;) {
    const name = readItem(cursor, from);
    if (name === undefined) isNamed = false;
    else if (isNamed) names.push(name);
    while (!cursor.isAtEnd && !isComma(cursor)) cursor.next();
    if (cursor.isAtEnd) break;
    cursor.next();
  }
  return isNamed && areDistinct(names) ? names : undefined;
}

/** A star may hold any name, so it can only stand alone. */
function areDistinct(names: readonly string[]): boolean {
  return new Set(names).size === names.length && (names.length === 1 || !names.includes('*'));
}

function isComma(cursor: Cursor): boolean {
  return cursor.isAt(',') && cursor.depth === 0;
}

function readItem(cursor: Cursor, from: ReturnedFrom): string | undefined {
  const name = cursor.is('*') ? readStar(cursor, from.isAlone) : readColumn(cursor, from);
  return cursor.isAtEnd || isComma(cursor) ? name : undefined;
}

function readStar(cursor: Cursor, isOfTable: boolean): string | undefined {
  cursor.next();
  return isOfTable ? '*' : undefined;
}

function readColumn(cursor: Cursor, from: ReturnedFrom): string | undefined {
  if (RESERVED.has(cursor.keyword)) return undefined;
  let qualifier: string | undefined;
  let name: string | undefined;
  for (;;) {
    if (cursor.is('*')) return readStar(cursor, name === from.name);
    if (!cursor.isAtName) return undefined;
    qualifier = name;
    name = cursor.name;
    cursor.next();
    if (!cursor.isAt('.')) break;
    cursor.next();
  }
  return qualifier === undefined && name === from.name ? undefined : readLabel(cursor, name);
}

function readLabel(cursor: Cursor, column: string): string | undefined {
  const isMarked = cursor.takes('as');
  if (!cursor.isAtName || (!isMarked && OPERATORS.has(cursor.keyword))) return column;
  const label = cursor.name;
  cursor.next();
  return label;
}

/** What may name the row before or after. */
const OLD_OR_NEW = /old|new|u&/i;

/** True where `old.` or `new.` is read, which from PostgreSQL 18 on are the row before and after. */
export function usesOldOrNew(text: string, { start, end }: Span, table: string): boolean {
  if (!OLD_OR_NEW.test(text.slice(start, end))) return false;
  const tokens = new Tokens(text, start);
  let before = '';
  let isMember = false;
  for (tokens.next(); tokens.start < end && !tokens.isAt('broken'); tokens.next()) {
    if (tokens.isAt('.') && (before === 'old' || before === 'new') && before !== table) return true;
    before = tokens.isAtName && !isMember ? nameOf(tokens) : '';
    isMember = tokens.isAt('.');
  }
  return false;
}
