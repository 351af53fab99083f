import { describe, expect, it } from 'vitest';

import { Terminal } from './terminal.js';

class Paper {
  readonly isTTY: boolean;
  written = '';

  constructor(isTTY: boolean) {
    this.isTTY = isTTY;
  }

  write(text: string): void {
    this.written += text;
  }
}

function styled(isTTY: boolean, environment: NodeJS.ProcessEnv): string {
  return new Terminal(new Paper(isTTY), new Paper(isTTY), environment).style('green', 'applied');
}

describe('the terminal', () => {
  it('colours for a person who looks on', () => {
    expect(styled(true, {})).toBe('\u001b[32mapplied\u001b[39m');
    expect(styled(true, { NO_COLOR: '' })).toBe('\u001b[32mapplied\u001b[39m');
  });

  it.each([
    ['where the output goes into a file or a pipe', false, {}],
    ['where NO_COLOR asks for none', true, { NO_COLOR: '1' }],
    ['where the terminal cannot show any', true, { TERM: 'dumb' }],
  ])('stays plain %s', (_, isTTY, environment) => {
    expect(styled(isTTY, environment)).toBe('applied');
  });

  it('keeps results and what is said about them apart', () => {
    const [output, errors] = [new Paper(false), new Paper(false)];
    const terminal = new Terminal(output, errors, {});
    terminal.line('a result');
    terminal.json({ a: 1 });
    terminal.note('a remark');
    expect(output.written).toBe('a result\n{\n  "a": 1\n}\n');
    expect(errors.written).toBe('a remark\n');
  });

  it('writes a failure in one line, and no escape sequence of whoever made the message', () => {
    const errors = new Paper(false);
    new Terminal(new Paper(false), errors, {}).failure('CODE', 'one\r\ntwo\u001b[2J\n');
    expect(errors.written).toBe('indelible: CODE: one two [2J\n');
  });
});
