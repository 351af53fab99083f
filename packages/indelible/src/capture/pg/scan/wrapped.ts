import type { Statement, Unsupported } from '../statement.js';
import type { Cursor } from './cursor.js';
import { mayWrite, OTHER, tablesOf } from './query.js';
import { readOne } from './read-one.js';
import { unsupported } from './unsupported.js';

const FALSE: ReadonlySet<string> = new Set(['false', 'off', '0']);
const AS: ReadonlySet<string> = new Set(['as']);

/** EXPLAIN runs what it explains only with ANALYZE. */
export function readExplain(cursor: Cursor): Statement {
  cursor.next();
  const runs = cursor.isAt('(') ? hasAnalyze(cursor) : takesAnalyze(cursor);
  if (cursor.isAtEnd) return OTHER;
  const inner = readOne(cursor);
  if (!runs) return OTHER;
  return mayWrite(inner) ? wrapped('EXPLAIN', inner) : inner;
}

function takesAnalyze(cursor: Cursor): boolean {
  const runs = cursor.takes('analyze') || cursor.takes('analyse');
  cursor.takes('verbose');
  return runs;
}

/** Looks through the options, and goes behind them. */
function hasAnalyze(cursor: Cursor): boolean {
  let runs = false;
  while (cursor.depth > 0 && !cursor.isAt('end') && !cursor.isBroken) {
    const isAnalyze = cursor.isAtName && (cursor.name === 'analyze' || cursor.name === 'analyse');
    cursor.next();
    if (isAnalyze) runs ||= !FALSE.has(value(cursor));
  }
  cursor.next();
  return runs;
}

function value({ kind, text, start, end }: Cursor): string {
  const written = text.slice(start, end).toLowerCase();
  return kind === 'string' ? written.slice(1, -1) : written;
}

/** PREPARE TRANSACTION ends a transaction; any other keeps a statement, which EXECUTE then runs. */
export function readPrepare(cursor: Cursor): Statement {
  cursor.next();
  cursor.next();
  cursor.passTo(AS);
  if (cursor.isAtEnd) return OTHER;
  cursor.next();
  cursor.beginStatement();
  const inner = readOne(cursor);
  return mayWrite(inner) ? wrapped('PREPARE', inner) : OTHER;
}

function wrapped(verb: string, inner: Statement): Unsupported {
  return unsupported(verb, tablesOf(inner), `A write within ${verb} cannot be taken apart.`);
}
