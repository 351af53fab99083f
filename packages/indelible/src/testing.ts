export * from './testing/capture/capture-contract.js';
export type * from './testing/capture/clinic-rows.js';
export {
  type ChangesAccount,
  type ChangesWatch,
  type OwnDatabase,
  watchChanges,
} from './testing/capture/watch-changes.js';
export { expectAudited } from './testing/expect-audited.js';
export { createFaultyStore, type FaultMode, type FaultyStore } from './testing/faulty-store.js';
export type { ExpectedEvent } from './testing/match-event.js';
export * from './testing/http/http-contract.js';
export { type AuditAssertions, auditMatchers } from './testing/matchers.js';
export {
  removalContract,
  type RawErasable,
  type RemovalUnderTest,
  type RemovingStore,
} from './testing/removal/removal-contract.js';
export {
  type SealedStore,
  sealLogContract,
  type SealLogUnderTest,
} from './testing/seal-log/seal-log-contract.js';
export {
  type RawEvent,
  type RawSubject,
  storeContract,
  type StoreUnderTest,
  type TestRunner,
} from './testing/store-contract.js';
export { createTestAudit, type TestAudit } from './testing/test-audit.js';
