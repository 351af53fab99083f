import { describe, expect, it } from 'vitest';

import { createAudit } from '../index.js';
import { createMemoryStore } from '../memory.js';
import { checkOptions } from '../trail/check-options.js';

const store = createMemoryStore();
const RULE = {
  type: 'many_refunds',
  actions: ['REFUND'],
  withinMs: 3_600_000,
  from: { low: 2 },
  of: () => undefined,
  describe: () => '',
};

function refusal(detectors: unknown): string {
  try {
    checkOptions({ store, detectors });
  } catch (error) {
    return error instanceof Error ? error.message : '';
  }
  return 'taken';
}

describe('the options of the detectors', () => {
  it('are taken when they are what they must be', async () => {
    const detectors = {
      failedLogins: { low: undefined, medium: 3, high: 20 },
      afterHoursReads: { low: 10, opens: '07:30', closes: '20:00' },
      massDeletion: false,
      own: [RULE, { type: 'mine', actions: ['REFUND'], period: 'day', watch: () => undefined }],
      webhook: { url: 'https://alerts.example/findings?of=clinic', secret: 'sixteen letters!' },
    };
    expect(refusal(detectors)).toBe('taken');
    expect(refusal({})).toBe('taken');
    const audit = createAudit({
      store: createMemoryStore(),
      detectors: {},
      spool: false,
      log: () => undefined,
    });
    expect(await audit.findings()).toEqual([]);
    await audit.close();
  });

  it.each<[unknown, string]>([
    [true, 'detectors is true; give an object'],
    [{ failedLogin: 1 }, 'detectors.failedLogin is no option; use failedLogins, afterHoursReads'],
    [{ failedLogins: 5 }, 'detectors.failedLogins is 5; give an object'],
    [{ failedLogins: { medum: 5 } }, 'detectors.failedLogins.medum is no option; use low, medium, high'],
    [{ failedLogins: { medium: 0 } }, 'detectors.failedLogins.medium is 0; give a whole number from 1'],
    [{ massExport: { high: 2.5 } }, 'detectors.massExport.high is 2.5; give a whole number'],
    [{ massDeletion: true }, 'detectors.massDeletion is true; give an object'],
    [{ afterHoursReads: { opens: '8:00' } }, 'detectors.afterHoursReads.opens is "8:00"; give a time of day'],
    [{ own: RULE }, 'detectors.own is object; give a list of detectors'],
    [
      { own: [{ ...RULE, type: 'Many Refunds' }] },
      'detectors.own[0].type is "Many Refunds"; give lower-case words',
    ],
    [{ own: [{ ...RULE, actions: [] }] }, 'detectors.own[0].actions is object; give a list of actions'],
    [{ own: [{ ...RULE, from: {} }] }, 'detectors.own[0].from is object; say from how many on'],
    [{ own: [{ ...RULE, withinMs: '1h' }] }, 'detectors.own[0].withinMs is "1h"; give milliseconds'],
    [{ own: [{ ...RULE, describe: undefined }] }, 'detectors.own[0].describe is undefined; give a function'],
    [{ own: [RULE, RULE] }, 'detectors.own[1].type is "many_refunds"; give each a type of its own'],
    [{ own: [{ watch: () => undefined }] }, 'detectors.own[0].type is undefined; give lower-case words'],
    [{ webhook: {} }, 'detectors.webhook.url is "undefined"; give an address'],
    [{ webhook: { url: 'file:///etc/passwd' } }, 'detectors.webhook.url is "string"; give an address'],
  ])('such as %j are refused with what to give instead', (detectors, message) => {
    expect(refusal(detectors)).toContain(`createAudit: ${message}`);
  });

  it.each([
    { url: 'https://user:hunter22@alerts.example' },
    { url: 'https://alerts.example', secret: 'hunter22' },
  ])('are refused without showing a secret in them', (webhook) => {
    expect(refusal({ webhook })).toMatch(/detectors\.webhook\.(url|secret) is/);
    expect(refusal({ webhook })).not.toContain('hunter22');
  });
});
