import { readMember } from '../../event/foreign.js';
import { addressBlock } from './address-block.js';
import type { Folds } from './folds.js';
import type { FoldKind, Trait, Unnumbered } from './fold.js';
import { MinuteCounts } from './minute.js';

/** So many attempts of one address in a minute are told one by one, whichever tenants they are for. */
const LIMIT = 20;
/** Attempts of which no address is known are anybody's, and are few only together. */
const LIMIT_OF_ALL = 200;
/** So many addresses are told apart in a minute; the attempts of all others are counted together. */
const ADDRESSES = 10_000;
/** The longest an address is, that of a mapped IPv4 address with its zone. */
const ADDRESS_LENGTH = 64;

/** What is counted of one address is told for each of so many tenants, and for all others together. */
const TENANTS = 20;
const TENANTS_OF_ALL = 1_000;
const TENANT_LENGTH = 255;

/** An attempt is told by itself, or so with a word that more are counted from here on, or counted only. */
export type Fate = 'told' | 'announced' | 'counted';

/** What is told of the attempts of a flood. The names are those the events themselves would have kept. */
const TRAITS: readonly Trait[] = [
  { list: 'reasons', name: 'why', of: (event) => inMetadata(event, 'why') },
  { list: 'attempts', name: 'attempted', of: (event) => inMetadata(event, 'attempted') },
  { list: 'usernames', name: 'username', of: (event) => inMetadata(event, 'username'), isPersonal: true },
  {
    list: 'username_digests',
    name: 'username_digest',
    of: (event) => inMetadata(event, 'username_digest'),
    isPersonal: true,
  },
  { list: 'addresses', name: 'ip', of: ({ request }) => request?.ip, isPersonal: true, isForMany: true },
];
export const FLOOD: FoldKind = { traits: TRAITS, isAnonymous: true };

/** Counts failed sign-ins, and denials of people who have not signed in, where somebody tries too many. */
export class Floods {
  readonly #counts: MinuteCounts = new MinuteCounts(ADDRESSES);
  readonly #folds: Folds;

  constructor(folds: Folds) {
    this.#folds = folds;
  }

  take(action: string, event: Unnumbered): Fate {
    const by = countOf(event);
    const address = addressOf(event);
    const limit = address === '' ? LIMIT_OF_ALL : LIMIT;
    const anybody = `${action} *`;
    const { key, nth } = this.#counts.add([`${action} ${address}`, anybody], by);
    if (nth <= limit) return 'told';
    if (nth - by <= limit) return 'announced';
    const parts = address === '' || key === anybody ? TENANTS_OF_ALL : TENANTS;
    this.#folds.add({ key, part: tenantOf(event), parts }, action, event, by);
    return 'counted';
  }
}

/** True for what somebody can make as many of as he likes, without having signed in. */
export function isFloodable(action: string, { actor }: Unnumbered): boolean {
  return action === 'LOGIN_FAILED' || (action === 'ACCESS_DENIED' && actor.type === 'anonymous');
}

function countOf({ count }: Unnumbered): number {
  return count !== undefined && Number.isSafeInteger(count) && count > 1 ? count : 1;
}

function addressOf({ request }: Unnumbered): string {
  const ip = request?.ip;
  return typeof ip === 'string' && ip.length <= ADDRESS_LENGTH ? addressBlock(ip) : '';
}

function tenantOf({ tenantId }: Unnumbered): string {
  return typeof tenantId === 'string' && tenantId.length <= TENANT_LENGTH ? tenantId : '';
}

function inMetadata({ metadata }: Unnumbered, name: string): unknown {
  return typeof metadata === 'object' ? readMember(metadata, name) : undefined;
}
