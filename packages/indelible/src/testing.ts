export { expectAudited } from './testing/expect-audited.js';
export { createFaultyStore } from './testing/faulty-store.js';
export type { ExpectedEvent } from './testing/match-event.js';
export { auditMatchers } from './testing/matchers.js';
export { createTestAudit, type TestAudit } from './testing/test-audit.js';
export { storeContract } from './testing/store-contract.js';
