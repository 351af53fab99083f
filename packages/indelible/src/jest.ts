import { expect } from 'expect';

import type { ExpectedEvent } from './testing/match-event.js';
import { auditMatchers } from './testing/matchers.js';

declare module 'expect' {
  interface Matchers<R> {
    /** The trail holds an event like this one. */
    toHaveRecorded(expected: ExpectedEvent): Promise<R>;
    /** The trail holds so many events like this one. */
    toHaveRecordedTimes(expected: ExpectedEvent, times: number): Promise<R>;
  }
}

expect.extend(auditMatchers);
