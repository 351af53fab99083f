import { expect } from 'vitest';

import type { ExpectedEvent } from './testing/match-event.js';
import { auditMatchers } from './testing/matchers.js';

declare module 'vitest' {
  interface Matchers<T> {
    /** The trail holds an event like this one. */
    toHaveRecorded(expected: ExpectedEvent): Promise<T>;
    /** The trail holds so many events like this one. */
    toHaveRecordedTimes(expected: ExpectedEvent, times: number): Promise<T>;
  }
}

expect.extend(auditMatchers);
