import assert from 'node:assert/strict';

import { askRaw, rawHead } from '../asking.js';
import type { HttpClinic } from '../http-clinic.js';
import { type HttpScenario, scenario } from '../scenario.js';

const SOCKET: ReadonlySet<string> = new Set(['127.0.0.1', '::1']);
/** So much is kept of a header that anybody may fill at will. */
const MOST = 512;
const SPOOFED = Array.from({ length: 199 }, (_, n) => `10.9.8.${n}`).join(', ');

/** What a proxy that is trusted says, and whom it means by it; `socket` where it means nobody. */
const BELIEVED: readonly (readonly [string, string])[] = [
  ['203.0.113.7', '203.0.113.7'],
  ['6.6.6.6, 203.0.113.7', '203.0.113.7'],
  ['6.6.6.6,203.0.113.7,10.1.2.3,127.0.0.1', '203.0.113.7'],
  ['203.0.113.7:5555', '203.0.113.7'],
  ['2001:DB8:0::7', '2001:db8::7'],
  ['[2001:db8::7]:443', '2001:db8::7'],
  ['"[2001:db8::7]:443"', '2001:db8::7'],
  ['::ffff:203.0.113.7', '203.0.113.7'],
  ['fe80::1%eth0', 'fe80::1'],
  ['<script>alert(1)</script>, 203.0.113.7', '203.0.113.7'],
  ['203.0.113.7, <script>alert(1)</script>', 'socket'],
  ['203.0.113.7, unknown', 'socket'],
  ['203.0.113.7, _hidden, 10.1.2.3', '10.1.2.3'],
  ['', 'socket'],
  [',,,', 'socket'],
  ['999.1.1.1', 'socket'],
  ['127.1', 'socket'],
  ["' OR 1=1 --", 'socket'],
  ['10.0.0.1, 10.0.0.2', '10.0.0.1'],
];

/** Where a request came from. */
export const ADDRESSES: readonly HttpScenario[] = [
  scenario('P22: a spoofed X-Forwarded-For is not believed, and kept beside', {}, async (clinic) => {
    const { ip, ipSource, forwardedFor } = await seenOf(clinic, { 'x-forwarded-for': '203.0.113.7' });
    assert.ok(SOCKET.has(String(ip)), String(ip));
    assert.deepEqual([ipSource, forwardedFor], ['socket', '203.0.113.7']);
  }),

  scenario(
    'P22: a trusted proxy is believed as to the right-most hop that is none of ours',
    { trail: { trustedProxies: ['loopback', '10.0.0.0/8'] } },
    async (clinic) => {
      for (const [header, address] of BELIEVED) {
        const { ip, ipSource } = await seenOf(clinic, { 'x-forwarded-for': header });
        if (address === 'socket') assert.ok(SOCKET.has(String(ip)), `${header}: ${ip}`);
        else assert.equal(ip, address, header);
        assert.equal(ipSource, address === 'socket' ? 'socket' : 'x-forwarded-for', header);
      }
    },
  ),

  scenario(
    'P22: of 200 hops, and of 12 kilobytes of garbage, the end is looked at and kept',
    { trail: { trustedProxies: ['loopback'] } },
    async (clinic) => {
      const hops = await seenOf(clinic, { 'x-forwarded-for': `${SPOOFED}, 203.0.113.7` });
      assert.equal(hops.ip, '203.0.113.7');
      assert.ok(hops.forwardedFor?.endsWith('10.9.8.198, 203.0.113.7'));
      assert.ok(String(hops.forwardedFor).length <= MOST);
      const garbage = await seenOf(clinic, { 'x-forwarded-for': `${'\\,";'.repeat(3_000)}, 203.0.113.8` });
      assert.equal(garbage.ip, '203.0.113.8');
      assert.ok(garbage.forwardedFor?.length === MOST);
    },
  ),

  scenario(
    'P22: several headers are one list',
    { trail: { trustedProxies: ['loopback'] } },
    async (clinic) => {
      const headers = ['Authorization: Kit ann', 'X-Forwarded-For: 6.6.6.6', 'X-Forwarded-For: 203.0.113.7'];
      await askRaw(clinic.origin, rawHead('GET /api/invoices/1 HTTP/1.1', headers));
      const { request } = await clinic.expectOne('API_REQUEST Invoice 1 by ann: success 200');
      assert.equal(request?.ip, '203.0.113.7');
    },
  ),

  scenario(
    'P22: other headers that name an address are ignored, also from a trusted proxy',
    { trail: { trustedProxies: ['loopback'] } },
    async (clinic) => {
      const seen = await seenOf(clinic, {
        forwarded: 'for=6.6.6.6',
        'x-real-ip': '6.6.6.6',
        'cf-connecting-ip': '6.6.6.6',
        'true-client-ip': '6.6.6.6',
        'x-client-ip': '6.6.6.6',
      });
      assert.ok(SOCKET.has(String(seen.ip)), String(seen.ip));
      assert.deepEqual([seen.ipSource, seen.forwardedFor], ['socket', null]);
    },
  ),
];

interface Seen {
  readonly ip: string | null | undefined;
  readonly ipSource: string | null | undefined;
  readonly forwardedFor: string | null | undefined;
}

async function seenOf(clinic: HttpClinic, headers: Readonly<Record<string, string>>): Promise<Seen> {
  const { status } = await clinic.ask('/api/invoices/1', { as: 'ann', headers });
  assert.equal(status, 200);
  const { request } = await clinic.expectOne('API_REQUEST Invoice 1 by ann: success 200');
  return { ip: request?.ip, ipSource: request?.ipSource, forwardedFor: request?.forwardedFor };
}
