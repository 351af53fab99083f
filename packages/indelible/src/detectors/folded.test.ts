import { afterAll, describe, expect, it } from 'vitest';

import { openTestTrail, removeTemporaryFolders } from '../../test/test-trail.js';

afterAll(removeTemporaryFolders);

describe('a flood of failed logins', () => {
  it('is found with all of its attempts, though only some of them were recorded one by one', async () => {
    const { audit } = openTestTrail();
    const attempt = (ip: string): Promise<unknown> =>
      audit.auth.loginFailed({ username: 'anna', why: 'wrong_password', request: { ip } });
    for (let n = 0; n < 300; n += 1) await attempt('203.0.113.9');
    for (let n = 0; n < 100; n += 1) await attempt(`2001:db8:1:2::${n % 10}`);
    await audit.flush();
    const findings = await audit.findings();
    expect(findings.map(({ type, count, ip }) => ({ type, count, ip }))).toEqual(
      expect.arrayContaining([
        { type: 'failed_logins', count: 300, ip: '203.0.113.9' },
        { type: 'failed_logins', count: 100, ip: null },
      ]),
    );
    expect(findings.map(({ description }) => description)).toEqual(
      expect.arrayContaining([
        '300 failed logins from 203.0.113.9; suspicious from 5 within 7 days',
        '100 failed logins from 2001:db8:1:2::/64; suspicious from 5 within 7 days',
      ]),
    );
    expect(Math.max(...findings.map(({ events }) => events.length))).toBeLessThan(40);
    await audit.close();
  });
});
