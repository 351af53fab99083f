import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { canonicalize } from '../integrity/canonical.js';
import { ACTIONS } from './actions.js';
import { Completer } from './complete.js';
import { type Entry, entryLeaf, payloadDigest } from './entry.js';
import type { AuditEvent } from './event.js';
import { IdGenerator, timeOf } from './id.js';
import { readInput } from './input.js';
import { readEvent } from './read.js';
import { Redactor } from './redaction.js';

const ids = new IdGenerator();
const known = new Set<string>([...ACTIONS, 'APPROVED']);
const completer = new Completer({
  redactor: new Redactor(),
  limits: { changesBytes: 1024 * 1024, payloadBytes: 64 * 1024 },
  knowsAction: (action) => known.has(action),
  rulesOf: (model) =>
    model === 'Patient' ? { exclude: ['photo'], redact: ['diagnosis'], ignore: ['seen'] } : {},
});

/** As the recorder does it: the input is read, then merged with what is known. */
function complete(given: unknown, numbering?: () => { id: string; n: number }): Entry | undefined {
  const { input, isWhole } = readInput(given);
  const id = ids.next();
  const { action, actor = { type: 'anonymous' } } = input;
  const draft = { ...input, action: action as string, actor, id, timestamp: timeOf(id), isWhole };
  return completer.complete(draft, numbering);
}

function entryOf(given: unknown): Entry {
  const entry = complete(given);
  if (!entry) throw new Error('nothing was recorded');
  return entry;
}

function eventOf(given: unknown): AuditEvent {
  return readEvent({ ...entryOf(given), recordedAt: null });
}

/** Everything of an entry that a store keeps. */
function textOf(entry: Entry): string {
  return JSON.stringify(entry) + entry.payload;
}

const RICH = {
  action: 'UPDATE',
  outcome: 'failure',
  source: 'model',
  actor: {
    type: 'user',
    id: '17',
    username: 'ada',
    email: 'ada@clinic.example',
    name: 'Ada Molar',
    role: 'dentist',
    onBehalfOf: {
      type: 'service',
      id: '3',
      username: 'joe',
      email: 'joe@clinic.example',
      name: 'Joe',
      role: 'owner',
    },
  },
  tenantId: 'north',
  target: { type: 'Appointment', id: '91', label: 'Check-up of Jane Doe' },
  subjectId: '42',
  subjectLabel: 'Jane Doe',
  subjects: ['42', '43'],
  before: { status: 'confirmed', price: '120.00', id: 91 },
  after: { status: 'cancelled', price: '100.00', id: 91 },
  operation: 'Appointment.update',
  transactionId: 'tx-1',
  reason: 'called in sick',
  request: {
    id: 'req-1',
    method: 'PATCH',
    path: '/api/appointments/91/',
    route: '/api/appointments/:id/',
    query: { verbose: '1' },
    body: { status: 'cancelled' },
    statusCode: 409,
    durationMs: 12.5,
    ip: '203.0.113.7',
    ipSource: 'x-forwarded-for',
    forwardedFor: '203.0.113.7, 10.0.0.1',
    userAgent: 'Mozilla/5.0',
  },
  sessionId: 'sess-1',
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  error: { name: 'ConflictError', message: 'already cancelled' },
  occurredAt: '2026-03-14T09:30:00+01:00',
  count: 3,
  metadata: { channel: 'phone', seconds: 12.5 },
} as const;

