import { describe, expect, it } from 'vitest';

import { AuditError } from '../event/errors.js';
import { floorId, timeOf } from '../event/id.js';
import { idText } from '../event/id-text.js';
import type { EventQuery } from '../stores/query.js';
import { writeCursor } from './cursor.js';
import { type EventFilter, parseFilter, parseScope, parseSummary } from './filter.js';

const NOW = Date.parse('2026-03-14T12:00:00Z');
const DEFAULTS = { tenantId: 'north', timeZone: 'UTC', now: NOW };
const PLACE = { id: '019cea00-0000-7abc-8def-0123456789ab', value: 'ada' };

/** The question of a filter that may be anything at all. */
function ask(filter: unknown, defaults: Partial<typeof DEFAULTS> = {}): EventQuery {
  return parseFilter(filter as EventFilter, { ...DEFAULTS, ...defaults });
}

/** The refusal of a filter; whatever else is thrown fails the test. */
function refusal(filter: unknown): AuditError {
  try {
    ask(filter);
  } catch (error) {
    if (error instanceof AuditError) return error;
    throw error;
  }
  throw new Error('the filter was taken');
}

/** What becomes of a filter: it is taken, or refused with a code. */
function attempt(filter: unknown): string {
  try {
    ask(filter);
    return 'taken';
  } catch (error) {
    return error instanceof AuditError ? error.code : String(error);
  }
}

/** The range a filter asks for, as times. */
function range(filter: EventFilter, defaults: Partial<typeof DEFAULTS> = {}): (string | undefined)[] {
  const { fromId, toId } = ask(filter, defaults).where;
  return [fromId, toId].map((id) => id && new Date(timeOf(id)).toISOString());
}

describe('a question', () => {
  it('is for the newest fifty events of the tenant, unless more is said', () => {
    expect(ask({})).toEqual({
      tenantId: 'north',
      where: {},
      search: undefined,
      order: { column: 'timestamp', descending: true },
      limit: 50,
    });
  });

  it('holds every condition under the name that stores know it by', () => {
    const { where } = ask({
      actorId: 'u1',
      user: 'Ada',
      action: 'READ',
      model: 'Patient',
      objectId: '42',
      subjectId: 's1',
      role: 'dentist',
      outcome: 'denied',
      source: 'auth',
      ipAddress: '10.0.0.1',
      startDate: '2026-03-01',
      endDate: '2026-03-02',
    });
    expect(where).toEqual({
      actorId: 'u1',
      actorText: 'ada',
      actions: ['READ'],
      targetType: 'Patient',
      targetId: '42',
      subjectId: 's1',
      role: 'dentist',
      outcome: 'denied',
      source: 'auth',
      ip: '10.0.0.1',
      fromId: floorId(Date.parse('2026-03-01T00:00:00Z')),
      toId: floorId(Date.parse('2026-03-03T00:00:00Z')),
    });
  });

  it('does not hold what was left out, or left empty as forms leave it', () => {
    const empty = Object.fromEntries(
      ['actorId', 'user', 'action', 'model', 'objectId', 'subjectId', 'role', 'outcome', 'source']
        .concat(['ipAddress', 'startDate', 'endDate', 'days', 'timeZone', 'search', 'ordering'])
        .concat(['pageSize', 'tenantId'])
        .map((name) => [name, '']),
    );
    expect(ask(empty)).toEqual(ask({}));
    expect(Object.keys(ask(empty).where)).toEqual([]);
    expect(ask({ ...empty, user: ' \t', search: '\u00a0 ', action: ['', ''] })).toEqual(ask({}));
    expect(ask({ model: undefined, cursor: undefined, action: undefined })).toEqual(ask({}));
  });

  it('folds what is searched for, without the blanks around it, and keeps it for ids as it was given', () => {
    expect(ask({ search: '  Zoë ČAPEK\n' }).search).toEqual({ exact: 'Zoë ČAPEK', text: 'zoë čapek' });
    expect(ask({ search: 'ﬁNN Ｗｉｄｅ' }).search).toEqual({ exact: 'ﬁNN Ｗｉｄｅ', text: 'finn wide' });
    expect(ask({ user: ' STRASSE ' }).where.actorText).toBe('strasse');
  });

  it('looks for an id too long for an index by what the trail keeps of it', () => {
    const long = `urn:${'漢'.repeat(120)}`;
    const kept = idText(long, new Set());
    expect(kept).not.toBe(long);
    const { tenantId, where, search } = ask({
      tenantId: long,
      actorId: long,
      model: long,
      objectId: long,
      subjectId: long,
      search: long,
    });
    expect([
      tenantId,
      where.actorId,
      where.targetType,
      where.targetId,
      where.subjectId,
      search?.exact,
    ]).toEqual(Array.from({ length: 6 }, () => kept));
  });

  it.each([1, 50, 499, 500])('may be for %i events a page', (pageSize) => {
    expect(ask({ pageSize }).limit).toBe(pageSize);
  });

  it.each([
    ['timestamp', { column: 'timestamp', descending: false }],
    ['-timestamp', { column: 'timestamp', descending: true }],
    ['actor', { column: 'actor', descending: false }],
    ['-actor', { column: 'actor', descending: true }],
    ['action', { column: 'action', descending: false }],
    ['-action', { column: 'action', descending: true }],
  ])('may be ordered by %s', (ordering, order) => {
    expect(ask({ ordering }).order).toEqual(order);
  });

  it('is for one tenant, that of the context unless another is named, and for all only with null', () => {
    expect(ask({}).tenantId).toBe('north');
    expect(ask({ tenantId: 'south' }).tenantId).toBe('south');
    expect(ask({ tenantId: undefined }).tenantId).toBe('north');
    expect(ask({ tenantId: null }).tenantId).toBeNull();
    expect(ask({}, { tenantId: '' }).tenantId).toBe('');
  });

  it('lets nobody overrule what is fixed', () => {
    const asked = { actorId: 'someone', objectId: '' };
    const { where } = parseFilter(asked, DEFAULTS, { actorId: 'me', objectId: '7' });
    expect(where).toEqual({ actorId: 'me', targetId: '7' });
  });

  it('asks each member once, so that none can change its mind', () => {
    let asked = 0;
    const filter = {
      get tenantId() {
        asked += 1;
        return asked === 1 ? 'north' : null;
      },
    };
    expect(ask(filter).tenantId).toBe('north');
    expect(asked).toBe(1);
  });

  it('hears only what a filter says itself, not what it has from others', () => {
    expect(ask(Object.create({ tenantId: null, nonsense: 1 }))).toEqual(ask({}));
  });
});

