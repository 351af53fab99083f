import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { AuditError } from '../../event/errors.js';
import { clientAddress, TrustedProxies } from './client-address.js';

const NOBODY = new TrustedProxies([]);
const PROXIES = new TrustedProxies(['10.0.0.0/8', '2001:db8:aa::/48', 'loopback']);

/** Proxies that count how often they are asked. */
class Counting extends TrustedProxies {
  asked = 0;

  override trusts(address: string): boolean {
    this.asked += 1;
    return super.trusts(address);
  }
}

function ipOf(peer: string | undefined, header: string | undefined, trusted = PROXIES): string | undefined {
  return clientAddress(peer, header, trusted).ip;
}

function refusal(list: readonly string[]): string {
  try {
    return String(new TrustedProxies(list).isEmpty);
  } catch (error) {
    if (error instanceof AuditError && error.code === 'INVALID_OPTIONS') return error.message;
    throw error;
  }
}

describe('the address of a client', () => {
  it('is the socket, when no proxy is trusted', () => {
    expect(clientAddress('203.0.113.7', undefined, NOBODY)).toEqual({
      ip: '203.0.113.7',
      ipSource: 'socket',
      forwardedFor: undefined,
    });
    expect(ipOf('2001:DB8::7', undefined)).toBe('2001:db8::7');
  });

  it('P22: is the socket, whatever an untrusted peer says in its header, which is kept as it came', () => {
    for (const trusted of [NOBODY, PROXIES]) {
      expect(clientAddress('203.0.113.7', '1.2.3.4, 10.0.0.1', trusted)).toEqual({
        ip: '203.0.113.7',
        ipSource: 'socket',
        forwardedFor: '1.2.3.4, 10.0.0.1',
      });
    }
  });

  it('P22: is the hop that a trusted proxy saw, whatever was forged to its left', () => {
    expect(clientAddress('10.0.0.1', '127.0.0.1, 10.9.9.9, 198.51.100.4', PROXIES)).toEqual({
      ip: '198.51.100.4',
      ipSource: 'x-forwarded-for',
      forwardedFor: '127.0.0.1, 10.9.9.9, 198.51.100.4',
    });
  });

  it.each([
    ['198.51.100.4, 10.0.0.2', '198.51.100.4'],
    ['198.51.100.4,10.0.0.3,10.0.0.2', '198.51.100.4'],
    ['1.1.1.1, 198.51.100.4, 10.0.0.3, ::1, 2001:db8:aa::5', '198.51.100.4'],
    ['10.0.0.4, 10.0.0.3', '10.0.0.4'],
    ['10.0.0.3', '10.0.0.3'],
  ])('P22: is found over several trusted hops, in %j', (header, ip) => {
    expect(ipOf('10.0.0.1', header)).toBe(ip);
  });

  it.each([
    ['198.51.100.4:8080', '198.51.100.4'],
    ['[2001:db8::7]:8080', '2001:db8::7'],
    ['"[2001:DB8::7]"', '2001:db8::7'],
    ['2001:db8::7, 10.0.0.2:4711', '2001:db8::7'],
    ['fe80::7%eth0', 'fe80::7'],
  ])('P22: has no port, brackets, quotes or zone, in %j', (header, ip) => {
    expect(ipOf('10.0.0.1', header)).toBe(ip);
  });

  it('P22: is IPv4 also where it was mapped into IPv6, and a mapped proxy is the one it is', () => {
    expect(ipOf('::ffff:203.0.113.7', undefined)).toBe('203.0.113.7');
    expect(ipOf('::ffff:10.0.0.1', '::ffff:198.51.100.4, ::ffff:10.0.0.2')).toBe('198.51.100.4');
    expect(ipOf('::ffff:a00:1', '198.51.100.4')).toBe('198.51.100.4');
  });

  it.each(['unknown', '127.1', '0x7f.0.0.1', '', ' ', '_proxy', '198.51.100.4:x', '<script>', '\0', '💣'])(
    'P22: never is %j, nor what stands left of it',
    (garbage) => {
      expect(clientAddress('10.0.0.1', `1.1.1.1, ${garbage}`, PROXIES)).toMatchObject({
        ip: '10.0.0.1',
        ipSource: 'socket',
      });
      expect(clientAddress('10.0.0.1', `1.1.1.1, ${garbage}, 10.0.0.2`, PROXIES)).toMatchObject({
        ip: '10.0.0.2',
        ipSource: 'x-forwarded-for',
      });
      expect(ipOf('10.0.0.1', `${garbage}, 198.51.100.4`)).toBe('198.51.100.4');
    },
  );

  it.each([undefined, '', '/run/app.sock', '@abstract', 'unknown'])(
    'P22: is not known of the peer %j, and its header is not believed',
    (peer) => {
      const trusted = new TrustedProxies(['private']);
      expect(clientAddress(peer, '198.51.100.4', trusted)).toEqual({
        ip: undefined,
        ipSource: undefined,
        forwardedFor: '198.51.100.4',
      });
    },
  );

  it('P22: is looked for in the last 200 hops and no further', () => {
    const hops = (n: number): string => Array.from({ length: n }, () => '10.0.0.2').join(',');
    expect(ipOf('10.0.0.1', `198.51.100.4,${hops(199)}`)).toBe('198.51.100.4');
    expect(ipOf('10.0.0.1', `198.51.100.4,${hops(200)}`)).toBe('10.0.0.2');
    expect(ipOf('10.0.0.1', Array.from({ length: 200 }, () => '198.51.100.4').join())).toBe('198.51.100.4');
  });

  it.each([
    ['trusted hops', '10.0.0.2,'.repeat(120_000) + '10.0.0.2'],
    ['other hops', '198.51.100.4,'.repeat(80_000) + '198.51.100.4'],
    ['commas', ','.repeat(1_000_000)],
    ['spaces', ' '.repeat(1_000_000)],
    ['nothing to part it', '1'.repeat(1_000_000)],
  ])('P22: costs a bounded number of looks in 1 MB of %s', (_, header) => {
    const trusted = new Counting(['10.0.0.0/8']);
    expect(ipOf('10.0.0.1', header, trusted)).toBeDefined();
    expect(trusted.asked).toBeLessThanOrEqual(201);
    const cautious = new Counting(['10.0.0.0/8']);
    expect(ipOf('203.0.113.7', header, cautious)).toBe('203.0.113.7');
    expect(cautious.asked).toBe(1);
  });

  it('P22: is looked for in the last 8 KiB, of which a hop that is cut is not believed', () => {
    const hops = (n: number): string => Array.from({ length: n }, () => '10.0.0.2'.padStart(63)).join(',');
    expect(ipOf('10.0.0.1', `198.51.100.4,${hops(127)}`)).toBe('198.51.100.4');
    expect(ipOf('10.0.0.1', `198.51.100.4,${hops(128)}`)).toBe('10.0.0.2');
    const cut = `198.51.100.4,${' '.repeat(54)}${hops(127)}`;
    expect(cut.slice(-8 * 1024).startsWith('8.51.100.4,')).toBe(true);
    expect(ipOf('10.0.0.1', cut)).toBe('10.0.0.2');
  });

  it('P22: never depends on the header of an untrusted peer', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6(), fc.string()), hostile(), (peer, header) => {
        const trusted = new TrustedProxies(['203.0.113.0/24']);
        fc.pre(!trusted.trusts(peer));
        const { ip, ipSource } = clientAddress(peer, header, trusted);
        expect({ ip, ipSource }).toEqual({
          ...clientAddress(peer, undefined, trusted),
          forwardedFor: undefined,
        });
      }),
    );
  });

  it('P22: is what the nearest proxy wrote, whatever text stands left of it', () => {
    fc.assert(
      fc.property(hostile(), fc.ipV4(), (forged, client) => {
        fc.pre(!PROXIES.trusts(client));
        expect(ipOf('10.0.0.1', `${forged},${client}`)).toBe(client);
        expect(ipOf('10.0.0.1', `${forged}, ${client}, 10.0.0.2`)).toBe(client);
      }),
    );
  });

  it('P22: throws for no texts at all', () => {
    fc.assert(
      fc.property(
        fc.option(hostile(), { nil: undefined }),
        fc.option(hostile(), { nil: undefined }),
        (peer, header) => {
          const { ip, ipSource, forwardedFor = '' } = clientAddress(peer, header, PROXIES);
          expect(ip === undefined).toBe(ipSource === undefined);
          expect(forwardedFor.length).toBeLessThanOrEqual(512);
        },
      ),
    );
  });
});