describe('Completer, read back', () => {
  it('gives every field as it was given', () => {
    const entry = complete(RICH, () => ({ id: 'abcdef0123456789', n: 7 }));
    const event = entry && readEvent({ ...entry, recordedAt: null });
    const { actor, target, subjects, before: _b, after: _a, request, error, occurredAt: _o, ...same } = RICH;
    expect(event).toMatchObject(same);
    expect(event?.actor).toEqual({ ...actor, onBehalfOf: { ...actor.onBehalfOf, onBehalfOf: null } });
    expect(event?.target).toEqual(target);
    expect(event?.subjects).toEqual(subjects);
    expect(event?.request).toEqual(request);
    expect(event?.error).toEqual(error);
    expect(event?.before).toEqual({ status: 'confirmed', price: '120.00' });
    expect(event?.after).toEqual({ status: 'cancelled', price: '100.00' });
    expect(event?.changes).toEqual({
      status: { old: 'confirmed', new: 'cancelled' },
      price: { old: '120.00', new: '100.00' },
    });
    expect(event?.changedFields.toSorted()).toEqual(['price', 'status']);
    expect(event?.occurredAt).toBe('2026-03-14T08:30:00.000Z');
    expect(event?.process).toEqual({ id: 'abcdef0123456789', n: 7 });
    expect(event?.flags).toEqual([]);
    expect(new Date(String(event?.timestamp)).getTime()).toBe(timeOf(String(event?.id)));
  });

  it('gives null for everything that was not given, and stores nothing for it', () => {
    const entry = entryOf({ action: 'READ' });
    expect(entry.payload).toBe('{}');
    expect(canonicalize(entry.core)).toBe(
      `{"action":"READ","actor":{"type":"anonymous"},"id":"${entry.core.id}","outcome":"success",` +
        `"payload_digest":"${entry.core.payload_digest}","source":"manual","v":1}`,
    );
    expect(entry.search).toEqual({});
  });

  it('stores nothing for what is there but empty', () => {
    const given = {
      action: 'READ',
      target: { type: 'Patient' },
      request: { query: {}, body: [] },
      metadata: {},
      error: null,
      subjects: [],
    };
    expect(entryOf(given).payload).toBe('{"subjects":[]}');
    expect(eventOf(given)).toMatchObject({ request: null, metadata: null, error: null, subjects: [] });
  });
});

describe('Completer, committed', () => {
  it('stores as payload the canonical text that it hashed', () => {
    const { payload, salt, core } = entryOf(RICH);
    expect(canonicalize(JSON.parse(String(payload)))).toBe(payload);
    expect(payloadDigest(String(salt), String(payload))).toBe(core.payload_digest);
  });

  it('salts the same event otherwise each time', () => {
    const [one, other] = [entryOf(RICH), entryOf(RICH)];
    expect(one.payload).toBe(other.payload);
    expect(one.salt).not.toBe(other.salt);
    expect(one.core.payload_digest).not.toBe(other.core.payload_digest);
  });

  it('keeps in the core nothing that a person could ask us to erase', () => {
    const core = canonicalize(entryOf(RICH).core);
    for (const text of [
      'ada',
      'Molar',
      'Jane',
      'Check-up',
      '203.0.113',
      'Mozilla',
      'called',
      'cancelled',
      '/api',
      'phone',
      'sess',
    ])
      expect(core).not.toContain(text);
    expect(Object.keys(entryOf(RICH).core).toSorted()).toEqual([
      'action',
      'actor',
      'count',
      'id',
      'outcome',
      'payload_digest',
      'process',
      'source',
      'subject_id',
      'target',
      'tenant_id',
      'v',
    ]);
  });

  it('makes the same leaf after payload, salt and search columns are erased', () => {
    const entry = entryOf(RICH);
    const erased = { core: entry.core, payload: null, salt: null, search: {} };
    expect(entryLeaf(erased)).toEqual(entryLeaf(entry));
    expect(readEvent({ ...erased, recordedAt: null })).toMatchObject({
      erased: true,
      actor: { id: '17', name: null },
      subjectId: '42',
    });
  });

  it('P26: keeps two events that are alike in everything, within one millisecond, as two', () => {
    const now = Date.now();
    const frozen = new IdGenerator(() => now);
    const [one, other] = [frozen.next(), frozen.next()].map((id) =>
      completer.complete({
        action: 'READ',
        actor: { type: 'user', id: '1' },
        id,
        timestamp: timeOf(id),
        isWhole: true,
      }),
    );
    expect(one?.payload).toBe(other?.payload);
    expect(timeOf(String(one?.core.id))).toBe(timeOf(String(other?.core.id)));
    expect(one?.core.id).not.toBe(other?.core.id);
    expect(entryLeaf(one as Entry)).not.toEqual(entryLeaf(other as Entry));
  });

  it('asks for a number only when something is recorded', () => {
    let n = 0;
    const numbering = (): { id: string; n: number } => ({ id: 'p', n: (n += 1) });
    expect(complete({ action: 'UPDATE', before: { a: 1 }, after: { a: 1 } }, numbering)).toBeUndefined();
    expect(
      complete({ action: 'UPDATE', before: { a: 1 }, after: { a: 2 } }, numbering)?.core.process,
    ).toEqual({ id: 'p', n: 1 });
  });
});