describe('actions', () => {
  it.each<[string | string[], string[]]>([
    ['UPDATE', ['UPDATE']],
    ['update', ['UPDATE']],
    ['Login_Failed', ['LOGIN_FAILED']],
    ['view', ['READ']],
    ['created', ['CREATE']],
    ['Updated', ['UPDATE']],
    ['DELETED', ['DELETE']],
    ['exported', ['EXPORT']],
    ['login', ['LOGIN_SUCCESS']],
    ['READ,UPDATE', ['READ', 'UPDATE']],
    [' update , ,view,', ['READ', 'UPDATE']],
    [
      ['UPDATE', 'read'],
      ['READ', 'UPDATE'],
    ],
    [
      ['update,delete', 'CREATE', ''],
      ['CREATE', 'DELETE', 'UPDATE'],
    ],
    ['UPDATE,UPDATE,updated', ['UPDATE']],
    ['APPROVED', ['APPROVED']],
  ])('given as %j mean %j', (action, actions) => {
    expect(ask({ action }).where.actions).toEqual(actions);
  });

  it('of the application mean themselves, also where the name is an alias of another', () => {
    const defaults = { ...DEFAULTS, knowsAction: (action: string) => action === 'LOGIN' };
    expect(parseFilter({ action: 'login,view' }, defaults).where.actions).toEqual(['LOGIN', 'READ']);
  });

  it.each([
    ['words with blanks', 'READ UPDATE'],
    ['a number in front', '1READ'],
    ['SQL', "READ' OR '1'='1"],
    ['a wildcard', '%'],
    ['one among good ones', 'READ,UP-DATE,DELETE'],
    ['one too long', 'A'.repeat(65)],
    ['letters of another alphabet', 'ЧИТАТЬ'],
    ['the name of a prototype', '__proto__'],
  ])('are refused with %s', (_, action) => {
    const { code, message } = refusal({ action });
    expect(code).toBe('INVALID_FILTER');
    expect(message).toMatch(/^The filter action is ".*; give words such as UPDATE/);
  });

  it.each([
    ['no action at all', []],
    ['nothing but commas', ' , ,'],
    ['more actions than there can be', Array.from({ length: 101 }, (_, n) => `A${n}`)],
    ['more actions in one text', Array.from({ length: 101 }, (_, n) => `A${n}`).join(',')],
    ['a list without end', Array(1_000_000_000)],
  ])('are refused with %s', (_, action) => {
    expect(refusal({ action }).message).toMatch(/^The filter action (names \d+ actions; name 1 to 100|has)/);
  });

  it('may be a hundred', () => {
    const action = Array.from({ length: 100 }, (_, n) => `A${n}`);
    expect(ask({ action }).where.actions).toHaveLength(100);
  });
});

describe('dates', () => {
  it.each([
    ['UTC', '2026-03-14', '2026-03-14T00:00:00.000Z', '2026-03-15T00:00:00.000Z'],
    ['Asia/Kolkata', '2026-03-14', '2026-03-13T18:30:00.000Z', '2026-03-14T18:30:00.000Z'],
    ['Europe/Berlin', '2026-03-29', '2026-03-28T23:00:00.000Z', '2026-03-29T22:00:00.000Z'],
    ['Europe/Berlin', '2026-10-25', '2026-10-24T22:00:00.000Z', '2026-10-25T23:00:00.000Z'],
    ['America/Sao_Paulo', '2018-11-03', '2018-11-03T03:00:00.000Z', '2018-11-04T03:00:00.000Z'],
    ['America/Sao_Paulo', '2018-11-04', '2018-11-04T03:00:00.000Z', '2018-11-05T02:00:00.000Z'],
    ['Pacific/Apia', '2011-12-29', '2011-12-29T10:00:00.000Z', '2011-12-30T10:00:00.000Z'],
    ['Pacific/Apia', '2011-12-30', '2011-12-30T10:00:00.000Z', '2011-12-30T10:00:00.000Z'],
    ['Pacific/Apia', '2011-12-31', '2011-12-30T10:00:00.000Z', '2011-12-31T10:00:00.000Z'],
    ['europe/berlin', '2026-12-31', '2026-12-30T23:00:00.000Z', '2026-12-31T23:00:00.000Z'],
    ['UTC', '9999-12-31', '9999-12-31T00:00:00.000Z', '+010000-01-01T00:00:00.000Z'],
  ])('P45: are whole days in %s, the end included: %s', (timeZone, day, from, to) => {
    expect(range({ startDate: day, endDate: day, timeZone })).toEqual([from, to]);
  });

  it('P45: of the last millisecond and the first are within the day, and their neighbours are not', () => {
    const { fromId = '', toId = '' } = ask({
      startDate: '2026-03-29',
      endDate: '2026-03-29',
      timeZone: 'Europe/Berlin',
    }).where;
    const isWithin = (time: string): boolean => {
      const id = floorId(Date.parse(time)).replace(/.{12}$/, 'ffffffffffff');
      return id >= fromId && id < toId;
    };
    expect(
      [
        '2026-03-28T22:59:59.999Z',
        '2026-03-28T23:00:00.000Z',
        '2026-03-29T21:59:59.999Z',
        '2026-03-29T22:00:00Z',
      ].map(isWithin),
    ).toEqual([false, true, true, false]);
  });

  it('P45: are days of the zone of the trail unless another is named', () => {
    const berlin = { timeZone: 'Europe/Berlin' };
    expect(range({ startDate: '2026-03-14' }, berlin)).toEqual(['2026-03-13T23:00:00.000Z', undefined]);
    expect(range({ startDate: '2026-03-14', timeZone: 'UTC' }, berlin)[0]).toBe('2026-03-14T00:00:00.000Z');
  });

  it.each<[string | Date, string]>([
    ['2026-03-14T09:30:00Z', '2026-03-14T09:30:00.000Z'],
    ['2026-03-14T09:30Z', '2026-03-14T09:30:00.000Z'],
    ['2026-03-14T09:30:00.123456Z', '2026-03-14T09:30:00.123Z'],
    ['2026-03-14T09:30:00+05:30', '2026-03-14T04:00:00.000Z'],
    ['2026-03-14T09:30:00-08:00', '2026-03-14T17:30:00.000Z'],
    [new Date('2026-03-14T09:30:00Z'), '2026-03-14T09:30:00.000Z'],
  ])('P45: may be instants, whose zone is their own: %s', (instant, expected) => {
    const asked = { startDate: instant, endDate: instant, timeZone: 'Asia/Kolkata' };
    expect(range(asked)).toEqual([expected, expected]);
  });

  it('before the first and after the last id there can be stand for no bound at all', () => {
    const { where } = ask({ startDate: '0001-01-01', endDate: new Date(8.64e15) });
    expect(where).toEqual({ fromId: floorId(0), toId: floorId(Number.MAX_SAFE_INTEGER) });
  });

  it.each([
    ['a day there is not', '2026-02-30'],
    ['a month there is not', '2026-13-01'],
    ['an instant on no day', '2026-02-30T00:00:00Z'],
    ['an hour there is not', '2026-03-14T25:00:00Z'],
    ['a time that could be anywhere', '2026-03-14T09:30:00'],
    ['another writing', '14.03.2026'],
    ['words', 'yesterday'],
    ['a number', 1_773_446_400_000],
    ['an invalid date', new Date(Number.NaN)],
    ['what only pretends to be a date', Object.create(Date.prototype)],
    ['null', null],
    ['a list', ['2026-03-14']],
  ])('P45: are refused with %s', (_, date) => {
    for (const name of ['startDate', 'endDate']) {
      const { code, message } = refusal({ [name]: date });
      expect(code).toBe('INVALID_FILTER');
      expect(message).toMatch(
        new RegExp(`^The filter ${name} is .+; give a date such as 2026-03-14, or an instant`),
      );
    }
  });

  it('say what is wrong with a Date that has no time', () => {
    expect(refusal({ startDate: new Date('never') }).message).toContain('is an invalid date');
  });
});

describe('the last days', () => {
  it.each([
    ['UTC', 1, '2026-03-14T00:00:00.000Z'],
    ['UTC', 7, '2026-03-08T00:00:00.000Z'],
    ['Pacific/Kiritimati', 1, '2026-03-14T10:00:00.000Z'],
    ['Asia/Kolkata', 30, '2026-02-12T18:30:00.000Z'],
    ['Europe/Berlin', 365, '2025-03-14T23:00:00.000Z'],
  ])('P45: in %s, %i of them, today included, begin with a whole day', (timeZone, days, from) => {
    expect(range({ days, timeZone })).toEqual([from, undefined]);
  });

  it('are counted from today where it is another day than in UTC', () => {
    const late = { now: Date.parse('2026-03-14T23:30:00Z') };
    expect(range({ days: 1, timeZone: 'Europe/Berlin' }, late)[0]).toBe('2026-03-14T23:00:00.000Z');
    expect(range({ days: 1, timeZone: 'America/New_York' }, late)[0]).toBe('2026-03-14T04:00:00.000Z');
  });

  it('must hold besides the dates', () => {
    const week = '2026-03-08T00:00:00.000Z';
    expect(range({ days: 7, startDate: '2026-01-01' })[0]).toBe(week);
    expect(range({ days: 7, startDate: '2026-03-10' })[0]).toBe('2026-03-10T00:00:00.000Z');
    expect(range({ days: 7, endDate: '2026-03-10' })).toEqual([week, '2026-03-11T00:00:00.000Z']);
  });

  it('P45: go on over midnight with the days that paging began with', () => {
    const begun = ask({ days: 7 });
    const cursor = writeCursor(begun, { ...PLACE, value: PLACE.id }, false);
    const later = { now: NOW + 13 * 3_600_000 };
    expect(ask({ days: 7 }, later).where).not.toEqual(begun.where);
    expect(ask({ days: 7, cursor }, later)).toEqual(ask({ days: 7, cursor }));
    expect(() => ask({ days: 9, cursor }, later)).toThrow('another question');
    expect(() => ask({ days: 7, cursor }, { now: NOW + 60 * 3_600_000 })).toThrow('another question');
  });
});

describe('a cursor in a filter', () => {
  it('leads to its place in the same question', () => {
    const query = ask({ model: 'Patient', ordering: 'actor' });
    const cursor = writeCursor(query, PLACE, true);
    expect(ask({ model: 'Patient', ordering: 'actor', cursor })).toEqual({
      ...query,
      after: PLACE,
      backwards: true,
    });
  });

  it.each([['', 'forged', Buffer.from('[1,2,3,4]').toString('base64url')]])(
    'BAD-INPUT: is refused when it is none: %j',
    (cursor) => {
      expect(refusal({ cursor }).code).toBe('INVALID_CURSOR');
    },
  );

  it('BAD-INPUT: is refused when it is not even a text', () => {
    for (const cursor of [7, null, ['x'], {}])
      expect(refusal({ cursor })).toMatchObject({
        code: 'INVALID_FILTER',
        message: expect.stringMatching(/^The filter cursor is .*; give the text that a page gave\.$/),
      });
  });
});

describe('a filter that is hostile, or mistaken,', () => {
  const TEXTS = [
    'actorId',
    'user',
    'model',
    'objectId',
    'subjectId',
    'role',
    'ipAddress',
    'search',
    'tenantId',
  ];
  const OTHERS = ['action', 'outcome', 'source', 'timeZone', 'ordering', 'startDate', 'endDate'];

  it.each<[string, unknown]>([
    ['a number', 42],
    ['NaN', Number.NaN],
    ['true', true],
    ['a symbol', Symbol('s')],
    ['a big integer', 1n],
    ['a function', () => 'x'],
    ['an object', { toString: () => 'x' }],
    ['an operator of another database', { $ne: null }],
    ['a list in a list', [['x']]],
    ['a proxy that was revoked', revoked()],
    ['a proxy that throws', thrower()],
    ['a text object', Object('x')],
    ['10,000 characters', 'x'.repeat(10_000)],
    ['1 MB', '\u{1F600}'.repeat(262_144)],
    ['NUL', 'a\0b'],
    ['half a character', '\ud83d'],
    ['the other half', 'x\ude00y'],
  ])('BAD-INPUT: is refused by name for %s', (_, value) => {
    for (const name of [...TEXTS, ...OTHERS]) {
      const { code, message } = refusal({ [name]: value });
      expect(code, name).toBe('INVALID_FILTER');
      expect(message, name).toMatch(new RegExp(`^The filter ${name} (is|has|holds) .+; .+\\.$`, 's'));
      expect(message.length, name).toBeLessThan(300);
    }
  });

  it.each([...TEXTS, ...OTHERS].filter((name) => name !== 'tenantId'))(
    'BAD-INPUT: is refused for null as %s',
    (name) => {
      expect(refusal({ [name]: null }).message).toMatch(new RegExp(`^The filter ${name} is null; `));
    },
  );

  it.each<[string, unknown]>([
    ['1e9', 1e9],
    ['501', 501],
    ['0', 0],
    ['-0', -0],
    ['-1', -1],
    ['NaN', Number.NaN],
    ['Infinity', Number.POSITIVE_INFINITY],
    ['1.5', 1.5],
    ['a text', '50'],
    ['a big integer', 50n],
    ['a list', [50]],
    ['an object', { valueOf: () => 50 }],
    ['null', null],
    ['true', true],
    ['the greatest number', Number.MAX_VALUE],
  ])('BAD-INPUT: is refused for a page size of %s', (_, pageSize) => {
    const { code, message } = refusal({ pageSize });
    expect(code).toBe('INVALID_FILTER');
    expect(message).toMatch(/^The filter pageSize is .+; give a whole number from 1 to 500\.$/);
  });

  it.each([0, -7, 1.5, Number.NaN, 36_601, 1e9, '7', null, [7]])(
    'BAD-INPUT: is refused for %j days',
    (days) => {
      expect(refusal({ days }).message).toMatch(
        /^The filter days is .+; give a whole number from 1 to 36600\.$/,
      );
    },
  );

  it.each([
    ['outcome', 'SUCCESS', 'use success, failure, denied, error'],
    ['outcome', 'constructor', 'use success'],
    ['source', 'models', 'use model, read, request, auth, manual, system'],
    ['ordering', 'id', 'use timestamp, actor, action, each with -'],
    ['ordering', '--timestamp', 'use timestamp'],
    ['ordering', 'timestamp; DROP TABLE indelible_event', 'use timestamp'],
    ['ordering', 'toString', 'use timestamp'],
    ['timeZone', 'Mars/Olympus', 'give a name such as Europe/Berlin'],
    ['timeZone', "UTC' --", 'give a name such as Europe/Berlin'],
  ])('BAD-INPUT: is refused for the %s %j, and told what there is', (name, value, remedy) => {
    const { code, message } = refusal({ [name]: value });
    expect(code).toBe('INVALID_FILTER');
    expect(message).toContain(`The filter ${name} is ${JSON.stringify(value)}`);
    expect(message).toContain(remedy);
  });

  it.each([
    ['misspelt', '{"actor_id": "u1"}', 'actor_id'],
    ['the empty text', '{"": 1}', ''],
    ['__proto__', '{"__proto__": {"tenantId": null}}', '__proto__'],
    ['constructor', '{"constructor": {"prototype": {"tenantId": null}}}', 'constructor'],
    ['toString', '{"toString": 1}', 'toString'],
    ['hasOwnProperty', '{"hasOwnProperty": true}', 'hasOwnProperty'],
  ])('P45: is refused for a name that is no filter: %s', (_, json, name) => {
    const { code, message } = refusal(JSON.parse(json));
    expect(code).toBe('INVALID_FILTER');
    expect(message).toContain(`${JSON.stringify(name)} is not a filter here; use actorId, user, action,`);
    expect(ask({})).toMatchObject({ tenantId: 'north', where: {} });
  });

  it('P45: is refused for a name that is no filter, also when nothing is asked of it', () => {
    expect(refusal({ patient: undefined }).message).toContain('"patient" is not a filter');
  });

  it('BAD-INPUT: writes nothing of its own into a log through the message', () => {
    const hostile = 'x\r\n\u001b[31m\u009b\u202e\u2028\u{E0041}\ud800';
    for (const filter of [{ [hostile]: 1 }, { outcome: hostile }, { ordering: hostile.slice(0, -1) }]) {
      const { message } = refusal(filter);
      expect(message).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\u2028]/u);
      expect(message).toContain('\\u{202e}');
    }
    expect(refusal({ ['x'.repeat(1_000_000)]: 1 }).message.length).toBeLessThan(400);
  });

  it.each<[string, unknown]>([
    ['null', null],
    ['a text', 'model=Patient'],
    ['a number', 7],
    ['true', true],
    ['a function', () => ({})],
    ['a symbol', Symbol('filter')],
    ['a list', [{ model: 'Patient' }]],
    ['the parameters of an address', new URLSearchParams('model=Patient')],
    ['a map', new Map([['model', 'Patient']])],
    ['a proxy that was revoked', revoked()],
    ['a proxy that throws', thrower()],
  ])('BAD-INPUT: is refused when it is %s, and never takes it for a wish to see everything', (_, filter) => {
    const { code, message } = refusal(filter);
    expect(code).toBe('INVALID_FILTER');
    expect(message).toMatch(/^The filter (is|cannot be read).*; give a plain object/);
  });

  it('BAD-INPUT: is refused when a member throws, and keeps what it threw', () => {
    const cause = new TypeError('no');
    const error = refusal({
      get model(): string {
        throw cause;
      },
    });
    expect(error).toMatchObject({ code: 'INVALID_FILTER', cause });
  });

  it.each([
    ['catastrophic regular expressions', '(a+)+$'],
    ['and what they choke on', `${'a'.repeat(499)}!`],
    ['SQL', "'; DROP TABLE indelible_event; --"],
    ['wildcards of LIKE', '100%_\\'],
    ['wildcards of GLOB', '*?[a-z]'],
    ['the words of a text index', 'a" OR actor_text:b NEAR(c) -d *'],
    ['markup', '<script>alert(1)</script>'],
    ['an expression of a template', '${7*7} {{7*7}}'],
    ['the name of a prototype', '__proto__'],
    ['as many characters as there may be', 'x'.repeat(500)],
    ['marks that turn the text round', 'a\u202eb\u200bc'],
  ])('takes %s for nothing but text', (_, value) => {
    for (const name of TEXTS.filter((one) => one !== 'user' && one !== 'search')) {
      const { tenantId, where } = ask({ [name]: value });
      expect([tenantId, ...Object.values(where)], name).toContain(idOf(name, value));
    }
    expect(ask({ search: value }).search?.text).toBe(value.normalize('NFKC').toLowerCase());
    expect(ask({ user: value }).where.actorText).toBe(value.normalize('NFKC').toLowerCase());
  });

  it('BAD-INPUT: is done with quickly, whatever it holds', () => {
    const texts = [
      'a,'.repeat(249),
      `-${'-'.repeat(499)}`,
      `2026-03-14T${'0:'.repeat(240)}Z`,
      '1'.repeat(500),
    ];
    const started = performance.now();
    const outcomes = texts.flatMap((value) =>
      [...TEXTS, ...OTHERS].map((name) => attempt({ [name]: value })),
    );
    expect(outcomes.every((outcome) => outcome === 'taken' || outcome === 'INVALID_FILTER')).toBe(true);
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe('a scope', () => {
  it('names a tenant and nothing else', () => {
    expect(parseScope({}, DEFAULTS)).toBe('north');
    expect(parseScope({ tenantId: 'south' }, DEFAULTS)).toBe('south');
    expect(parseScope({ tenantId: null }, DEFAULTS)).toBeNull();
    expect(() => parseScope({ model: 'Patient' } as object, DEFAULTS)).toThrow(
      '"model" is not a filter here; use tenantId.',
    );
  });
});

describe('the question of a summary', () => {
  it('is for the last thirty days of the tenant unless more is said', () => {
    const { tenantId, where, days, dayBounds } = parseSummary({}, DEFAULTS);
    expect({ tenantId, where, first: days[0], last: days.at(-1), count: days.length }).toEqual({
      tenantId: 'north',
      where: {},
      first: '2026-02-13',
      last: '2026-03-14',
      count: 30,
    });
    expect(dayBounds).toHaveLength(31);
    expect(dayBounds.at(-1)).toBe(floorId(Date.parse('2026-03-15T00:00:00Z')));
  });

  it('has whole days of the zone it names', () => {
    const asked = { days: 2, timeZone: 'Pacific/Kiritimati', tenantId: null };
    const { days, dayBounds, tenantId } = parseSummary(asked, DEFAULTS);
    expect([tenantId, days]).toEqual([null, ['2026-03-14', '2026-03-15']]);
    expect(dayBounds.map(timeOf)).toEqual(
      ['2026-03-13T10:00Z', '2026-03-14T10:00Z', '2026-03-15T10:00Z'].map((time) => Date.parse(time)),
    );
  });

  it.each([
    [{ days: 0 }, 'The filter days is 0; give a whole number from 1 to 36600.'],
    [{ days: '30' }, 'The filter days is "30"'],
    [{ days: null }, 'The filter days is null'],
    [{ timeZone: 'Nowhere' }, 'The filter timeZone is "Nowhere"'],
    [{ model: 'Patient' }, '"model" is not a filter here; use days, timeZone, tenantId.'],
    [null, 'The filter is null'],
  ])('BAD-INPUT: is refused for %j', (request, message) => {
    expect(() => parseSummary(request as object, DEFAULTS)).toThrow(message);
  });
});

/** Ids are kept as the trail keeps them; roles and addresses as they are. */
function idOf(name: string, value: string): string | undefined {
  return name === 'role' || name === 'ipAddress' ? value : idText(value, new Set());
}

function revoked(): object {
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  return proxy;
}

function thrower(): object {
  const fail = (): never => {
    throw new TypeError('nobody looks in here');
  };
  return new Proxy(
    {},
    { get: fail, has: fail, ownKeys: fail, getPrototypeOf: fail, getOwnPropertyDescriptor: fail },
  );
}
