import type { Operation } from './body.js';
import { nameOf, nextToken, type Token } from './tokens.js';

/** What the beginning of a statement's text tells of it. */
export interface Start {
  readonly kind: 'read' | 'write' | 'alter' | 'definition' | 'control' | 'rollback' | 'attach';
  readonly op?: Operation | undefined;
  /** The table as written. */
  readonly table?: string | undefined;
  /** True when it may delete rows that are in the way of others. */
  readonly mayReplace?: boolean;
}

const KINDS: Readonly<Record<string, Start['kind']>> = {
  INSERT: 'write',
  REPLACE: 'write',
  UPDATE: 'write',
  DELETE: 'write',
  WITH: 'write',
  CREATE: 'definition',
  DROP: 'definition',
  ALTER: 'alter',
  BEGIN: 'control',
  COMMIT: 'control',
  END: 'control',
  SAVEPOINT: 'control',
  RELEASE: 'control',
  ROLLBACK: 'rollback',
  ATTACH: 'attach',
};
const OPERATION: Readonly<Record<string, Operation>> = {
  INSERT: 'INSERT',
  REPLACE: 'INSERT',
  UPDATE: 'UPDATE',
  DELETE: 'DELETE',
};
/** After this, other triggers are needed. */
const CHANGES_TRIGGERS = /recursive_triggers\s*[=(]/i;
const BEFORE_TABLE = new Set(['OR', 'ROLLBACK', 'ABORT', 'REPLACE', 'FAIL', 'IGNORE', 'INTO', 'FROM']);

export function startOf(text: string): Start {
  let token = nextToken(text, 0);
  while (token?.text === ';') token = nextToken(text, token.end);
  const kind = (token?.kind === 'word' && KINDS[token.text]) || 'read';
  if (token?.text === 'PRAGMA') return { kind: CHANGES_TRIGGERS.test(text) ? 'definition' : 'read' };
  if (kind !== 'write' || !token) return { kind };
  const verb = token.text === 'WITH' ? verbAfterWith(text, token) : token;
  const op = verb && OPERATION[verb.text];
  return verb && op
    ? { kind, op, table: tableAfter(text, verb), mayReplace: /\breplace\b/i.test(text) }
    : { kind: 'read' };
}

/** The first verb that no parenthesis surrounds; none in front of a SELECT. */
function verbAfterWith(text: string, start: Token): Token | undefined {
  let depth = 0;
  for (let token = nextToken(text, start.end); token; token = nextToken(text, token.end)) {
    if (token.kind === 'sign') depth += token.text === '(' ? 1 : token.text === ')' ? -1 : 0;
    else if (depth === 0 && token.kind === 'word' && OPERATION[token.text]) return token;
    else if (depth === 0 && token.text === 'SELECT') return undefined;
  }
  return undefined;
}

function tableAfter(text: string, verb: Token): string | undefined {
  let token = nextToken(text, verb.end);
  while (token?.kind === 'word' && BEFORE_TABLE.has(token.text)) token = nextToken(text, token.end);
  const dot = token && nextToken(text, token.end);
  const name = dot?.text === '.' ? nextToken(text, dot.end) : token;
  return name && name.kind !== 'sign' ? nameOf(name, text) : undefined;
}
