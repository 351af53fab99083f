import { expect } from 'vitest';

import { type AuditAssertions, auditMatchers } from './testing/matchers.js';

declare module 'vitest' {
  interface Assertion<T> extends AuditAssertions {}
}

expect.extend(auditMatchers);
