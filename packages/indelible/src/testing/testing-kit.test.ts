import '../vitest.js';
import '../jest.js';

import { expect as jestExpect } from 'expect';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { action } from '../event/actions.js';
import { expectAudited } from './expect-audited.js';
import { createTestAudit, type TestAudit } from './test-audit.js';

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
    it('finds an event like the one expected', async () => {
      await audit.record(READ);
      await anyExpect(audit).toHaveRecorded('READ');
      await anyExpect(audit).toHaveRecorded({ action: 'READ', target: { label: 'Ada Abel' } });
      await anyExpect(audit).not.toHaveRecorded('DELETE');
    });

    it('counts events', async () => {
      await audit.record(READ);
      await audit.record(READ);
      await anyExpect(audit).toHaveRecordedTimes('READ', 2);
      await anyExpect(audit).not.toHaveRecordedTimes('READ', 1);
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
