import { Tokens } from '../scan/tokens.js';

/** What may give other rows when it is asked a second time in the same statement. */
const UNSTEADY: ReadonlySet<string> =
  words(`limit fetch skip tablesample random random_normal nextval clock_timestamp timeofday
  gen_random_uuid uuidv4 uuidv7 set_config setval`);

/** An item of a list, between commas that stand in no parenthesis. */
export interface Item {
  readonly text: string;
  readonly isStar: boolean;
  /** The length of the query in parentheses that the item begins with; 0 without one. */
  readonly queryLength: number;
}

export function itemsOf(text: string): Item[] {
  const tokens = new Tokens(text);
  const items: Item[] = [];
  for (tokens.next(); ; tokens.next()) {
    items.push(readItem(tokens));
    if (!tokens.isAt(',')) return items;
  }
}

function readItem(tokens: Tokens): Item {
  const { start } = tokens;
  const startsOpen = tokens.isAt('(');
  let isStar = tokens.is('*');
  let queryLength = 0;
  let depth = 0;
  let end = start;
  for (let count = 0; !isOver(tokens, depth); count += 1, tokens.next()) {
    if (count > 0) isStar = false;
    if (tokens.isAt('(')) depth += 1;
    if (tokens.isAt(')')) depth -= 1;
    if (count === 1 && startsOpen && isQuery(tokens.word)) queryLength = -1;
    end = tokens.end;
    if (queryLength < 0 && depth === 0) queryLength = end - start;
  }
  return { text: tokens.text.slice(start, end), isStar, queryLength: Math.max(queryLength, 0) };
}

function isOver(tokens: Tokens, depth: number): boolean {
  return tokens.isAt('end') || tokens.isAt('broken') || (depth <= 0 && tokens.isAt(','));
}

function isQuery(word: string): boolean {
  return word === 'select' || word === 'with' || word === 'values';
}

/** True for a condition or list that may not be asked twice. */
export function isUnsteady(text: string): boolean {
  const tokens = new Tokens(text);
  for (tokens.next(); !tokens.isAt('end') && !tokens.isAt('broken'); tokens.next()) {
    if (UNSTEADY.has(tokens.word)) return true;
  }
  return false;
}

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(/\s+/));
}
