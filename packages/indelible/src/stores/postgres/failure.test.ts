import { DatabaseError } from 'pg';
import { describe, expect, it } from 'vitest';

import { createPostgresStore } from '../../postgres.js';
import { failure, isRefusal, sqlState } from './failure.js';

function serverError(code: string, severity = 'ERROR'): DatabaseError {
  return Object.assign(new DatabaseError('relation "indelible_event" does not exist', 0, 'error'), {
    code,
    severity,
  });
}

describe('a failure of PostgreSQL', () => {
  it.each(['42P01', '42883', '42703', '3F000'])('by %s asks for the migration', (code) => {
    const error = failure(serverError(code), 'here', '');
    expect(error).toMatchObject({ code: 'STORE_NOT_MIGRATED' });
    expect(error.message).toContain('npx indelible migrate');
  });

  it('keeps its cause and says what and where', () => {
    const cause = new Error('connect ECONNREFUSED 127.0.0.1:5432');
    expect(failure(cause, 'PostgreSQL database trail on db:5432', '')).toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message:
        'The trail in PostgreSQL database trail on db:5432 could not be used: connect ECONNREFUSED 127.0.0.1:5432',
      cause,
    });
  });

  it('joins what several addresses answered', () => {
    const cause = new AggregateError([new Error('refused by ::1'), new Error('refused by 127.0.0.1')]);
    expect(failure(cause, 'here', '').message).toContain('refused by ::1; refused by 127.0.0.1');
  });

  it('tells a refused statement from a connection that is over', () => {
    expect(isRefusal(serverError('23505'))).toBe(true);
    expect(isRefusal(serverError('57P01', 'FATAL'))).toBe(false);
    expect(isRefusal(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))).toBe(false);
    expect(sqlState(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))).toBeUndefined();
  });

  it('never shows the password', async () => {
    const connectionString = 'postgres://user:s3cret@127.0.0.1:1/trail';
    const store = createPostgresStore({ connectionString });
    expect(store.description).toBe('PostgreSQL database trail on 127.0.0.1:1');
    const error: unknown = await store
      .append([])
      .then(() => store.check())
      .catch((cause: unknown) => cause);
    expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(String(error)).not.toContain('s3cret');
    expect(failure(new Error(`no host ${connectionString} for s3cret`), 'here', 's3cret').message).toBe(
      'The trail in here could not be used: no host postgres://***@127.0.0.1:1/trail for ***',
    );
    await store.close();
  });

  it.each([{}, { connectionString: '' }, { connectionString: 'postgres://user:s3/cret@host:port/trail' }])(
    'is refused before any connection when the options are %o',
    (options) => {
      const attempt = (): unknown => createPostgresStore(options);
      expect(attempt).toThrow(
        expect.objectContaining({ code: 'INVALID_OPTIONS', message: expect.not.stringContaining('s3') }),
      );
    },
  );
});