describe('Completer, actions', () => {
  it.each(['READ', 'APPROVED', 'BREAK_GLASS'])('keeps the known action %s', (action) => {
    expect(eventOf({ action })).toMatchObject({ action, flags: [], metadata: null });
  });

  it.each([
    ['APROVED', 'APROVED'],
    ['approved', 'APPROVED'],
    ['Read', 'READ'],
  ])('keeps %s under its own name, and says that it is unknown', (action, name) => {
    expect(eventOf({ action })).toMatchObject({ action: name, flags: ['unknown_action'], metadata: null });
  });

  it.each(['', 'two words', 'DROP TABLE;', '1ST', '_X', 'Ä', '__proto__', 'X'.repeat(65), '<script>'])(
    'makes of the impossible action %j OTHER, with the name beside it',
    (action) => {
      const event = eventOf({ action, metadata: { a: 1 } });
      expect(event).toMatchObject({
        action: 'OTHER',
        flags: ['unknown_action'],
        metadata: { a: 1, action_given: action },
      });
    },
  );

  it.each<[unknown, string]>([
    [5, '5'],
    [{ a: 1 }, '{"a":1}'],
    [Symbol('s'), '[symbol]'],
  ])('BAD-INPUT: makes of the action %o OTHER too', (action, name) => {
    expect(eventOf({ action })).toMatchObject({ action: 'OTHER', metadata: { action_given: name } });
    expect(eventOf({ action }).flags).toContain('unknown_action');
  });

  it('BAD-INPUT: makes OTHER of an event without an action, or of no event at all', () => {
    for (const given of [{}, { reason: 'x' }, null, undefined, 7])
      expect(eventOf(given)).toMatchObject({ action: 'OTHER', metadata: null });
  });

  it('BAD-INPUT: cuts an action of 1 MB', () => {
    const event = eventOf({ action: 'x'.repeat(1_000_000) });
    expect(event.flags).toEqual(['truncated', 'unknown_action']);
    expect(String(event.metadata?.['action_given']).length).toBeLessThan(1_100);
  });

  it.each([
    ['LOGIN_FAILED', 'failure', 'auth'],
    ['LOGIN_SUCCESS', 'success', 'auth'],
    ['LOGOUT', 'success', 'auth'],
    ['ACCESS_DENIED', 'denied', 'manual'],
    ['AUDIT_START', 'success', 'system'],
    ['READ', 'success', 'manual'],
  ])('knows what %s comes to, and from where, unless told otherwise', (action, outcome, source) => {
    expect(eventOf({ action })).toMatchObject({ outcome, source });
    expect(eventOf({ action, outcome: 'error', source: 'request' })).toMatchObject({
      outcome: 'error',
      source: 'request',
    });
  });
});

describe('Completer, changes', () => {
  it('gives nothing for an update that changed nothing', () => {
    const target = { type: 'Patient', id: '1' };
    expect(
      complete({ action: 'UPDATE', target, before: { seen: 1, photo: 1 }, after: { seen: 2, photo: 2 } }),
    ).toBeUndefined();
    expect(
      complete({ action: 'UPDATE', target: { type: 'Other' }, before: { seen: 1 }, after: { seen: 2 } }),
    ).toBeDefined();
  });

  it('follows the rules of the model', () => {
    const given = {
      action: 'CREATE',
      target: { type: 'Patient', id: '1' },
      after: { id: 1, photo: 'x', diagnosis: 'K02', password: 'p' },
    };
    expect(eventOf(given).after).toEqual({ id: 1, diagnosis: '[redacted]', password: '[redacted]' });
  });

  it('says that nothing can be restored from a change that was cut', () => {
    const event = eventOf({ action: 'DELETE', before: { id: 1, scan: 'x y '.repeat(600_000) } });
    expect(event.flags).toEqual(['not_restorable', 'truncated']);
    expect(event.before).toMatchObject({ id: 1 });
  });

  it('keeps an act whose record was no record', () => {
    expect(eventOf({ action: 'CREATE', after: 'x' })).toMatchObject({
      after: null,
      changes: null,
      flags: ['invalid_input'],
    });
  });
});

