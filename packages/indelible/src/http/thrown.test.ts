import { describe, expect, it } from 'vitest';

import { tellable } from './thrown.js';

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    return error;
  }
}

const BAD = '{"current_password": "hunter2", "new_password": \'hunter3\'}';

describe('what is told of an error that was thrown', () => {
  it.each([
    ['of JSON', parsed(BAD)],
    ['of JSON that is nothing but a word', parsed('hunter2-hunter3')],
    ['of JSON, in the words of another', new Error(String(parsed(BAD)))],
    ['of a body', Object.assign(new Error(BAD), { type: 'entity.parse.failed' })],
  ])('P37: is no word of what it quotes: %s', (_, error) => {
    const told = tellable(error);
    expect(told).toEqual({ name: expect.any(String), message: 'The body could not be parsed.' });
    expect(JSON.stringify(told)).not.toContain('hunter');
  });

  it('P37: is what it says itself when only its cause quotes a body', () => {
    const error = new TypeError('bad request', { cause: new Error('parser', { cause: parsed(BAD) }) });
    expect(tellable(error)).toEqual({ name: 'TypeError', message: 'bad request' });
  });

  it('is all of it when it quotes nothing', () => {
    const error = new Error('out of paper');
    expect(tellable(error)).toBe(error);
    expect([tellable('text'), tellable(null)]).toEqual(['text', null]);
  });

  it('ends with causes that go round in a circle', () => {
    const error = new Error('round');
    error.cause = error;
    expect(tellable(error)).toBe(error);
  });
});
