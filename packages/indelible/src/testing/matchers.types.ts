// Checked by the compiler, never run: what the matchers let through in either runner, and what they do not.
/* oxlint-disable vitest/no-standalone-expect -- no test runs here */
import { expect as jestExpect } from 'expect';
import { expect } from 'vitest';

import { expectAudited } from './expect-audited.js';
import { createTestAudit } from './test-audit.js';

await import('../jest.js');
await import('../vitest.js');
const audit = createTestAudit();

await expect(audit).toHaveRecorded('READ');
await expect(audit).toHaveRecorded({ actor: { id: expect.any(String) }, changes: { room: { old: 1 } } });
await expect(audit).not.toHaveRecordedTimes({ outcome: 'denied' }, 2);
await expect(audit).toHaveRecordedNothing();
await jestExpect(audit).toHaveRecorded({ action: 'READ', reason: jestExpect.stringContaining('check') });
await jestExpect(audit).not.toHaveRecordedTimes('READ', 1);
await expectAudited(audit, () => 7, ['READ', { target: { type: 'Patient' } }]);

// @ts-expect-error A member that no event has.
await expect(audit).toHaveRecorded({ acton: 'READ' });
// @ts-expect-error An outcome that no event has.
await jestExpect(audit).toHaveRecorded({ outcome: 'fine' });
// @ts-expect-error It is how often that is asked.
await expect(audit).toHaveRecordedTimes('READ');