describe('Completer, secrets', () => {
  const SECRET = 'hunter2-hunter2';
  const JWT = `eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.${SECRET}`;

  it.each<[string, object]>([
    ['the path', { request: { path: `/reset/?token=${SECRET}` } }],
    ['the path, as a token', { request: { path: `/reset/${JWT}` } }],
    ['the query', { request: { query: { deep: [{ access_token: SECRET }] } } }],
    ['the query, as a text', { request: { query: `?api_key=${SECRET}&page=2` } }],
    ['the body', { request: { body: { user: { passWord: SECRET } } } }],
    ['the route', { request: { route: `/reset?token=${SECRET}` } }],
    ['the user agent', { request: { userAgent: `curl Authorization: Bearer ${SECRET}` } }],
    ['the reason', { reason: `asked by phone, password: ${SECRET}` }],
    ['the text of an error', { error: new Error(`postgres://admin:${SECRET}@db.example/app refused`) }],
    ['an error', { error: { config: { headers: { 'X-Api-Key': SECRET } } } }],
    ['metadata', { metadata: { a: [new Map([['client_secret', SECRET]])] } }],
    ['metadata that is a text', { metadata: `token=${SECRET}` }],
    ['the label', { target: { type: 'Login', label: `token=${SECRET}` } }],
    ['the subject label', { subjectLabel: `Jane, password=${SECRET}` }],
    [
      'the names of the actor',
      { actor: { type: 'user', username: JWT, name: `Bearer ${SECRET}`, email: `a token=${SECRET}` } },
    ],
    ['the role', { actor: { type: 'user', role: JWT } }],
    ['the address', { request: { ip: `token=${SECRET}` } }],
    [
      'the old and new values',
      { before: { password: SECRET, note: '' }, after: { password: `${SECRET}!`, note: `pin: ${SECRET}` } },
    ],
    ['the session', { sessionId: JWT }],
    ['the operation', { operation: `login token=${SECRET}` }],
    ['an impossible action', { action: `token=${SECRET}` }],
  ])('P37: lets no secret in %s into payload or search columns', (_, given) => {
    const text = textOf(entryOf({ action: 'UPDATE', ...given }));
    expect(text).not.toContain('hunter2');
    expect(text).toContain('redacted');
  });

  it('P37: leaves alone what only sounds like a secret', () => {
    const given = {
      action: 'UPDATE',
      reason: 'the author of the token economy asked',
      metadata: { author: 'Jane', tokens_used: 3, passenger: 'Joe' },
      request: { path: '/api/tokens/list/', query: { page: '2' } },
    };
    expect(eventOf(given)).toMatchObject(given);
  });
});

