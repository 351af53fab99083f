import type { Statement } from '../statement.js';
import { Cursor } from './cursor.js';
import { readOne } from './read-one.js';
import { Several } from './several.js';
import { unsupported, verbIn } from './unsupported.js';
import { readExplain, readPrepare } from './wrapped.js';

/**
 * Reads what a text asks of PostgreSQL, in one pass and in time linear to its length. It throws for no text:
 * what may write and cannot be read is `unsupported`.
 */
export function readStatement(text: string): Statement {
  const cursor = new Cursor(text);
  const several = new Several();
  let verb = '';
  do {
    cursor.startStatement();
    if (cursor.isAtEnd) continue;
    verb ||= cursor.keyword;
    several.add(readNext(cursor));
  } while (cursor.kind === ';' && !cursor.isBroken);
  if (!cursor.isBroken) return several.told;
  return unsupported(
    verbIn(verb),
    several.tables,
    'A quote, a comment or a parenthesis in the statement does not close.',
  );
}

function readNext(cursor: Cursor): Statement {
  if (cursor.keyword === 'explain') return readExplain(cursor);
  return cursor.keyword === 'prepare' ? readPrepare(cursor) : readOne(cursor);
}
