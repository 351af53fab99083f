import type { Statement } from '../statement.js';
import { readCopy, readDiscard, readHidden, readOther, readTruncate } from './commands.js';
import type { Cursor } from './cursor.js';
import { readDefinition } from './definition.js';
import { readQuery, unreadable } from './query.js';
import { readReset, readSet } from './search-path.js';

type Read = (cursor: Cursor) => Statement;

const READERS: ReadonlyMap<string, Read> = new Map([
  ...each('select values table with insert update delete merge', readQuery),
  ...each('create alter drop import reassign grant revoke', readDefinition),
  ...each('do call execute', readHidden),
  ...each('copy', readCopy),
  ...each('truncate', readTruncate),
  ...each('set', (cursor) => readSet(cursor) ?? readOther(cursor)),
  ...each('reset', (cursor) => readReset(cursor) ?? readOther(cursor)),
  ...each('discard', readDiscard),
  ...each('begin start commit end rollback abort savepoint release', readOther),
  ...each('show declare fetch move close listen unlisten notify deallocate load lock', readOther),
  ...each('vacuum analyze analyse checkpoint cluster reindex refresh comment security', readOther),
]);

function each(verbs: string, read: Read): [string, Read][] {
  return verbs.split(' ').map((verb) => [verb, read]);
}

/** One statement that is neither EXPLAIN nor PREPARE; the cursor stands at its first token, then at its end. */
export function readOne(cursor: Cursor): Statement {
  const read = cursor.kind === '(' ? readQuery : (READERS.get(cursor.keyword) ?? unreadable);
  const statement = read(cursor);
  cursor.passToEnd();
  return statement;
}