describe('Completer, bad input', () => {
  it('BAD-INPUT: takes neither id nor time of recording nor place in the log from a caller', () => {
    const mine = '00000000-0000-7000-8000-000000000000';
    const event = eventOf({
      action: 'READ',
      id: mine,
      recordedAt: 'x',
      recorded_at: 'x',
      leafIndex: 5,
      leaf_index: 5,
      leafHash: 'x',
      timestamp: 0,
      process: { id: 'x', n: 1 },
      flags: ['x'],
      erased: true,
      v: 9,
    });
    expect(event.id).not.toBe(mine);
    expect(event).toMatchObject({
      recordedAt: null,
      leafIndex: null,
      leafHash: null,
      process: null,
      flags: [],
      erased: false,
    });
    expect(Math.abs(Date.parse(event.timestamp) - Date.now())).toBeLessThan(60_000);
  });

  it('BAD-INPUT: keeps an event whose actor, target and request are hostile', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    for (const hostile of [
      proxy,
      'x',
      5,
      () => 1,
      new Proxy({}, { get: throwing }),
      { type: proxy, id: proxy, label: proxy, path: proxy, ip: proxy },
    ]) {
      const event = eventOf({
        action: 'READ',
        actor: hostile,
        target: hostile,
        request: hostile,
        reason: 'kept',
      });
      expect(event).toMatchObject({ action: 'READ', reason: 'kept', actor: { type: 'anonymous' } });
      expect(event.flags).toContain('invalid_input');
    }
  });

  it('BAD-INPUT: says so when the actor is of no known type, and keeps who it was', () => {
    expect(eventOf({ action: 'READ', actor: { type: 'root', id: '1', name: 'Eve' } })).toMatchObject({
      actor: { type: 'anonymous', id: '1', name: 'Eve' },
      flags: ['invalid_input'],
    });
    expect(eventOf({ action: 'READ', actor: { id: '1' } }).flags).toEqual(['invalid_input']);
    expect(
      eventOf({ action: 'READ', actor: { type: 'user', onBehalfOf: { type: 'root', id: '2' } } }),
    ).toMatchObject({
      actor: { type: 'user', onBehalfOf: { type: 'anonymous', id: '2' } },
      flags: ['invalid_input'],
    });
  });

  it('BAD-INPUT: falls back, and says so, on an outcome or source that there is not', () => {
    expect(eventOf({ action: 'LOGIN_FAILED', outcome: 'maybe', source: 'browser' })).toMatchObject({
      outcome: 'failure',
      source: 'auth',
      flags: ['invalid_input'],
    });
  });

  it('BAD-INPUT: keeps of an id over 255 bytes its beginning and its digest', () => {
    const long = `${'é'.repeat(200)}-1`;
    const short = `${'é'.repeat(39)}😀`;
    const other = `${'é'.repeat(200)}-2`;
    const digest = createHash('sha256').update(long).digest('hex');
    const { core, payload } = entryOf({
      action: 'READ',
      actor: { type: 'user', id: long },
      tenantId: long,
      target: { type: long, id: long },
      subjectId: long,
    });
    const kept = `${'é'.repeat(40)}~${digest}`;
    expect(core).toMatchObject({
      actor: { id: kept },
      tenant_id: kept,
      target: { type: kept, id: kept },
      subject_id: kept,
    });
    expect(payload).toContain('truncated');
    expect(entryOf({ action: 'READ', subjectId: other }).core.subject_id).not.toBe(kept);
    expect(entryOf({ action: 'READ', subjectId: `${short}${'x'.repeat(300)}` }).core.subject_id).toMatch(
      /^é{39}~[0-9a-f]{64}$/,
    );
    expect(entryOf({ action: 'READ', subjectId: 'x'.repeat(255) }).core.subject_id).toBe('x'.repeat(255));
  });

  it('BAD-INPUT: takes numbers, big integers and what speaks for itself as ids, and keeps ids that look tagged', () => {
    const idOf = (id: unknown): unknown => {
      const event = eventOf({ action: 'READ', target: { type: 'T', id } });
      return [event.target?.id, event.flags];
    };
    expect(idOf(42)).toEqual(['42', []]);
    expect(idOf(42n)).toEqual(['42', []]);
    expect(idOf('~n:5')).toEqual(['~n:5', []]);
    expect(idOf('')).toEqual([null, []]);
    const behalf = { type: 'user', id: '2', onBehalfOf: { type: 'user', id: '~n:5' } };
    expect(eventOf({ action: 'READ', actor: behalf }).actor.onBehalfOf?.id).toBe('~n:5');
    expect(idOf({ toJSON: () => '507f1f77bcf86cd799439011' })).toEqual([
      '507f1f77bcf86cd799439011',
      ['invalid_input'],
    ]);
    expect(idOf(['a', 1])).toEqual(['["a",1]', ['invalid_input']]);
    expect(idOf(Number.NaN)).toEqual(['NaN', ['invalid_input']]);
    expect(idOf('a\0\ud800')).toEqual(['a\ufffd\ufffd', ['sanitized']]);
  });

  it('BAD-INPUT: keeps the subjects of a list exactly as they will be searched for', () => {
    const long = 'y'.repeat(300);
    const { search, payload } = entryOf({
      action: 'LIST',
      subjects: ['1', '~x:cut', 5, long, '', null, '4111111111111111', { a: Symbol('s') }],
    });
    const cut = `${'y'.repeat(40)}~${createHash('sha256').update(long).digest('hex')}`;
    expect(search.subjects).toEqual(['1', '~x:cut', '5', cut, '4111111111111111', '{"a":"[symbol]"}']);
    expect(
      readEvent({ ...entryOf({ action: 'LIST', subjects: ['~x:cut'] }), recordedAt: null }).subjects,
    ).toEqual(['~x:cut']);
    expect(payload).toContain('invalid_input');
  });

  it('BAD-INPUT: keeps of a million subjects what there is room for', () => {
    const event = eventOf({
      action: 'LIST',
      subjects: Array.from({ length: 1_000_000 }, (_, i) => `subject-${i}`),
      reason: 'kept',
    });
    expect(event.flags).toEqual(['truncated']);
    expect(event.subjects.length).toBeGreaterThan(2_000);
    expect(event.subjects.length).toBeLessThan(6_000);
    expect(event.reason).toBe('kept');
  });

  it('BAD-INPUT: says so when the subjects are no list', () => {
    for (const subjects of ['42', 5, { length: 2 }, new Set(['1'])])
      expect(eventOf({ action: 'LIST', subjects })).toMatchObject({ subjects: [], flags: ['invalid_input'] });
  });

  it.each<[unknown, string | null, string[]]>([
    ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00.000Z', []],
    [new Date(0), '1970-01-01T00:00:00.000Z', []],
    ['2026-03-14T09:30:00+05:30', '2026-03-14T04:00:00.000Z', []],
    ['2026-03-14', '2026-03-14T00:00:00.000Z', []],
    ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59.000Z', ['clock_skew']],
    [new Date(8.64e15), '+275760-09-13T00:00:00.000Z', ['clock_skew']],
    ['2026-02-30T00:00:00Z', '2026-02-30T00:00:00Z', ['invalid_time']],
    ['2026-06-30T23:59:60Z', '2026-06-30T23:59:60Z', ['invalid_time']],
    ['2026-03-14T09:30:00', '2026-03-14T09:30:00', ['invalid_time']],
    ['last tuesday', 'last tuesday', ['invalid_time']],
    ['', '', ['invalid_time']],
    [new Date(Number.NaN), '[invalid date]', ['invalid_input', 'invalid_time']],
    [1773480600000, '1773480600000', ['invalid_input', 'invalid_time']],
    [{ toString: throwing }, '{"toString":"[function]"}', ['invalid_input', 'invalid_time']],
    [Object.create(Date.prototype), '[unreadable]', ['invalid_input', 'invalid_time']],
  ])('BAD-INPUT: takes for the time of the event %o', (occurredAt, kept, flags) => {
    expect(eventOf({ action: 'READ', occurredAt })).toMatchObject({ occurredAt: kept, flags });
  });

  it.each([-1, 0, Number.NaN, 1.5, Number.POSITIVE_INFINITY, 2 ** 60, '3', 3n, {}])(
    'BAD-INPUT: counts one act, and says so, for a count of %o',
    (count) => {
      expect(eventOf({ action: 'READ', count })).toMatchObject({ count: 1, flags: ['invalid_input'] });
      expect(entryOf({ action: 'READ', count }).core.count).toBeUndefined();
    },
  );

  it('keeps a count above one', () => {
    expect(eventOf({ action: 'READ', count: 1 })).toMatchObject({ count: 1, flags: [] });
    expect(entryOf({ action: 'READ', count: 1 }).core.count).toBeUndefined();
    expect(entryOf({ action: 'READ', count: 2 }).core.count).toBe(2);
  });

  it('takes a clock that runs up to a day ahead as it is', () => {
    const ahead = (hours: number): Date => new Date(Date.now() + hours * 3_600_000);
    expect(eventOf({ action: 'READ', occurredAt: ahead(23) }).flags).toEqual([]);
    expect(eventOf({ action: 'READ', occurredAt: ahead(25) }).flags).toEqual(['clock_skew']);
  });

  it('BAD-INPUT: keeps no status or duration that is no number, and says so', () => {
    for (const bad of ['200', Number.NaN, Number.POSITIVE_INFINITY, {}, -(2n ** 70n)])
      expect(
        eventOf({ action: 'READ', request: { statusCode: bad, durationMs: bad, method: 'GET' } }),
      ).toMatchObject({
        request: { method: 'GET', statusCode: null, durationMs: null },
        flags: ['invalid_input'],
      });
  });

  it('BAD-INPUT: replaces NUL and lone surrogates everywhere, in the core and the search columns too', () => {
    const bad = 'a\0b\ud800';
    const person = { type: 'user', id: bad, username: bad, email: bad, name: bad, role: bad };
    const entry = entryOf({
      action: bad,
      actor: { ...person, onBehalfOf: person },
      tenantId: bad,
      target: { type: bad, id: bad, label: bad },
      subjectId: bad,
      subjectLabel: bad,
      subjects: [bad],
      before: { [bad]: bad },
      after: { [bad]: `${bad}!` },
      operation: bad,
      transactionId: bad,
      reason: bad,
      request: {
        id: bad,
        method: bad,
        path: bad,
        route: bad,
        query: { [bad]: bad },
        body: bad,
        ip: bad,
        ipSource: bad,
        forwardedFor: bad,
        userAgent: bad,
      },
      sessionId: bad,
      traceId: bad,
      error: bad,
      occurredAt: bad,
      metadata: { [bad]: bad },
    });
    const whole = [entry.payload, canonicalize(entry.core), ...Object.values(entry.search).flat()].join('');
    expect(whole).not.toMatch(/\0|\\u0000|\p{Surrogate}/u);
    expect(whole).not.toMatch(/\\ud[89a-f]/i);
    expect(readEvent({ ...entry, recordedAt: null })).toMatchObject({
      reason: 'a\ufffdb\ufffd',
      tenantId: 'a\ufffdb\ufffd',
    });
    expect(readEvent({ ...entry, recordedAt: null }).flags).toContain('sanitized');
  });

  it('BAD-INPUT: keeps line ends, escapes, bidi marks and markup as they are, in one line of JSON', () => {
    const odd = 'x\r\n{"fake":1}\u001b[2J\u202e\u200b<script>alert(1)</script> javascript:alert(1)';
    const entry = entryOf({
      action: 'READ',
      reason: odd,
      actor: { type: 'user', name: odd },
      request: { userAgent: odd },
    });
    expect(readEvent({ ...entry, recordedAt: null })).toMatchObject({
      reason: odd,
      actor: { name: odd },
      request: { userAgent: odd },
    });
    for (const control of '\r\n\u001b') expect(entry.payload).not.toContain(control);
  });

  it('BAD-INPUT: keeps what is short when metadata, query, body and texts are huge', () => {
    const huge = 'lorem ipsum '.repeat(900_000);
    const entry = entryOf({
      action: 'READ',
      actor: { type: 'user', id: '1', username: 'ada', name: huge },
      target: { type: 'Patient', id: '42', label: huge },
      request: {
        method: 'GET',
        path: huge,
        query: { a: huge },
        body: huge,
        ip: '203.0.113.7',
        userAgent: huge,
        forwardedFor: huge,
      },
      reason: huge,
      sessionId: 'sess-1',
      metadata: { small: 'kept', big: huge },
      error: new Error(huge),
    });
    const event = readEvent({ ...entry, recordedAt: null });
    expect(event).toMatchObject({
      actor: { username: 'ada' },
      request: { method: 'GET', ip: '203.0.113.7' },
      sessionId: 'sess-1',
    });
    expect(event.reason).toMatch(/^lorem ipsum .*…$/);
    expect(event.flags).toEqual(['truncated']);
    expect(Buffer.byteLength(String(entry.payload))).toBeLessThan(70 * 1024);
    expect(String(entry.search.text).length).toBeLessThanOrEqual(512);
    expect(String(entry.search.actorText).length).toBeLessThanOrEqual(512);
  });

  it('BAD-INPUT: cuts a user agent and a reason of 1 MB at a character, with their length and digest', () => {
    const long = '€'.repeat(400_000);
    const digest = createHash('sha256').update(long).digest('hex');
    const { payload } = entryOf({ action: 'READ', reason: long, request: { userAgent: long } });
    const { reason, request } = JSON.parse(String(payload)) as {
      reason: string;
      request: { user_agent: string };
    };
    for (const text of [reason, request.user_agent])
      expect(text).toMatch(new RegExp(`^~t:1200000:${digest}:€+$`));
    expect(eventOf({ action: 'READ', reason: long }).reason).toMatch(/^€{2700,2731}…$/);
  });

  it('BAD-INPUT: keeps metadata that is no object, under a name of ours, and says so', () => {
    for (const metadata of ['text', 5, [1, 2], true])
      expect(eventOf({ action: 'READ', metadata })).toMatchObject({
        metadata: { value: metadata },
        flags: ['invalid_input'],
      });
  });

  it('BAD-INPUT: never throws, and stores what it hashed, whatever it is given', () => {
    fc.assert(
      fc.property(anyEvent, (given) => {
        const entry = complete(unwrapped(given, 2));
        if (entry === undefined) return;
        expect(canonicalize(JSON.parse(String(entry.payload)))).toBe(entry.payload);
        expect(payloadDigest(String(entry.salt), String(entry.payload))).toBe(entry.core.payload_digest);
        expect(JSON.parse(canonicalize(entry.core))).toEqual(JSON.parse(JSON.stringify(entry.core)));
        expect(entry.core.action).toMatch(/^[A-Z][A-Z0-9_]{0,63}$/);
        expect(Buffer.byteLength(canonicalize(entry.core))).toBeLessThan(6 * 256 * 6 + 1_000);
        expect(readEvent({ ...entry, recordedAt: null }).id).toBe(entry.core.id);
        expect(Object.values(entry.search).flat().join('')).not.toMatch(/\0|\p{Surrogate}/u);
      }),
      { numRuns: 2_000 },
    );
  });
});

