import { nextToken } from './tokens.js';

/** The statements of a script, as `exec` would run them one after another; what is empty or a comment is none. */
export function statementsOf(script: string): string[] {
  const text = script.split('\0', 1)[0] ?? '';
  const statements: string[] = [];
  let start = 0;
  while (start < text.length) {
    const { end, isEmpty } = statementEnd(text, start);
    if (!isEmpty) statements.push(text.slice(start, end));
    start = end;
  }
  return statements;
}

/** Where a statement ends, its semicolon included: that of a trigger only at the semicolon after its END. */
function statementEnd(text: string, start: number): { end: number; isEmpty: boolean } {
  const words: string[] = [];
  let isTrigger: boolean | undefined;
  for (let at = start, [last, before] = ['', '']; ;) {
    const token = nextToken(text, at);
    if (!token) return { end: text.length, isEmpty: words.length === 0 };
    at = token.end;
    if (token.text === ';' && token.kind === 'sign') {
      if (!isTrigger || (last === 'END' && before === ';')) return { end: at, isEmpty: words.length === 0 };
    } else if (words.length < 6) words.push(token.kind === 'word' ? token.text : '');
    isTrigger ??= triggerBy(words);
    [before, last] = [last, token.kind === 'quoted' ? '' : token.text];
  }
}

/** Whether these first words begin a trigger; undefined as long as that cannot be told. */
function triggerBy(words: readonly string[]): boolean | undefined {
  const rest = words.filter((word) => !['EXPLAIN', 'QUERY', 'PLAN', 'TEMP', 'TEMPORARY'].includes(word));
  if (rest.length === 0 || (rest.length === 1 && rest[0] === 'CREATE')) return undefined;
  return rest[0] === 'CREATE' && rest[1] === 'TRIGGER';
}
