import type { Catalogue } from '../event/actions.js';
import type { Audit } from '../trail/create-audit.js';
import { describeEvents, describeExpected, type ExpectedEvent, matchesEvent } from './match-event.js';
import { eventsOf } from './test-audit.js';

/** What the matchers add to `expect(audit)`. They wait for the trail, so they have to be awaited. */
export interface AuditAssertions {
  /** The trail holds an event like this one. */
  toHaveRecorded(expected: ExpectedEvent): Promise<void>;
  /** The trail holds so many events like this one. */
  toHaveRecordedTimes(expected: ExpectedEvent, times: number): Promise<void>;
  /** The trail holds no event at all but its own start. */
  toHaveRecordedNothing(): Promise<void>;
}

interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

type AuditLike = Pick<Audit<Catalogue>, 'flush' | 'stream'>;

/**
 * Matchers for the `expect` of Vitest and of Jest; `indelible/vitest` and `indelible/jest` hand them over.
 *
 * @example
 * ```ts
 * expect.extend(auditMatchers);
 * await audit.record({ action: 'READ', target: { type: 'Patient', id: '42' } });
 * await expect(audit).toHaveRecorded({ action: 'READ', target: { type: 'Patient', id: '42' } });
 * ```
 */
export const auditMatchers: {
  [K in keyof AuditAssertions]: (
    audit: unknown,
    ...args: Parameters<AuditAssertions[K]>
  ) => Promise<MatcherResult>;
} = {
  async toHaveRecorded(audit, expected) {
    return result(audit, expected, (found) => found > 0, 'at least once');
  },
  async toHaveRecordedTimes(audit, expected, times) {
    return result(audit, expected, (found) => found === times, `${times} times`);
  },
  async toHaveRecordedNothing(audit) {
    return result(audit, {}, (found) => found === 0, '0 times');
  },
};

async function result(
  audit: unknown,
  expected: ExpectedEvent,
  isEnough: (found: number) => boolean,
  howOften: string,
): Promise<MatcherResult> {
  if (!isAudit(audit))
    throw new TypeError('expect(...) needs a trail made by createAudit or createTestAudit');
  const events = await eventsOf(audit);
  const found = events.filter((event) => matchesEvent(event, expected)).length;
  const pass = isEnough(found);
  const message = (): string =>
    `Expected ${describeExpected(expected)} ${pass ? 'not ' : ''}to be recorded ${howOften}, it was ${found} times. Recorded:\n${describeEvents(events)}`;
  return { pass, message };
}

function isAudit(value: unknown): value is AuditLike {
  return typeof value === 'object' && value !== null && 'stream' in value && 'flush' in value;
}
