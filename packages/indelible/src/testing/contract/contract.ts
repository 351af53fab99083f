import type { Store } from '../../stores/store.js';

/** An event as it lies in the store, read by other means than the store. */
export interface RawEvent {
  readonly id: string;
  readonly action: string;
  readonly payload: string | null;
  /** In hexadecimal, as `salt` is. */
  readonly payloadDigest: string;
  readonly salt: string | null;
}

export interface RawSubject {
  readonly subjectId: string;
  readonly eventId: string;
}

/** A store to be held to its contract, and ways to its rows that do not go through it. */
export interface StoreUnderTest {
  readonly store: Store;
  /** The events of one tenant, in any order. */
  readonly rawEvents: (tenantId: string) => Promise<readonly RawEvent[]>;
  /** The subjects of events that concern many, each with its event's id, of one tenant. */
  readonly rawSubjects: (tenantId: string) => Promise<readonly RawSubject[]>;
  /** Closes whatever is still open and removes what was made. */
  readonly remove: () => Promise<void>;
}

/** The functions of a test runner that the kit needs; vitest, jest and node:test have them. */
export interface TestRunner {
  readonly describe: (name: string, body: () => void) => unknown;
  readonly it: (name: string, body: () => Promise<void>) => unknown;
  readonly afterAll: (body: () => Promise<void>) => unknown;
}

/** What the parts of the contract work with. A test has the shared store's room of a tenant that no other test uses. */
export interface Contract {
  readonly runner: TestRunner;
  /** The store that all tests share. */
  readonly shared: () => Promise<StoreUnderTest>;
  /** A store for one test, removed after it. */
  readonly alone: (test: (subject: StoreUnderTest) => Promise<void>) => Promise<void>;
}
