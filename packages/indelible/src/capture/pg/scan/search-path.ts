import type { SearchPath } from '../statement.js';
import type { Cursor } from './cursor.js';
import { nameOf } from './names.js';
import { Tokens } from './tokens.js';

/** SET, when it sets the search path; the cursor stands at SET. */
export function readSet(cursor: Cursor): SearchPath | undefined {
  cursor.next();
  const isLocal = cursor.keyword === 'local';
  if (isLocal || cursor.keyword === 'session') cursor.next();
  if (cursor.takes('schema')) return { kind: 'search-path', schemas: readOne(cursor), isLocal };
  if (!isSearchPath(cursor)) return undefined;
  cursor.next();
  cursor.next();
  return { kind: 'search-path', schemas: readList(cursor), isLocal };
}

/** RESET, when it resets the search path; the cursor stands at RESET. */
export function readReset(cursor: Cursor): SearchPath | undefined {
  cursor.next();
  return cursor.keyword === 'all' || isSearchPath(cursor) ? resetSearchPath() : undefined;
}

export function resetSearchPath(): SearchPath {
  return { kind: 'search-path', schemas: undefined, isLocal: false };
}

function isSearchPath(cursor: Cursor): boolean {
  return cursor.isAtName && cursor.name.toLowerCase() === 'search_path';
}

function readOne(cursor: Cursor): readonly string[] | undefined {
  const schema = readSchema(cursor);
  return schema === undefined || !cursor.isAtEnd ? undefined : [schema];
}

function readList(cursor: Cursor): readonly string[] | undefined {
  const schemas: string[] = [];
  for (;;) {
    const schema = readSchema(cursor);
    if (schema === undefined) return undefined;
    schemas.push(schema);
    if (!cursor.isAt(',')) return cursor.isAtEnd ? schemas : undefined;
    cursor.next();
  }
}

/** Each string of SET names one schema, with whatever commas are in it. */
function readSchema(cursor: Cursor): string | undefined {
  if (cursor.keyword === 'default') return undefined;
  const schema = cursor.isAtName ? cursor.name : constant(cursor);
  cursor.next();
  return schema;
}

/** The value of a plain '...'. */
function constant({
  kind,
  text,
  start,
  end,
}: Pick<Tokens, 'kind' | 'text' | 'start' | 'end'>): string | undefined {
  if (kind !== 'string' || !text.startsWith("'", start)) return undefined;
  return text.slice(start + 1, end - 1).replaceAll("''", "'");
}

/**
 * A SELECT that calls set_config for the search path, or for a setting that is not in the text. Undefined when
 * it calls it for others only. `from` and `end` are where the statement begins and ends.
 */
export function readSetConfig(text: string, from: number, end: number): SearchPath | undefined {
  const tokens = new Tokens(text, from);
  tokens.next();
  const path = readPlainCall(tokens, end);
  if (path !== undefined) return path.setting === 'search_path' ? path.read : undefined;
  return setsSearchPath(new Tokens(text, from), end) ? resetSearchPath() : undefined;
}

interface Call {
  readonly setting: string;
  readonly read: SearchPath;
}

/** SELECT [pg_catalog.]set_config('...', '...', true|false) [[AS] name] and nothing more. */
function readPlainCall(tokens: Tokens, end: number): Call | undefined {
  tokens.next();
  if (tokens.word === 'pg_catalog') skip(tokens, 2);
  const isCall = tokens.isAtName && nameOf(tokens) === 'set_config';
  tokens.next();
  if (!isCall || !tokens.isAt('(')) return undefined;
  const [setting, value, isLocal] = [readArgument(tokens), readArgument(tokens), readArgument(tokens)];
  if (setting?.constant === undefined || (isLocal?.word !== 'true' && isLocal?.word !== 'false'))
    return undefined;
  tokens.next();
  if (isWord(tokens, 'as')) tokens.next();
  if (tokens.isAtName) tokens.next();
  if (tokens.start < end && !tokens.isAt('end')) return undefined;
  const schemas = value?.constant === undefined ? undefined : schemasIn(value.constant);
  return {
    setting: setting.constant.toLowerCase(),
    read: { kind: 'search-path', schemas, isLocal: isLocal.word === 'true' },
  };
}

interface Argument {
  readonly constant: string | undefined;
  readonly word: string;
}

/** An argument of one token, with what closes it. */
function readArgument(tokens: Tokens): Argument | undefined {
  tokens.next();
  const argument = { constant: constant(tokens), word: tokens.word };
  tokens.next();
  return tokens.isAt(',') || tokens.isAt(')') ? argument : undefined;
}

function skip(tokens: Tokens, count: number): void {
  for (let left = count; left > 0; left -= 1) tokens.next();
}

function setsSearchPath(tokens: Tokens, end: number): boolean {
  for (tokens.next(); tokens.start < end && !tokens.isAt('broken'); tokens.next()) {
    if (!tokens.isAtName) continue;
    if (nameOf(tokens) !== 'set_config') continue;
    tokens.next();
    if (!tokens.isAt('(')) continue;
    tokens.next();
    const setting = constant(tokens)?.toLowerCase();
    if (setting === undefined || setting === 'search_path') return true;
  }
  return false;
}

/** What the setting's own text lists: names separated by commas; undefined when PostgreSQL would refuse it. */
function schemasIn(value: string): readonly string[] | undefined {
  const tokens = new Tokens(value);
  const schemas: string[] = [];
  tokens.next();
  if (tokens.isAt('end')) return schemas;
  for (;;) {
    if (!tokens.isAtName) return undefined;
    schemas.push(nameOf(tokens));
    tokens.next();
    if (tokens.isAt('end')) return schemas;
    if (!tokens.isAt(',')) return undefined;
    tokens.next();
  }
}

function isWord(tokens: Tokens, word: string): boolean {
  return tokens.word === word;
}
