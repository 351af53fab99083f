import type { Span } from '../statement.js';
import type { Cursor } from './cursor.js';

const BEGINS: ReadonlySet<string> = new Set(['values', 'select', 'with', 'table', 'default', 'overriding']);

/** The rows of an INSERT, up to ON CONFLICT or RETURNING. */
export function readSource(cursor: Cursor): Span | undefined {
  if (!cursor.isAt('(') && !BEGINS.has(cursor.keyword)) return undefined;
  const { start } = cursor;
  const joins = new Joins();
  while (
    !cursor.isAtEnd &&
    !(cursor.depth === 0 && (cursor.keyword === 'returning' || joins.endAt(cursor)))
  ) {
    cursor.next();
  }
  return cursor.spanFrom(start);
}

/** Which ON belongs to a join: `JOIN b ON conflict` names a column, unlike `JOIN b USING (id) ON CONFLICT`. */
class Joins {
  #isInTables = false;
  #awaiting = 0;
  /** True after CROSS and NATURAL, whose join has no condition. */
  #isWithout = false;

  /** True when the cursor stands at ON CONFLICT. */
  endAt(cursor: Cursor): boolean {
    const { keyword } = cursor;
    if (keyword === 'on' && this.#awaiting === 0 && cursor.isBefore('conflict')) return true;
    if (keyword === 'from') this.#isInTables = true;
    if (keyword === 'select') this.#isInTables = false;
    if (this.#isInTables) this.#count(keyword);
    return false;
  }

  #count(keyword: string): void {
    if (keyword === 'join' && !this.#isWithout) this.#awaiting += 1;
    else if ((keyword === 'on' || keyword === 'using') && this.#awaiting > 0) this.#awaiting -= 1;
    if (keyword === 'cross' || keyword === 'natural') this.#isWithout = true;
    else if (!SIDES.has(keyword)) this.#isWithout = false;
  }
}

const SIDES: ReadonlySet<string> = new Set(['inner', 'left', 'right', 'full', 'outer']);
