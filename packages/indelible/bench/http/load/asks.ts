import { AUTHORIZATION } from '../server/clinic.js';

export const KINDS = ['read', 'list'] as const;
export type Kind = (typeof KINDS)[number];

/** What a client asks for. */
export interface Ask {
  readonly kind: Kind;
  readonly path: string;
}

const RECORDS = 10_000;
const PAGES = 50;
const ROUND = 500;

/** Four requests for a record and one for a list, and so on; the same for everybody. */
export const ASKS: readonly Ask[] = Array.from({ length: ROUND }, (_, n) =>
  n % 5 === 4
    ? { kind: 'list', path: `/api/patients?page=${1 + ((n * 7) % PAGES)}` }
    : { kind: 'read', path: `/api/patients/${1 + ((n * 4_799) % RECORDS)}` },
);

export const HEADERS: Readonly<Record<string, string>> = {
  authorization: AUTHORIZATION,
  'user-agent': 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
  accept: 'application/json',
};