describe('Completer, search columns', () => {
  it('copies role and address, and folds names, label and path for searching', () => {
    const { search } = entryOf({
      action: 'READ',
      actor: {
        type: 'user',
        username: 'ADA',
        email: 'Ada@Clinic.example',
        name: 'Ａda Mölar',
        role: 'Dentist',
      },
      target: { type: 'Patient', id: '42', label: 'Jane DOE' },
      subjectLabel: 'JANE',
      request: { ip: '203.0.113.7', path: '/API/Patients/' },
    });
    expect(search).toEqual({
      role: 'Dentist',
      ip: '203.0.113.7',
      actorText: 'ada ada@clinic.example ada mölar',
      text: 'patient jane doe jane /api/patients/',
      subjects: undefined,
    });
  });

  it('copies a text that looks tagged as it was given', () => {
    const { search } = entryOf({
      action: 'READ',
      actor: { type: 'user', role: '~n:5', name: '~x:cut' },
      request: { ip: '~d:1' },
    });
    expect(search).toMatchObject({ role: '~n:5', actorText: '~x:cut', ip: '~d:1' });
  });

  it('never makes a column longer than an index can hold', () => {
    const wide = 'ﷺ'.repeat(1_000);
    const { search } = entryOf({
      action: 'READ',
      actor: { type: 'user', role: wide, name: wide },
      request: { ip: wide, path: wide },
    });
    expect(String(search.role).length).toBe(64);
    expect(String(search.ip).length).toBe(64);
    expect(String(search.actorText).length).toBeLessThanOrEqual(512);
    expect(String(search.text).length).toBeLessThanOrEqual(512);
  });
});

