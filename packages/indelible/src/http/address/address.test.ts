import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { readAddress } from './address.js';

describe('readAddress', () => {
  it.each([
    ['203.0.113.7', '203.0.113.7'],
    ['  203.0.113.7\t', '203.0.113.7'],
    ['203.0.113.7:80', '203.0.113.7'],
    ['"203.0.113.7:65535"', '203.0.113.7'],
    ['2001:db8::7', '2001:db8::7'],
    ['2001:DB8:0:0:0:0:0:7', '2001:db8::7'],
    ['[2001:db8::7]', '2001:db8::7'],
    ['[2001:db8::7]:443', '2001:db8::7'],
    ['"[2001:db8::7]:443"', '2001:db8::7'],
    ['fe80::1%eth0', 'fe80::1'],
    ['[fe80::1%25eth0]:80', 'fe80::1'],
    ['::1', '::1'],
    ['[::1]:80', '::1'],
    ['::', '::'],
    ['64:ff9b::1.2.3.4', '64:ff9b::102:304'],
  ])('reads %j as %s', (text, address) => {
    expect(readAddress(text)).toBe(address);
  });

  it.each([
    '::ffff:10.0.0.1',
    '::FFFF:10.0.0.1',
    '::ffff:a00:1',
    '0:0:0:0:0:ffff:10.0.0.1',
    '[::ffff:10.0.0.1]:80',
    '::ffff:10.0.0.1%en0',
  ])('P22: reads the mapped address %s as IPv4', (text) => {
    expect(readAddress(text)).toBe('10.0.0.1');
  });

  it.each([
    '',
    ' ',
    'unknown',
    '_hidden',
    'localhost',
    '127.1',
    '127.0.1',
    '2130706433',
    '0x7f.0.0.1',
    '0x7f000001',
    '0177.0.0.1',
    '127.0.0.01',
    '1.2.3.256',
    '1.2.3.4.5',
    '1.2.3.4:',
    '1.2.3.4:http',
    '1.2.3.4:65536',
    '1.2.3.4:123456',
    '1.2.3.4%eth0',
    '1.2.3.4 5.6.7.8',
    '"1.2.3.4',
    '""1.2.3.4""',
    '[1.2.3.4]',
    '[::1',
    '::1]',
    '[::1]80',
    '[::1]:65536',
    ':::',
    '1::2::3',
    '::ffff:1.2.3.256',
    'fe80::1%',
    'fe80::1%<script>',
    '::1]/@evil[',
    '/var/run/app.sock',
    '\0',
    '１.２.３.４',
    `${' '.repeat(200)}1.2.3.4`,
    '9'.repeat(1_000_000),
  ])('P22: reads no address in %j', (text) => {
    expect(readAddress(text)).toBeUndefined();
  });

  it('reads every address as one that it reads as itself', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), (text) => {
        const address = readAddress(text);
        expect(address).toBeDefined();
        expect(readAddress(address ?? '')).toBe(address);
        expect(address).toBe(address?.toLowerCase());
      }),
    );
  });
});
