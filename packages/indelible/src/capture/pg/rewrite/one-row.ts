import { Tokens } from '../scan/tokens.js';
import { type Job, slice } from './job.js';

/** What makes a condition more than equalities that all must hold. */
const OTHER_KINDS: ReadonlySet<string> = new Set([',', '[', 'broken', 'other']);
const OTHER_WORDS: ReadonlySet<string> = new Set(['or', 'not', 'case', 'between', 'select']);

/** True when the condition fixes every column of the key, so that it can mean one row at most. */
export function namesOneRow(job: Job): boolean {
  const { where, from } = job.write;
  const { key } = job.table;
  if (!where || from || key.length === 0) return false;
  const fixed = fixedColumns(slice(job, where));
  return key.every((column) => fixed.has(column));
}

/** The columns that a condition sets equal to a value, when it is nothing but conditions joined by AND. */
function fixedColumns(text: string): ReadonlySet<string> {
  const tokens = new Tokens(text);
  const fixed = new Set<string>();
  let part: string[] = [];
  for (tokens.next(); !tokens.isAt('end'); tokens.next()) {
    if (OTHER_KINDS.has(tokens.kind) || OTHER_WORDS.has(tokens.word) || isTurned(tokens, part))
      return new Set();
    if (tokens.word !== 'and') {
      part.push(shown(tokens));
      continue;
    }
    add(fixed, part);
    part = [];
  }
  add(fixed, part);
  return fixed;
}

/** What stands in parentheses may mean anything where something but AND is before or behind them. */
function isTurned(tokens: Tokens, part: readonly string[]): boolean {
  const last = part.at(-1);
  if (tokens.isAt('(')) return last !== undefined && last !== '(';
  return last === ')' && tokens.word !== 'and' && !tokens.isAt(')');
}

/** A column, an equals sign and a value; whatever stands before a full stop is the table. */
const EQUALITY = /^(?:\( )*(?:n\S* \. )*n(\S*) = v(?: \))*$/;

function add(fixed: Set<string>, part: readonly string[]): void {
  const column = EQUALITY.exec(part.join(' '))?.[1];
  if (column !== undefined) fixed.add(column);
}

/** A token as one word of a small language: a name, a value, or itself. */
function shown(tokens: Tokens): string {
  const text = tokens.text.slice(tokens.start, tokens.end);
  if (/\s/.test(text) && tokens.isAtName) return '?';
  if (tokens.isAt('quoted')) return `n${text.slice(1, -1).replaceAll('""', '"')}`;
  if (tokens.isAt('word')) return `n${text.toLowerCase()}`;
  return tokens.isAt('string') || tokens.isAt('number') || tokens.isAt('parameter') ? 'v' : text;
}