function throwing(): never {
  throw new Error('no');
}

const HOSTILE: readonly unknown[] = [
  new Proxy({}, { ownKeys: throwing }),
  new Proxy({}, { get: throwing }),
  new Proxy([], { get: throwing }),
  new Proxy([], { getPrototypeOf: throwing }),
  { toJSON: throwing, toString: throwing, valueOf: throwing },
  Object.create(null),
  Object.create(Date.prototype),
  Symbol('s'),
  '\ud800\0',
  'Bearer abcdefghijkl.mnop',
  '~x:redacted',
  Number.NaN,
  2n ** 80n,
];

const anyValue = fc.oneof(
  fc.nat(HOSTILE.length - 1).map((i) => ({ inner: HOSTILE[i], [fc.toStringMethod]: () => `hostile ${i}` })),
  fc.string({ unit: 'binary' }),
  fc.anything({
    maxDepth: 3,
    withBigInt: true,
    withDate: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withNullPrototype: true,
    withObjectString: true,
    withSparseArray: true,
    withBoxedValues: true,
  }),
);

/** Puts hostile things in their places, out of what only lets them be printed. */
function unwrapped(value: unknown, levels: number): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  if (fc.toStringMethod in value && 'inner' in value) return value.inner;
  if (levels === 0) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, unwrapped(one, levels - 1)]));
}