describe('the raw header', () => {
  it('P22: is kept to 512 characters of its end, which was written nearest to us', () => {
    const header = `${'1.2.3.4, '.repeat(200)}198.51.100.4`;
    const kept = clientAddress('203.0.113.7', header, NOBODY).forwardedFor ?? '';
    expect(kept).toHaveLength(512);
    expect(kept).toBe(`…${header.slice(-511)}`);
    expect(clientAddress(undefined, 'x'.repeat(512), NOBODY).forwardedFor).toBe('x'.repeat(512));
  });

  it('has no character split', () => {
    const kept = clientAddress(undefined, '😀'.repeat(400), NOBODY).forwardedFor ?? '';
    expect(kept).toBe(`…${'😀'.repeat(255)}`);
  });
});

describe('trusted proxies', () => {
  it.each<[string, readonly string[], readonly string[]]>([
    ['10.1.2.3', ['10.1.2.3', '::ffff:10.1.2.3'], ['10.1.2.4', '::10.1.2.3']],
    ['10.1.2.3/8', ['10.0.0.0', '10.255.255.255', '::ffff:10.9.9.9'], ['9.255.255.255', '11.0.0.0']],
    ['192.0.2.0/25', ['192.0.2.127'], ['192.0.2.128']],
    ['2001:db8::1', ['2001:db8::1', '2001:DB8:0::1', '2001:db8::1%eth0'], ['2001:db8::2', '::1']],
    ['2001:db8::/33', ['2001:db8:7fff::1'], ['2001:db8:8000::1', '10.0.0.1']],
    ['::ffff:10.0.0.0/104', ['10.1.2.3', '::ffff:10.1.2.3'], ['11.0.0.0']],
    ['loopback', ['127.0.0.1', '127.255.255.255', '::1'], ['128.0.0.1', '10.0.0.1']],
    ['linklocal', ['169.254.0.1', 'fe80::1', 'febf::1'], ['169.253.0.1', 'fec0::1']],
    [
      'uniquelocal',
      ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.9.9', 'fc00::1', 'fdff::1'],
      ['172.32.0.1', '192.169.0.1', '127.0.0.1', 'fe00::1'],
    ],
    [
      'private',
      ['127.0.0.1', '169.254.0.1', '10.0.0.1', '::1', 'fe80::1', 'fd00::1'],
      ['100.64.0.1', '8.8.8.8'],
    ],
  ])('of %s are exactly those', (entry, inside, outside) => {
    const trusted = new TrustedProxies([entry]);
    for (const address of inside) expect([address, trusted.trusts(address)]).toEqual([address, true]);
    for (const address of outside) expect([address, trusted.trusts(address)]).toEqual([address, false]);
  });

  it('are trusted again the second time, and nobody besides them is', () => {
    const trusted = new TrustedProxies(['10.0.0.0/8']);
    for (let i = 0; i < 1000; i += 1) {
      expect(trusted.trusts(`10.0.${i >> 8}.${i & 255}`)).toBe(true);
      expect(trusted.trusts('10.0.0.0')).toBe(true);
      expect(trusted.trusts('11.0.0.0')).toBe(false);
    }
    for (const garbage of ['', 'unknown', '10.1', '/run/app.sock'])
      expect(trusted.trusts(garbage)).toBe(false);
  });

  it('know whether there are any', () => {
    expect(NOBODY.isEmpty).toBe(true);
    expect(NOBODY.trusts('127.0.0.1')).toBe(false);
    expect(PROXIES.isEmpty).toBe(false);
  });

  it('are the addresses that agree with a range in its first bits', () => {
    fc.assert(
      fc.property(
        fc.nat(2 ** 32 - 1),
        fc.nat(2 ** 32 - 1),
        fc.integer({ min: 1, max: 32 }),
        (net, other, prefix) => {
          const text = (n: number): string => [24, 16, 8, 0].map((shift) => (n >>> shift) & 255).join('.');
          const shift = BigInt(32 - prefix);
          const isInside = BigInt(net) >> shift === BigInt(other) >> shift;
          const trusted = new TrustedProxies([`${text(net)}/${prefix}`]);
          expect(trusted.trusts(text(other))).toBe(isInside);
          expect(trusted.trusts(text(net))).toBe(true);
        },
      ),
    );
  });

  it.each([
    ['', '""; give an address'],
    [
      'proxy.local',
      '"proxy.local"; give an address such as "10.0.0.7", a range such as "10.0.0.0/8", or one of',
    ],
    ['Loopback', 'loopback, linklocal, uniquelocal, private'],
    ['constructor', '"constructor"; give an address'],
    ['10.0.0', '"10.0.0"; give an address'],
    ['10.0.0.1:80', '"10.0.0.1:80"; give an address'],
    [' 10.0.0.1', '" 10.0.0.1"; give an address'],
    ['fe80::1%eth0', '"fe80::1%eth0"; give an address'],
    ['10.0.0.0/8/8', '"10.0.0.0/8/8"; give an address'],
    ['10.0.0.0/33', '"10.0.0.0/33"; after the slash give how many of its 32 bits are fixed, from 1 to 32'],
    ['10.0.0.0/', 'from 1 to 32'],
    ['10.0.0.0/-1', 'from 1 to 32'],
    ['10.0.0.0/8.5', 'from 1 to 32'],
    ['10.0.0.0/255.0.0.0', 'from 1 to 32'],
    ['2001:db8::/129', 'from 1 to 128'],
    ['0.0.0.0/0', '"0.0.0.0/0"; which trusts everybody, so that any caller could choose the address'],
    ['10.0.0.0/0', 'trusts everybody'],
    ['::/0', 'trusts everybody'],
    ['2000::/3', 'trusts everybody'],
    ['::ffff:0:0/96', 'trusts everybody'],
    ['::/80', 'trusts everybody'],
  ])('are refused as %j with what to give instead', (entry, message) => {
    expect(refusal(['127.0.0.1', entry])).toContain(message);
  });
});

/** Texts as headers are, and texts as they never should be. */
function hostile(): fc.Arbitrary<string> {
  const hop = fc.oneof(
    fc.ipV4(),
    fc.ipV6(),
    fc.ipV4().map((ip) => `10.0.0.2, ${ip}:80`),
    fc.ipV6().map((ip) => `"[${ip}]:443"`),
    fc.constantFrom('unknown', '', ' ', '127.1', '10.0.0.3', '::1', '%', '[', ']:', '"', ':'),
    fc.string({ unit: 'binary' }),
  );
  return fc.array(hop, { maxLength: 12 }).map((hops) => hops.join(','));
}
