import { expect as jestExpect } from 'expect';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { action } from '../event/actions.js';
import { expectAudited } from './expect-audited.js';
import { createTestAudit, type TestAudit } from './test-audit.js';

await import('../vitest.js');
await import('../jest.js');

const READ = { action: 'READ', target: { type: 'Patient', id: '42', label: 'Ada Abel' } } as const;
const UPDATE = {
  action: 'UPDATE',
  target: { type: 'Patient', id: '42' },
  before: { room: 1 },
  after: { room: 2 },
} as const;

describe('the testing kit', () => {
  let audit: TestAudit;

  beforeEach(() => {
    audit = createTestAudit();
  });

  afterEach(() => audit.close());

  it('shows what was recorded, oldest first, without what the trail says of itself', async () => {
    await audit.record(READ);
    await audit.record(UPDATE);
    expect((await audit.events()).map((event) => event.action)).toEqual(['READ', 'UPDATE']);
  });

  it('shows an event of the system, and what was lost, like any other', async () => {
    await audit.record({ action: 'SETTINGS_CHANGE', source: 'system' });
    await audit.record({ action: 'AUDIT_GAP', metadata: { count: 3 } });
    expect((await audit.events()).map((event) => event.action)).toEqual(['SETTINGS_CHANGE', 'AUDIT_GAP']);
  });

  it('shows the events of every tenant', async () => {
    await audit.run({ tenantId: 'north' }, () => audit.record(READ));
    expect((await audit.events()).map((event) => event.tenantId)).toEqual(['north']);
  });

  it('takes the options of createAudit, its catalogue too', async () => {
    const own = createTestAudit({ actions: { APPROVED: action<{ by: string }>() } });
    await own.record({ action: 'APPROVED', metadata: { by: 'Dr Lee' } });
    expect(await own.events()).toMatchObject([{ action: 'APPROVED', metadata: { by: 'Dr Lee' }, flags: [] }]);
    await own.close();
  });

  describe('expectAudited', () => {
    it('gives back what the work did when exactly the expected was recorded', async () => {
      const work = async (): Promise<string> => {
        await audit.record(READ);
        await audit.record(UPDATE);
        return 'done';
      };
      const expected = ['READ', { action: 'UPDATE', changes: { room: { old: 1, new: 2 } } }];
      expect(await expectAudited(audit, work, expected)).toBe('done');
    });

    it('looks only at what the work itself recorded', async () => {
      await audit.record(READ);
      await expectAudited(audit, () => audit.record(UPDATE), 'UPDATE');
    });

    it.each([
      ['something else was recorded', () => READ, 'UPDATE', 'READ Patient 42 by system: success'],
      ['a member differs', () => READ, { action: 'READ', outcome: 'denied' }, '"outcome":"denied"'],
      ['nothing was expected', () => READ, [], 'READ Patient 42'],
      ['more was expected', () => READ, ['READ', 'READ'], 'READ\n  READ'],
    ] as const)('fails when %s, and says what was recorded', async (_, event, expected, message) => {
      const failure = expectAudited(audit, () => audit.record(event()), expected);
      await expect(failure).rejects.toThrow(message);
    });

    it('fails when nothing was recorded, and says so', async () => {
      await expect(expectAudited(audit, () => undefined, 'READ')).rejects.toThrow('nothing was recorded');
    });

    it('lets an error of the work through', async () => {
      const work = (): never => {
        throw new Error('the work failed');
      };
      await expect(expectAudited(audit, work, [])).rejects.toThrow('the work failed');
    });
  });

  describe.each([
    ['Vitest', expect],
    ['Jest', jestExpect as unknown as typeof expect],
  ])('with the matchers of %s', (_, anyExpect) => {
    const passes = async (assertion: Promise<void>): Promise<void> => expect(await assertion).toBeUndefined();

    it('finds an event like the one expected', async () => {
      await audit.record(READ);
      expect(await anyExpect(audit).toHaveRecorded('READ')).toBeUndefined();
      await passes(anyExpect(audit).toHaveRecorded({ action: 'READ', target: { label: 'Ada Abel' } }));
      await passes(anyExpect(audit).not.toHaveRecorded('DELETE'));
      await passes(anyExpect(audit).not.toHaveRecorded({ target: { label: 'Ada' } }));
      await passes(anyExpect(audit).not.toHaveRecorded({ changes: { room: { new: 2 } } }));
    });

    it('takes the place holders of the runner for values', async () => {
      await audit.record(READ);
      const id = anyExpect.stringMatching(/^[0-9a-f-]{36}$/);
      await passes(anyExpect(audit).toHaveRecorded({ id, target: anyExpect.objectContaining({ id: '42' }) }));
      const wrong = anyExpect(audit).toHaveRecorded({ target: { label: anyExpect.stringContaining('Eve') } });
      await expect(wrong).rejects.toThrow(/"label":"StringContaining/);
    });

    it('counts events', async () => {
      await audit.record(READ);
      await audit.record(READ);
      await passes(anyExpect(audit).toHaveRecordedTimes('READ', 2));
      await passes(anyExpect(audit).not.toHaveRecordedTimes('READ', 1));
      await passes(anyExpect(audit).toHaveRecordedTimes('DELETE', 0));
      const wrong = anyExpect(audit).toHaveRecordedTimes('READ', 3);
      await expect(wrong).rejects.toThrow('READ to be recorded 3 times, it was 2 times');
    });

    it('knows when nothing was recorded', async () => {
      await passes(anyExpect(audit).toHaveRecordedNothing());
      await audit.record(READ);
      await passes(anyExpect(audit).not.toHaveRecordedNothing());
      await expect(anyExpect(audit).toHaveRecordedNothing()).rejects.toThrow('READ Patient 42 by system');
    });

    it('says what was recorded when it fails, both ways', async () => {
      await audit.record(READ);
      await expect(anyExpect(audit).toHaveRecorded('DELETE')).rejects.toThrow('READ Patient 42 by system');
      await expect(anyExpect(audit).not.toHaveRecorded('READ')).rejects.toThrow('not to be recorded');
    });

    it('refuses what is no trail', async () => {
      await expect(anyExpect({}).toHaveRecorded('READ')).rejects.toThrow('made by createAudit');
    });
  });
});
