import { expect } from 'vitest';

import { lineOf } from '../../src/testing/http/event-line.js';
import { createTestAudit, type TestAudit } from '../../src/testing/test-audit.js';

export const PATIENT = { id: '1', name: 'Ben Birch', patient_id: '7' };

const closing: (() => unknown)[] = [];

/** To be closed after the test, what was opened last at first. */
export function closeLater(close: () => unknown): void {
  closing.push(close);
}

export async function closeAll(): Promise<void> {
  for (const close of closing.splice(0).toReversed()) await close();
}

/** A trail for a test of what is peculiar to a framework; nothing may be reported. */
export function openTrail(options: Parameters<typeof createTestAudit>[0] = {}): TestAudit {
  const audit = createTestAudit({
    models: { Patient: { subject: 'patient_id' } },
    onError: (error) => expect.unreachable(error.message),
    ...options,
  });
  closeLater(() => audit.close());
  return audit;
}

export async function linesOf(audit: TestAudit): Promise<string[]> {
  return (await audit.events()).map(lineOf);
}
