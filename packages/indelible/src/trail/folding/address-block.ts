import { isIPv6 } from 'node:net';

/**
 * The addresses that one address stands for: an IPv6 address for its /64, which is what one customer has at least, and
 * any other text for itself. Nobody's network begins with 64 zeros: there are loopback and IPv4 addresses, each its own.
 */
export function addressBlock(address: string): string {
  if (!isIPv6(address)) return address;
  const [before = '', after] = (address.split('%', 1)[0] ?? '').split('::');
  const groups = [...groupsOf(before), ...zerosBetween(before, after), ...groupsOf(after ?? '')];
  const numbers = groups.slice(0, 4).map((group) => Number.parseInt(group, 16));
  if (numbers.every((number) => number === 0)) return address;
  return `${numbers.map((number) => number.toString(16)).join(':')}::/64`;
}

function zerosBetween(before: string, after: string | undefined): string[] {
  if (after === undefined) return [];
  // The end may be written as IPv4, in the place of two groups.
  const given = groupsOf(before).length + groupsOf(after).length + (after.includes('.') ? 1 : 0);
  return Array<string>(8 - given).fill('0');
}

function groupsOf(part: string): string[] {
  return part === '' ? [] : part.split(':');
}
