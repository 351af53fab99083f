import { AssertionError } from 'node:assert';

import type { Catalogue } from '../event/actions.js';
import type { Audit } from '../trail/create-audit.js';
import { describeEvents, describeExpected, type ExpectedEvent, matchesEvent } from './match-event.js';
import { eventsOf } from './test-audit.js';

/**
 * Runs `work` and fails unless it recorded exactly what is expected, in that order; an empty list expects
 * nothing to be recorded. Resolves to what `work` did.
 *
 * @example
 * ```ts
 * const audit = createTestAudit();
 * await expectAudited(audit, () => audit.record({ action: 'LOGOUT' }), [{ action: 'LOGOUT', outcome: 'success' }]);
 * ```
 */
export async function expectAudited<T>(
  audit: Pick<Audit<Catalogue>, 'flush' | 'stream'>,
  work: () => T | Promise<T>,
  expected: ExpectedEvent | readonly ExpectedEvent[],
): Promise<T> {
  const wanted = isList(expected) ? expected : [expected];
  const known = new Set((await eventsOf(audit)).map((event) => event.id));
  const result = await work();
  const events = (await eventsOf(audit)).filter((event) => !known.has(event.id));
  if (events.length === wanted.length && events.every((event, i) => matchesEvent(event, wanted[i] ?? '')))
    return result;
  throw new AssertionError({
    message: `Expected to be recorded:\n${list(wanted)}\nWas recorded:\n${describeEvents(events)}`,
    expected: wanted,
    actual: events,
    operator: 'expectAudited',
  });
}

function isList(expected: ExpectedEvent | readonly ExpectedEvent[]): expected is readonly ExpectedEvent[] {
  return Array.isArray(expected);
}

function list(wanted: readonly ExpectedEvent[]): string {
  return wanted.length === 0 ? '  nothing' : wanted.map((one) => `  ${describeExpected(one)}`).join('\n');
}
