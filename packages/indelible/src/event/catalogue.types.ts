/** Compiled, never run: each `@ts-expect-error` is a mistake that must not compile. */
import { createMemoryStore } from '../memory.js';
import { type Audit, createAudit } from '../trail/create-audit.js';
import { action, type Catalogue } from './actions.js';

interface Refund {
  amount: string;
  note?: string;
}

const audit = createAudit({
  store: createMemoryStore(),
  actions: {
    APPROVED: action(),
    PAYMENT_RECEIVED: action<{ amount: string; method: 'cash' | 'card' }>(),
    REFUNDED: action<Refund>(),
    REMINDED: action<{ channel?: string }>(),
    EXPORT: action<{ rows: number }>(),
  },
});
const plain = createAudit({ store: createMemoryStore() });

export async function whatIsRightCompiles(): Promise<void> {
  await plain.record({ action: 'READ' });
  await plain.record({ action: 'EXPORT', metadata: { anything: [1, 'goes'] } });
  await audit.record({ action: 'READ', target: { type: 'Patient', id: '1' } });
  await audit.record({ action: 'APPROVED' });
  await audit.record({ action: 'APPROVED', metadata: { by: 'phone' } });
  await audit.record({ action: 'PAYMENT_RECEIVED', metadata: { amount: '12.00', method: 'cash' } });
  const refund: Refund = { amount: '3.00' };
  await audit.record({ action: 'REFUNDED', metadata: refund, reason: 'paid twice' });
  await audit.record({ action: 'REMINDED' });
  await audit.record({ action: 'REMINDED', metadata: { channel: 'sms' } });
  await audit.record({ action: 'EXPORT', metadata: { rows: 12 } });
}

/** What an adapter asks for: any trail, whatever its catalogue. */
export async function anyTrailWillDo(): Promise<void> {
  const adapter = (any: Audit<Catalogue>): Promise<unknown> => any.record({ action: 'READ' });
  await adapter(plain);
  await adapter(audit);
}

export async function whatIsMisspeltDoesNot(): Promise<void> {
  // @ts-expect-error a built-in action
  await plain.record({ action: 'REED' });
  // @ts-expect-error an action of a catalogue
  await audit.record({ action: 'APROVED' });
  // @ts-expect-error an action of another catalogue
  await plain.record({ action: 'APPROVED' });
  // @ts-expect-error lower case
  await plain.record({ action: 'read' });
  // @ts-expect-error no action at all
  await plain.record({ target: { type: 'Patient', id: '1' } });
  // @ts-expect-error an outcome
  await plain.record({ action: 'READ', outcome: 'sucess' });
  // @ts-expect-error a field
  await plain.record({ action: 'READ', tenant: 'a' });
}

export async function whatMetadataLacksDoesNot(): Promise<void> {
  // @ts-expect-error metadata left out
  await audit.record({ action: 'PAYMENT_RECEIVED' });
  // @ts-expect-error a key missing
  await audit.record({ action: 'PAYMENT_RECEIVED', metadata: { amount: '12.00' } });
  // @ts-expect-error a key of the wrong type: money is a text
  await audit.record({ action: 'PAYMENT_RECEIVED', metadata: { amount: 12, method: 'cash' } });
  // @ts-expect-error a value that is not of the few allowed
  await audit.record({ action: 'PAYMENT_RECEIVED', metadata: { amount: '12.00', method: 'gold' } });
  // @ts-expect-error a key that is misspelt
  await audit.record({ action: 'REFUNDED', metadata: { amount: '3.00', nota: 'x' } });
  // @ts-expect-error a key that may be left out, of the wrong type
  await audit.record({ action: 'REMINDED', metadata: { channel: 5 } });
  // @ts-expect-error a built-in action whose metadata the catalogue names
  await audit.record({ action: 'EXPORT', metadata: {} });
  // @ts-expect-error the metadata of another action
  await audit.record({ action: 'PAYMENT_RECEIVED', metadata: { rows: 12 } });
}
