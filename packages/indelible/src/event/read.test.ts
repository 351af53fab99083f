import { describe, expect, it } from 'vitest';

import { canonicalize } from '../integrity/canonical.js';
import type { EventCore } from './entry.js';
import { readEvent, type StoredEntry } from './read.js';

const CORE: EventCore = {
  v: 1,
  id: '019cebae-61c0-7abc-8abc-000000000001',
  action: 'READ',
  outcome: 'success',
  source: 'read',
  actor: { type: 'anonymous' },
  payload_digest: 'ab'.repeat(32),
};

function stored(payload: unknown, more: Partial<StoredEntry> = {}): StoredEntry {
  return {
    core: CORE,
    payload: canonicalize(payload),
    salt: '00'.repeat(16),
    search: {},
    recordedAt: null,
    ...more,
  };
}

describe('readEvent', () => {
  it('gives null, none or one for everything that is absent', () => {
    expect(readEvent(stored({}))).toEqual({
      id: CORE.id,
      timestamp: '2026-03-14T09:30:00.000Z',
      recordedAt: null,
      occurredAt: null,
      action: 'READ',
      outcome: 'success',
      source: 'read',
      actor: {
        type: 'anonymous',
        id: null,
        username: null,
        email: null,
        name: null,
        role: null,
        onBehalfOf: null,
      },
      tenantId: null,
      target: null,
      subjectId: null,
      subjectLabel: null,
      subjects: [],
      changes: null,
      changedFields: [],
      before: null,
      after: null,
      operation: null,
      transactionId: null,
      reason: null,
      request: null,
      sessionId: null,
      traceId: null,
      error: null,
      metadata: null,
      count: 1,
      process: null,
      flags: [],
      leafIndex: null,
      leafHash: null,
      erased: false,
    });
  });

  it('gives what the store knows beside the entry', () => {
    const event = readEvent(
      stored({}, { recordedAt: '2026-03-14T09:30:00.005Z', leafIndex: 0, leafHash: 'cd' }),
    );
    expect(event).toMatchObject({ recordedAt: '2026-03-14T09:30:00.005Z', leafIndex: 0, leafHash: 'cd' });
  });

  it('gives of an erased event the core, and says that it was erased', () => {
    const core = {
      ...CORE,
      actor: { type: 'user' as const, id: '17' },
      target: { type: 'Patient', id: '42' },
      subject_id: '42',
      count: 3,
    };
    expect(readEvent(stored({}, { core, payload: null, salt: null }))).toMatchObject({
      actor: { type: 'user', id: '17', username: null },
      target: { type: 'Patient', id: '42', label: null },
      subjectId: '42',
      count: 3,
      changes: null,
      flags: [],
      erased: true,
    });
  });

  it('gives old and new of an update, and the one side of a create and a delete', () => {
    expect(readEvent(stored({ before: { a: 1, b: null }, after: { a: 2, b: 'x' } })).changes).toEqual({
      a: { old: 1, new: 2 },
      b: { old: null, new: 'x' },
    });
    const created = readEvent(stored({ after: { a: 1 } }));
    expect(created).toMatchObject({
      changes: { a: { new: 1 } },
      before: null,
      after: { a: 1 },
      changedFields: ['a'],
    });
    expect(created.changes?.['a']).not.toHaveProperty('old');
    const deleted = readEvent(stored({ before: { a: 1 } }));
    expect(deleted).toMatchObject({
      changes: { a: { old: 1 } },
      before: { a: 1 },
      after: null,
      changedFields: ['a'],
    });
    expect(deleted.changes?.['a']).not.toHaveProperty('new');
  });

  it('gives null for a field that only one side has, also when every object is born with its name', () => {
    const event = readEvent(
      stored({ before: {}, after: JSON.parse('{"constructor":"x","__proto__":"y","toString":1}') }),
    );
    expect(JSON.parse(JSON.stringify(event.changes))).toEqual(
      JSON.parse(
        '{"constructor":{"old":null,"new":"x"},"__proto__":{"old":null,"new":"y"},"toString":{"old":null,"new":1}}',
      ),
    );
    expect(event.changedFields.toSorted()).toEqual(['__proto__', 'constructor', 'toString']);
  });

  it('reads tagged values wherever they stand', () => {
    const event = readEvent(
      stored({
        reason: '~s:~n:5',
        target: { label: 'x' },
        request: { duration_ms: '~n:1.5', status_code: 200, query: { at: '~d:2026-03-14T00:00:00.000Z' } },
        metadata: { rate: '~n:0.1', big: '~i:9007199254740993', file: '~b:5:abc', secret: '~x:redacted' },
        error: { message: '~t:9000:abc:It began' },
      }),
    );
    expect(event).toMatchObject({
      reason: '~n:5',
      request: { durationMs: 1.5, statusCode: 200, query: { at: '2026-03-14T00:00:00.000Z' } },
      metadata: {
        rate: 0.1,
        big: '9007199254740993',
        file: { size: 5, digest: 'sha256:abc' },
        secret: '[redacted]',
      },
      error: { message: 'It began…' },
    });
  });

  it.each(['', '{', 'null', '5', '[1]', '"text"', '{"a":1', '['.repeat(50_000)])(
    'shows an event whose payload somebody has spoilt (%j), and says so',
    (payload) => {
      expect(readEvent(stored({}, { payload }))).toMatchObject({
        id: CORE.id,
        action: 'READ',
        flags: ['unreadable'],
        erased: false,
      });
    },
  );

  it('shows an event whose payload somebody has made something else of', () => {
    const payload =
      '{"actor":5,"target":[],"before":"x","after":[1],"request":7,"metadata":[],"subjects":"x","flags":{"a":1},"reason":{"a":1}}';
    expect(readEvent(stored({}, { payload }))).toMatchObject({
      actor: { username: null },
      before: null,
      after: null,
      changes: null,
      request: null,
      metadata: null,
      subjects: [],
      flags: [],
    });
  });
});
