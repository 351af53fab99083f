import { describe, expect, it } from 'vitest';

import { AuditError } from '../event/errors.js';
import type { EventQuery } from '../stores/query.js';
import { isCursorOf, readCursor, writeCursor } from './cursor.js';

const ID = '019cea00-0000-7abc-8def-0123456789ab';
const PLACE = { id: ID, value: ID };
const QUERY: EventQuery = {
  tenantId: 'north',
  where: { subjectId: '42', actions: ['READ', 'UPDATE'] },
  search: undefined,
  order: { column: 'timestamp', descending: true },
  limit: 50,
};
const BY_ACTOR: EventQuery = { ...QUERY, order: { column: 'actor', descending: false } };

function refusal(query: EventQuery, cursor: string): AuditError {
  try {
    readCursor(query, cursor);
  } catch (error) {
    if (error instanceof AuditError) return error;
    throw error;
  }
  throw new Error(`the cursor was taken: ${cursor.slice(0, 80)}`);
}

/** A cursor with members of the tester's choice. */
function made(parts: unknown): string {
  return Buffer.from(JSON.stringify(parts)).toString('base64url');
}

function partsOf(cursor: string): unknown[] {
  return JSON.parse(Buffer.from(cursor, 'base64url').toString()) as unknown[];
}

describe('a cursor', () => {
  it.each([true, false])('leads back to its place, backwards: %j', (backwards) => {
    const cursor = writeCursor(QUERY, PLACE, backwards);
    expect(readCursor(QUERY, cursor)).toEqual({ after: PLACE, backwards });
    expect(isCursorOf(QUERY, cursor)).toBe(true);
  });

  it.each([
    ['a name', 'ada lovelace ada@clinic.example'],
    ['no name', ''],
    ['a name that is the id', ID],
    ['quotes, line ends and emoji', '"\'\n\r\u2028 😀 李雷'],
    ['the longest name that is kept, in the widest writing', '漢'.repeat(512)],
    ['the longest name in control characters', '\u0001'.repeat(512)],
  ])('leads back to a place in the order of actors with %s', (_, value) => {
    const place = { id: ID, value };
    const cursor = writeCursor(BY_ACTOR, place, false);
    expect(readCursor(BY_ACTOR, cursor)).toEqual({ after: place, backwards: false });
  });

  it('can stand in an address as it is', () => {
    expect(writeCursor(BY_ACTOR, { id: ID, value: '?&=/+ 😀>' }, true)).toMatch(/^[\w-]+$/);
  });

  it('may be used for pages of another size', () => {
    const cursor = writeCursor(QUERY, PLACE, false);
    expect(readCursor({ ...QUERY, limit: 500 }, cursor).after).toEqual(PLACE);
  });

  it('is the same whatever order the conditions were given in', () => {
    const where = { actions: ['READ', 'UPDATE'], subjectId: '42' };
    expect(writeCursor({ ...QUERY, where }, PLACE, false)).toBe(writeCursor(QUERY, PLACE, false));
  });

  it('shows of a place in time no more than its id', () => {
    expect(partsOf(writeCursor(QUERY, PLACE, false)).slice(1)).toEqual([0, ID, '']);
  });
});

describe('a cursor is refused with another question:', () => {
  it.each<[string, Partial<EventQuery>]>([
    ['P47: another tenant', { tenantId: 'south' }],
    ['P47: no tenant', { tenantId: '' }],
    ['P47: all tenants', { tenantId: null }],
    ['another value', { where: { ...QUERY.where, subjectId: '43' } }],
    ['one condition less', { where: { subjectId: '42' } }],
    ['one condition more', { where: { ...QUERY.where, outcome: 'denied' } }],
    ['no condition', { where: {} }],
    ['another range', { where: { ...QUERY.where, fromId: ID } }],
    ['a search', { search: { text: 'ada', exact: 'Ada' } }],
    ['another column', { order: { column: 'action', descending: true } }],
    ['the other way round', { order: { column: 'timestamp', descending: false } }],
  ])('%s', (_, other) => {
    const error = refusal({ ...QUERY, ...other }, writeCursor(QUERY, PLACE, false));
    expect(error.code).toBe('INVALID_CURSOR');
    expect(error.message).toContain('belongs to another question');
    expect(error.message).toContain('begin without a cursor');
  });

  it('a search for the same text in another writing, which finds other ids', () => {
    const query = { ...QUERY, search: { text: 'ada', exact: 'ada' } };
    const other = { ...QUERY, search: { text: 'ada', exact: 'ADA' } };
    expect(refusal(other, writeCursor(query, PLACE, false)).code).toBe('INVALID_CURSOR');
  });
});

