import type { Entry } from '../../event/entry.js';
import type { Retention } from '../../stores/removal.js';
import type { TestRunner } from '../contract/contract.js';
import type { RawSubject } from '../contract/contract.js';
import type { SealedStore, SealLogUnderTest } from '../seal-log/under-test.js';

export type RemovingStore = SealedStore & { readonly retention: Retention };

/** What a removal may take of an event, as it lies in the store, and its id, which it may not. */
export interface RawErasable {
  readonly id: string;
  readonly payload: string | null;
  /** In hexadecimal. */
  readonly salt: string | null;
  readonly role: string | null;
  readonly ip: string | null;
  readonly actorText: string | null;
  readonly text: string | null;
}

/** A store that lets events go, to be held to its contract, and ways to its rows that do not go through it. */
export interface RemovalUnderTest extends Pick<SealLogUnderTest, 'rawTallies' | 'slipIn' | 'remove'> {
  /** Migrated, and empty. */
  readonly store: RemovingStore;
  /** One more store on the same data, as another process would open it; `remove` closes it, too. */
  readonly another: () => Promise<RemovingStore>;
  /** Every row of the seals, nodes, checkpoints and the head, in any form that can be compared. */
  readonly rawSealed: () => Promise<unknown>;
  /** The events of all tenants, in any order. */
  readonly rawEvents: () => Promise<readonly RawErasable[]>;
  readonly rawSubjects: () => Promise<readonly RawSubject[]>;
}

/** What the parts of the contract work with: each test has a store of its own, or one that is only read. */
export interface RemovalContract {
  readonly runner: TestRunner;
  /** A store for one test, removed after it. */
  readonly alone: (test: (subject: RemovalUnderTest) => Promise<void>) => Promise<void>;
  /** A store of its own, kept until every test has ended. */
  readonly kept: () => Promise<RemovalUnderTest>;
}

/** How a refusal reads. */
export const REFUSED: { readonly name: string; readonly code: string } = {
  name: 'AuditError',
  code: 'INVALID_OPTIONS',
};

/** A batch of a removal, as raw rows must have it: everything but the id is empty. */
export function emptied({ core }: Entry): RawErasable {
  return { id: core.id, payload: null, salt: null, role: null, ip: null, actorText: null, text: null };
}

export function whole({ core, payload, salt, search }: Entry): RawErasable {
  const { role = null, ip = null, actorText = null, text = null } = search;
  return { id: core.id, payload, salt, role, ip, actorText, text };
}
