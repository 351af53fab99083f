import { describe, expect, it } from 'vitest';

import { AuditError, messageOf } from './errors.js';

describe('AuditError', () => {
  it('carries code, message and cause', () => {
    const cause = new Error('disk full');
    const error = new AuditError('SPOOL_UNAVAILABLE', 'The spool could not be written.', cause);
    expect(error).toMatchObject({
      name: 'AuditError',
      code: 'SPOOL_UNAVAILABLE',
      message: 'The spool could not be written.',
      cause,
    });
    expect(error).toBeInstanceOf(Error);
    expect(error).toBeInstanceOf(AuditError);
    expect('cause' in new AuditError('CLOSED', 'x')).toBe(false);
  });

  it('knows one that another copy of the library made, and nothing else', () => {
    const foreign = Object.assign(new Error('x'), { name: 'AuditError', code: 'CLOSED' });
    expect(foreign).toBeInstanceOf(AuditError);
    expect(new Error('x')).not.toBeInstanceOf(AuditError);
    expect(Object.assign(new Error('x'), { code: 'CLOSED' })).not.toBeInstanceOf(AuditError);
    for (const other of [null, undefined, 'AuditError', { name: 'AuditError', code: 'CLOSED' }])
      expect(other instanceof AuditError).toBe(false);
  });

  it('wraps what was caught, unless that is one already', () => {
    const own = new AuditError('CLOSED', 'The trail has been closed.');
    expect(AuditError.from(own, 'STORE_UNAVAILABLE', 'The store')).toBe(own);
    const cause = new Error('ECONNREFUSED');
    expect(AuditError.from(cause, 'STORE_UNAVAILABLE', 'The store could not be reached')).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: 'The store could not be reached: ECONNREFUSED',
      cause,
    });
  });
});

describe('messageOf', () => {
  it.each<[unknown, string]>([
    [new Error('gone'), 'gone'],
    ['gone', 'gone'],
    [undefined, 'undefined'],
    [null, 'null'],
    [404, '404'],
    [Symbol('s'), 'Symbol(s)'],
    [Object.create(null), 'something unreadable was thrown'],
    [
      new Proxy(
        {},
        {
          getPrototypeOf: () => {
            throw new Error('no');
          },
        },
      ),
      'something unreadable was thrown',
    ],
  ])('tells what was thrown', (cause, message) => {
    expect(messageOf(cause)).toBe(message);
  });
});