describe('what is no cursor of ours is refused:', () => {
  const [print] = partsOf(writeCursor(QUERY, PLACE, false));

  it.each<[string, string]>([
    ['nothing', ''],
    ['no base64', '%%% ~ not base64 ~ %%%'],
    ['base64 of no JSON', Buffer.from('cursor').toString('base64url')],
    ['a text of 1 MB', 'A'.repeat(1024 ** 2)],
    ['a megabyte of open brackets', Buffer.from('['.repeat(700_000)).toString('base64url')],
    ['brackets as deep as there is room for', Buffer.from('['.repeat(4_400)).toString('base64url')],
    ['an object', made({ 0: print, 1: 0, 2: ID, 3: '', length: 4 })],
    ['null', made(null)],
    ['a number', made(7)],
    ['an empty list', made([])],
    ['a part too few', made([print, 0, ID])],
    ['a part too many', made([print, 0, ID, '', ''])],
    ['no print', made([null, 0, ID, ''])],
    ['a direction there is not', made([print, 2, ID, ''])],
    ['a direction in words', made([print, '1', ID, ''])],
    ['an id that is none', made([print, 0, "' OR 1=1 --", ''])],
    ['an id of another version', made([print, 0, '019cea00-0000-4abc-8def-0123456789ab', ''])],
    ['an id in capitals', made([print, 0, ID.toUpperCase(), ''])],
    ['an id that is a list', made([print, 0, [ID], ''])],
    ['a value that is no text', made([print, 0, ID, { toString: 'x' }])],
    ['a value where time gives the order', made([print, 0, ID, 'zoë'])],
  ])('BAD-INPUT: %s', (_, cursor) => {
    expect(refusal(QUERY, cursor)).toMatchObject({
      code: 'INVALID_CURSOR',
      message: expect.stringContaining('not one of ours'),
    });
  });

  it.each([
    ['NUL', 'a\0b'],
    ['half a character', 'a\ud800b'],
  ])('BAD-INPUT: a value with %s, which PostgreSQL would choke on', (_, value) => {
    const [actorPrint] = partsOf(writeCursor(BY_ACTOR, PLACE, false));
    const forged = `["${String(actorPrint)}",0,"${ID}",${JSON.stringify(value)}]`;
    const cursor = Buffer.from(forged).toString('base64url');
    expect(refusal(BY_ACTOR, cursor).code).toBe('INVALID_CURSOR');
  });

  it('BAD-INPUT: a cursor cut off anywhere', () => {
    const cursor = writeCursor(BY_ACTOR, { id: ID, value: 'ada lovelace' }, false);
    for (let length = 0; length < cursor.length; length += 1)
      expect(refusal(BY_ACTOR, cursor.slice(0, length)).code, `${length} characters`).toBe('INVALID_CURSOR');
  });

  it('BAD-INPUT: a print that was guessed', () => {
    expect(refusal(QUERY, made(['AAAAAAAAAAAAAAAA', 0, ID, ''])).message).toContain('another question');
  });

  it('BAD-INPUT: and takes no time to be refused, whatever its length', () => {
    const started = performance.now();
    for (let n = 0; n < 1_000; n += 1) expect(isCursorOf(QUERY, 'A'.repeat(1024 ** 2))).toBe(false);
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
