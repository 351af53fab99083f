import { isIPv4, isIPv6 } from 'node:net';

/** No address is longer, with its zone, port, brackets and quotes. */
const LONGEST = 128;
const MAPPED = '::ffff:';
const MAPPED_GROUPS = /^::ffff:([\da-f]{1,4}):([\da-f]{1,4})$/;
const QUOTED = /^"([^"]*)"$/;
const V4_WITH_PORT = /^([\d.]+):(\d{1,5})$/;
const V6_IN_BRACKETS = /^\[([^\]]+)\](?::(\d{1,5}))?$/;
const ZONE = /^[\w.~-]+$/;

/**
 * The address in a text such as a socket or a forwarding header gives, in the one way it is recorded: without port and
 * zone, IPv4 as IPv4 though it came mapped into IPv6, IPv6 in lower case and shortened. Undefined for anything else,
 * also for what only some programs read as an address, such as `127.1`.
 */
export function readAddress(text: string): string | undefined {
  if (text.length > LONGEST) return undefined;
  if (isIPv4(text)) return text;
  if (text.startsWith(MAPPED)) {
    const last = text.slice(MAPPED.length);
    if (isIPv4(last)) return last;
  }
  return readWrapped(text.trim());
}

function readWrapped(text: string): string | undefined {
  const hop = QUOTED.exec(text)?.[1] ?? text;
  const v4 = V4_WITH_PORT.exec(hop);
  if (v4 !== null) return isPort(v4[2]) ? readV4(v4[1]) : undefined;
  const v6 = V6_IN_BRACKETS.exec(hop);
  if (v6 !== null) return isPort(v6[2]) ? readV6(v6[1]) : undefined;
  return readV4(hop) ?? readV6(hop);
}

function isPort(port: string | undefined): boolean {
  return port === undefined || Number(port) <= 65_535;
}

function readV4(text: string | undefined): string | undefined {
  return text !== undefined && isIPv4(text) ? text : undefined;
}

function readV6(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const zone = text.indexOf('%');
  if (zone !== -1 && !ZONE.test(text.slice(zone + 1))) return undefined;
  const bare = zone === -1 ? text : text.slice(0, zone);
  if (!isIPv6(bare)) return undefined;
  const { hostname } = new URL(`http://[${bare}]`);
  return unmapped(hostname.slice(1, -1));
}

function unmapped(address: string): string {
  const groups = MAPPED_GROUPS.exec(address);
  if (groups === null) return address;
  const [high, low] = [Number.parseInt(groups[1] ?? '', 16), Number.parseInt(groups[2] ?? '', 16)];
  return [high >> 8, high & 0xff, low >> 8, low & 0xff].join('.');
}
