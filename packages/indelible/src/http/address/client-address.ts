import { BlockList, isIP } from 'node:net';

import { AuditError } from '../../event/errors.js';
import { readAddress } from './address.js';

/** Where a request came from. */
export interface ClientAddress {
  /** Undefined when the peer has no address, such as on a Unix socket. */
  readonly ip: string | undefined;
  readonly ipSource: 'socket' | 'x-forwarded-for' | undefined;
  /** The header as it came, shortened to its end; never to be taken for the truth. */
  readonly forwardedFor: string | undefined;
}

const LOOPBACK = ['127.0.0.0/8', '::1/128'];
const LINK_LOCAL = ['169.254.0.0/16', 'fe80::/10'];
const UNIQUE_LOCAL = ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', 'fc00::/7'];

const NAMED: ReadonlyMap<string, readonly string[]> = new Map([
  ['loopback', LOOPBACK],
  ['linklocal', LINK_LOCAL],
  ['uniquelocal', UNIQUE_LOCAL],
  ['private', [...LOOPBACK, ...LINK_LOCAL, ...UNIQUE_LOCAL]],
]);

/** Whoever trusts both ends trusts the whole public internet between them. */
const EVERYBODY = [
  ['0.0.0.0', '255.255.255.255'],
  ['2000::', '3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'],
] as const;

/** So many addresses of proxies are known without looking through the ranges. */
const REMEMBERED = 256;
/** So much of the header is looked at, from its end. */
const TAIL = 8 * 1024;
const HOPS = 200;
/** So much of it is recorded. */
const KEPT = 512;

/**
 * The proxies whose word on where a request came from is believed. An entry is an address, a range such as
 * `10.0.0.0/8` or `2001:db8::/32`, or a name:
 *
 * - `loopback`: 127.0.0.0/8 and ::1
 * - `linklocal`: 169.254.0.0/16 and fe80::/10
 * - `uniquelocal`: 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16 and fc00::/7
 * - `private`: all of these
 */
export class TrustedProxies {
  readonly isEmpty: boolean;
  readonly #ranges = new BlockList();
  readonly #known = new Set<string>();

  constructor(list: readonly string[]) {
    this.isEmpty = list.length === 0;
    for (const entry of list) {
      for (const range of NAMED.get(entry) ?? [entry]) addRange(this.#ranges, range);
    }
  }

  trusts(address: string): boolean {
    if (this.isEmpty) return false;
    if (this.#known.has(address)) return true;
    const read = readAddress(address);
    if (read === undefined || !contains(this.#ranges, read)) return false;
    // Only trusted addresses are kept: nobody outside can fill this.
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.add(address);
    return true;
  }
}

/**
 * Where a request came from: the socket's address, unless that is a trusted proxy's. Then the right-most hop of
 * `X-Forwarded-For` that is no trusted proxy, since what stands left of it was written by whoever that is. A hop that
 * is no address ends the search: the last address before it stands.
 */
export function clientAddress(
  peer: string | undefined,
  forwardedFor: string | undefined,
  trusted: TrustedProxies,
): ClientAddress {
  const socket = peer === undefined ? undefined : readAddress(peer);
  const ipSource = socket === undefined ? undefined : 'socket';
  if (forwardedFor === undefined) return { ip: socket, ipSource, forwardedFor };
  const kept = endOf(forwardedFor);
  const hop = socket !== undefined && trusted.trusts(socket) ? believedHop(forwardedFor, trusted) : undefined;
  return hop === undefined
    ? { ip: socket, ipSource, forwardedFor: kept }
    : { ip: hop, ipSource: 'x-forwarded-for', forwardedFor: kept };
}

function believedHop(header: string, trusted: TrustedProxies): string | undefined {
  const tail = header.slice(-TAIL);
  let believed: string | undefined;
  let end = tail.length;
  for (let hops = 0; hops < HOPS && end >= 0; hops += 1) {
    const comma = tail.lastIndexOf(',', end - 1);
    // Of a hop that begins before the tail only a part is seen, and it may look like another address.
    if (comma === -1 && tail.length < header.length) break;
    const address = readAddress(tail.slice(comma + 1, end));
    if (address === undefined) break;
    believed = address;
    if (!trusted.trusts(address)) break;
    end = comma;
  }
  return believed;
}

/** The end of a header, which was written nearest to us; no character of it is split. */
function endOf(header: string): string {
  if (header.length <= KEPT) return header;
  const end = header.slice(1 - KEPT);
  return `…${/^[\udc00-\udfff]/.test(end) ? end.slice(1) : end}`;
}

function contains(ranges: BlockList, address: string): boolean {
  return ranges.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
}

function addRange(ranges: BlockList, entry: string): void {
  const [address = '', length, ...more] = entry.split('/');
  const version = address.includes('%') ? 0 : isIP(address);
  if (version === 0 || more.length > 0)
    throw refused(
      entry,
      `give an address such as "10.0.0.7", a range such as "10.0.0.0/8", or one of ${[...NAMED.keys()].join(', ')}`,
    );
  const bits = version === 4 ? 32 : 128;
  const prefix = length === undefined ? bits : prefixOf(length);
  if (prefix === undefined || prefix > bits)
    throw refused(entry, `after the slash give how many of its ${bits} bits are fixed, from 1 to ${bits}`);
  const family = version === 4 ? 'ipv4' : 'ipv6';
  if (isEverybody(address, prefix, family))
    throw refused(
      entry,
      'which trusts everybody, so that any caller could choose the address that is recorded; give the addresses of your own proxies',
    );
  ranges.addSubnet(address, prefix, family);
}

function prefixOf(length: string): number | undefined {
  return /^\d{1,3}$/.test(length) ? Number(length) : undefined;
}

function isEverybody(address: string, prefix: number, family: 'ipv4' | 'ipv6'): boolean {
  const range = new BlockList();
  range.addSubnet(address, prefix, family);
  return EVERYBODY.some((ends) => ends.every((end) => contains(range, end)));
}

function refused(entry: string, remedy: string): AuditError {
  return new AuditError(
    'INVALID_OPTIONS',
    `createAudit: trustedProxies has ${JSON.stringify(entry)}; ${remedy}.`,
  );
}
