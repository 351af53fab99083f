import { describe, expect, it } from 'vitest';

import { addressBlock } from './address-block.js';

describe('the block of an address', () => {
  it.each([
    ['2001:db8:0:1::1', '2001:db8:0:1::/64'],
    ['2001:db8:0:1:ffff:ffff:ffff:ffff', '2001:db8:0:1::/64'],
    ['2001:0DB8:0000:0001::abcd', '2001:db8:0:1::/64'],
    ['2001:db8::1:0:0:0:9', '2001:db8:0:1::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['2001:db8:0:2::1', '2001:db8:0:2::/64'],
    ['2001:db8::', '2001:db8:0:0::/64'],
    ['::1:0:0:0:0:0', '0:0:1:0::/64'],
    ['64:ff9b::192.0.2.1', '64:ff9b:0:0::/64'],
    ['1:2:3:4:5:6:192.0.2.1', '1:2:3:4::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ])('of IPv6 is its /64: %s in %s', (address, block) => {
    expect(addressBlock(address)).toBe(block);
  });

  it.each([
    '192.0.2.1',
    '::1',
    '::',
    '::ffff:192.0.2.1',
    '0:0:0:0:0:ffff:c000:201',
    '',
    'a::b::c',
    'a socket',
  ])('of anything else is itself: %j', (address) => {
    expect(addressBlock(address)).toBe(address);
  });
});
