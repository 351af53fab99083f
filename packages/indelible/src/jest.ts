import { expect } from 'expect';

import { type AuditAssertions, auditMatchers } from './testing/matchers.js';

declare module 'expect' {
  interface Matchers<R extends void | Promise<void>, T> extends AuditAssertions {}
}

expect.extend(auditMatchers);
