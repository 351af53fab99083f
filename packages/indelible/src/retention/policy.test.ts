import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { EventMatch, Selection } from '../stores/removal.js';
import { cutOff, NO_FLOOR, selectionOf, underFloor } from './policy.js';
import type { Policy } from './rule-events.js';

const AS_OF = new Date('2026-03-14T15:09:26.535Z');
const DAY_MS = 86_400_000;
const MIDNIGHT = Date.parse('2026-03-14T00:00:00.000Z');

interface Row {
  readonly tenantId: string;
  readonly action: string;
  readonly targetType: string | undefined;
  readonly hasSubject: boolean;
  readonly recordedAt: number;
}

const TENANTS = ['', 'north'];
const ACTIONS = ['READ', 'LOGIN_SUCCESS'];
const MODELS = ['Invoice', 'Patient'];
const DAYS = [1, 3, 7];

const rows = fc.record<Row>({
  tenantId: fc.constantFrom(...TENANTS),
  action: fc.constantFrom(...ACTIONS),
  targetType: fc.constantFrom(...MODELS, undefined),
  hasSubject: fc.boolean(),
  recordedAt: fc
    .tuple(fc.integer({ min: 0, max: 9 }), fc.constantFrom(-1, 0, 1))
    .map(([days, ms]) => MIDNIGHT - days * DAY_MS + ms),
});
const matches = fc.record(
  {
    tenantId: fc.constantFrom(...TENANTS),
    action: fc.constantFrom(...ACTIONS),
    targetType: fc.constantFrom(...MODELS),
  },
  { requiredKeys: [] },
);
const policies = fc
  .array(fc.tuple(matches, fc.constantFrom(...DAYS)), { maxLength: 6 })
  .map((all) => all.map(([match, days], n): Policy => ({ id: `${n}`, match, days, reason: null })));
const terms = fc.record({
  days: fc.constantFrom(...DAYS),
  floor: fc.record({ withSubject: fc.constantFrom(0, 2, 5), others: fc.constantFrom(0, 2) }),
});
const scopes = fc.record(
  { tenantId: fc.constantFrom(...TENANTS), targetType: fc.constantFrom(...MODELS) },
  { requiredKeys: [] },
);

function isMatch(match: EventMatch, row: Row): boolean {
  return Object.entries(match).every(([name, value]) => row[name as keyof Row] === value);
}

/** How often an event is asked for, clause by clause. */
function asked({ clauses }: Selection, row: Row): number {
  return clauses.filter(
    ({ match, except, recordedBefore, hasSubject }) =>
      isMatch(match, row) &&
      !except.some((one) => isMatch(one, row)) &&
      row.recordedAt < Date.parse(recordedBefore) &&
      (hasSubject === undefined || hasSubject === row.hasSubject),
  ).length;
}

/** The rule as people say it, for one event. */
function isOver(
  row: Row,
  given: readonly Policy[],
  { days, floor }: typeof terms extends fc.Arbitrary<infer T> ? T : never,
): boolean {
  const matching = given.filter(({ match }) => isMatch(match, row)).map((one) => one.days);
  const own = matching.length > 0 ? Math.max(...matching) : days;
  const kept = Math.max(own, row.hasSubject ? floor.withSubject : floor.others);
  return row.recordedAt < MIDNIGHT - kept * DAY_MS;
}

describe('what retention lets go', () => {
  it('is, for every event, what its longest policy, the days without one and the floor say', () => {
    fc.assert(
      fc.property(
        policies,
        terms,
        scopes,
        fc.array(rows, { minLength: 20, maxLength: 60 }),
        (given, by, scope, all) => {
          const selection = selectionOf({ policies: given, holds: [], terms: by, asOf: AS_OF, scope });
          for (const row of all) {
            const expected = isMatch(scope, row) && isOver(row, given, by);
            expect([row, asked(selection, row)]).toEqual([row, expected ? 1 : 0]);
          }
        },
      ),
      { numRuns: 500 },
    );
  });

  it('says nothing twice: a policy that a longer one covers has no clause', () => {
    const given: Policy[] = [
      { id: 'a', match: { targetType: 'Invoice' }, days: 2_555, reason: null },
      { id: 'b', match: { targetType: 'Invoice', action: 'READ' }, days: 90, reason: null },
      { id: 'c', match: { action: 'LOGIN_SUCCESS' }, days: 90, reason: null },
    ];
    const holds = [{ subjectId: '42' }];
    const by = { days: 2_190, floor: NO_FLOOR };
    expect(selectionOf({ policies: given, holds, terms: by, asOf: AS_OF })).toEqual({
      clauses: [
        { match: { targetType: 'Invoice' }, except: [], recordedBefore: '2019-03-16T00:00:00.000Z' },
        {
          match: { action: 'LOGIN_SUCCESS' },
          except: [{ targetType: 'Invoice' }],
          recordedBefore: '2025-12-14T00:00:00.000Z',
        },
        {
          match: {},
          except: [{ targetType: 'Invoice' }, { action: 'LOGIN_SUCCESS' }],
          recordedBefore: '2020-03-15T00:00:00.000Z',
        },
      ],
      holds,
    });
  });

  it('P49: ends at midnight in UTC, whatever the hour and the zone, and leap days are days', () => {
    for (const asOf of [
      '2024-03-01T00:00:00.000Z',
      '2024-03-01T23:59:59.999Z',
      '2024-03-02T04:00:00.000+05:00',
    ])
      expect(cutOff(new Date(asOf), 1)).toBe('2024-02-29T00:00:00.000Z');
    expect(cutOff(new Date('2026-03-29T12:00:00Z'), 2_190)).toBe('2020-03-30T00:00:00.000Z');
  });

  it('names the policies that the floor is stronger than', () => {
    const given = [90, 2_190, 2_555].map((days): Policy => ({
      id: `${days}`,
      match: {},
      days,
      reason: null,
    }));
    expect(underFloor(given, { withSubject: 2_190, others: 0 }).map(({ id }) => id)).toEqual(['90']);
    expect(underFloor(given, NO_FLOOR)).toEqual([]);
  });
});
