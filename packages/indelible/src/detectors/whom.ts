import { isIP } from 'node:net';

import type { AuditEvent, Json } from '../event/event.js';
import { addressBlock } from '../trail/folding/address-block.js';
import { show } from '../trail/filter-values.js';
import type { Counted } from './detector.js';

/** The one who acted, when that is a user or a service that is known; programs of the house act for nobody. */
export function byActor({ actor }: AuditEvent): Counted | undefined {
  if (actor.id === null || actor.type === 'system' || actor.type === 'anonymous') return undefined;
  return { key: `${actor.type} ${actor.id}`, actorId: actor.id };
}

/**
 * Where it came from. An IPv6 address stands for its /64, which is one customer's; of what was folded over several
 * addresses each counts for its own.
 */
export function byAddress({ request, metadata, count }: AuditEvent): readonly Counted[] {
  const ip = request?.ip ?? null;
  if (ip !== null) return [{ key: addressBlock(ip), count, ip }];
  const listed = metadata?.['folded'] === true ? metadata['addresses'] : undefined;
  return Array.isArray(listed) ? listed.flatMap(folded) : [];
}

/** A user's id or an address as a description tells it: what somebody typed could be anything. */
export function named(key: string): string {
  const [address = ''] = key.split('/', 1);
  return isIP(address) === 0 ? show(key) : key;
}

function folded(one: Json): readonly Counted[] {
  if (typeof one !== 'object' || one === null || Array.isArray(one)) return [];
  const { ip, count } = one as { readonly [name: string]: Json };
  return typeof ip === 'string' && typeof count === 'number' ? [{ key: addressBlock(ip), count, ip }] : [];
}
