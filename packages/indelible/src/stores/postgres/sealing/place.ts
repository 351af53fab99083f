/** An event by what the log is ordered by: its transaction, and its id within that. */
export interface Key {
  readonly xid: string;
  readonly id: string;
}

/**
 * Up to where the log has sealed. An id or an xid would not do: a transaction that began early and ends late stands
 * behind any of them. A snapshot names what was still open, so that this is looked for again.
 */
export interface Place {
  /** The database that the snapshots are of. */
  readonly cluster: string;
  /** Every event visible in this snapshot has its leaf; null while that is not known, and all are looked through. */
  readonly seen: string | null;
  /** What is being worked through: all that is visible in this snapshot and not in `seen`. */
  readonly until: string | null;
  /** How far, in the order of the keys. */
  readonly after: Key | null;
  /** Xids up to this one may be of a cluster that the trail was restored from, so that a leaf is looked for first. */
  readonly doubt: string | null;
}

/** What the server says beside the place. */
export interface Now {
  readonly cluster: string;
  readonly snapshot: string;
}

const SNAPSHOT = /^\d+:\d+:(\d+(,\d+)*)?$/;
const XID = /^\d+$/;
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

export function formatPlace(place: Place): string {
  return JSON.stringify(place);
}

/** The place that a text names; undefined for one that names none. */
export function parsePlace(text: string): Place | undefined {
  try {
    const place = JSON.parse(text) as Place | null;
    return place !== null && isPlace(place) ? place : undefined;
  } catch {
    return undefined; // It is no JSON.
  }
}

/**
 * Where to go on. In another cluster, or one whose xids have run backwards, the snapshots mean nothing: then every
 * event is looked through once, in the order of the xids it came with.
 */
export function resume(place: Place | undefined, { cluster, snapshot }: Now): Place {
  const known = place?.until ?? place?.seen;
  if (place?.cluster !== cluster || known == null || xmaxOf(snapshot) < xmaxOf(known))
    return { cluster, seen: null, until: snapshot, after: null, doubt: null };
  return place.until === null ? { ...place, until: snapshot } : place;
}

/** The place once all of its window is sealed; `last` is the last key that was found in it. */
export function finish({ cluster, seen, until, after, doubt }: Place, last: Key | undefined): Place {
  const mayDoubt = seen === null ? ((last ?? after)?.xid ?? null) : doubt;
  const isPast = mayDoubt === null || until === null || xminOf(until) > BigInt(mayDoubt);
  return { cluster, seen: until, until: null, after: null, doubt: isPast ? null : mayDoubt };
}

/** The transactions open in a snapshot. */
export function openIn(snapshot: string): string[] {
  const open = snapshot.split(':')[2] ?? '';
  return open === '' ? [] : open.split(',');
}

export function xmaxOf(snapshot: string): bigint {
  return BigInt(snapshot.split(':')[1] ?? 0);
}

function xminOf(snapshot: string): bigint {
  return BigInt(snapshot.split(':')[0] ?? 0);
}

function isPlace({ cluster, seen, until, after, doubt }: Partial<Place>): boolean {
  return (
    typeof cluster === 'string' &&
    isNullOr(seen, SNAPSHOT) &&
    isNullOr(until, SNAPSHOT) &&
    (after === null || (isNullOr(after?.xid, XID) && isNullOr(after?.id, ID))) &&
    isNullOr(doubt, XID)
  );
}

function isNullOr(value: unknown, form: RegExp): boolean {
  return value === null || (typeof value === 'string' && form.test(value));
}