const some = { requiredKeys: [] };
const anyActor = fc.record(
  {
    type: fc.oneof(fc.constant('user'), anyValue),
    id: anyValue,
    username: anyValue,
    email: anyValue,
    name: anyValue,
    role: anyValue,
    onBehalfOf: anyValue,
  },
  some,
);
const anyEvent = fc.oneof(
  { weight: 1, arbitrary: anyValue },
  {
    weight: 9,
    arbitrary: fc.record(
      {
        action: fc.oneof(fc.constantFrom(...ACTIONS), anyValue),
        outcome: anyValue,
        source: anyValue,
        actor: fc.oneof(anyActor, anyValue),
        tenantId: anyValue,
        target: fc.oneof(fc.record({ type: anyValue, id: anyValue, label: anyValue }, some), anyValue),
        subjectId: anyValue,
        subjectLabel: anyValue,
        subjects: fc.oneof(fc.array(anyValue), anyValue),
        before: anyValue,
        after: anyValue,
        operation: anyValue,
        transactionId: anyValue,
        reason: anyValue,
        request: fc.oneof(
          fc.record(
            {
              id: anyValue,
              method: anyValue,
              path: anyValue,
              route: anyValue,
              query: anyValue,
              body: anyValue,
              statusCode: anyValue,
              durationMs: anyValue,
              ip: anyValue,
              ipSource: anyValue,
              forwardedFor: anyValue,
              userAgent: anyValue,
            },
            some,
          ),
          anyValue,
        ),
        sessionId: anyValue,
        traceId: anyValue,
        error: anyValue,
        occurredAt: anyValue,
        count: anyValue,
        metadata: anyValue,
      },
      some,
    ),
  },
);
