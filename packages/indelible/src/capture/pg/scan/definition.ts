import type { Definition, Unsupported } from '../statement.js';
import type { Cursor } from './cursor.js';
import { unsupported } from './unsupported.js';

/** Definitions that keep statements for later: what those write is not written now. */
const KEEPING: ReadonlySet<string> = new Set(['function', 'procedure', 'rule']);

/** CREATE, ALTER, DROP and the like. */
export function readDefinition(cursor: Cursor): Definition | Unsupported {
  const verb = cursor.keyword.toUpperCase();
  cursor.next();
  if (cursor.takes('or')) cursor.takes('replace');
  const isKeeping = verb === 'CREATE' && KEEPING.has(cursor.keyword);
  const isClosed = passBody(cursor);
  if (!isClosed) return unsupported(verb, [], 'The body of the function does not end.');
  if (isKeeping || !cursor.hasWritingPart) return { kind: 'definition', verb };
  return unsupported(
    'WITH',
    [...cursor.written],
    'A definition that also writes rows cannot be taken apart.',
  );
}

/** To the end of the statement; the semicolons between BEGIN ATOMIC and END do not end it. */
function passBody(cursor: Cursor): boolean {
  let blocks = 0;
  let before = '';
  while (!cursor.isAt('end') && !cursor.isBroken && !(cursor.isAtEnd && blocks === 0)) {
    const { keyword } = cursor;
    if (blocks === 0) blocks = keyword === 'atomic' && before === 'begin' ? 1 : 0;
    else if (keyword === 'case') blocks += 1;
    else if (keyword === 'end') blocks -= 1;
    before = keyword;
    cursor.next();
  }
  return blocks === 0;
}
