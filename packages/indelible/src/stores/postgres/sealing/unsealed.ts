import type { Execute, Row } from '../../sql/reader.js';
import { timeText } from '../rows.js';
import { finish, type Key, type Now, openIn, type Place, resume, xmaxOf } from './place.js';

/** Keys read at once where most have a leaf. */
const AT_ONCE = 5_000;

const FIRST: Key = { xid: '0', id: '00000000-0000-0000-0000-000000000000' };
/** A snapshot in which everything is visible, whichever cluster its xid is of. */
const EVERYTHING = '18446744073709551615:18446744073709551615:';

const KEY = `key.id::text, key.xid::text, ${timeText('recorded_at')},
  (extract(epoch FROM recorded_at) * 1000000)::bigint::text AS micros`;

/**
 * Those that were open in `seen` and those that came after it, each by a range of the index on xid. The upper end
 * keeps what was restored with greater xids out of every later question.
 */
const WINDOW = `SELECT ${KEY} FROM (
    (SELECT xid, id, recorded_at FROM indelible_event
      WHERE xid = ANY($1::xid8[]) AND (xid, id) > ($5::xid8, $6::uuid) AND pg_visible_in_snapshot(xid, $4::pg_snapshot)
      ORDER BY xid, id LIMIT $7)
    UNION ALL
    (SELECT xid, id, recorded_at FROM indelible_event
      WHERE xid >= $2::xid8 AND xid < $3::xid8 AND (xid, id) > ($5::xid8, $6::uuid)
        AND pg_visible_in_snapshot(xid, $4::pg_snapshot)
      ORDER BY xid, id LIMIT $7)
  ) AS key ORDER BY key.xid, key.id LIMIT $7`;

/** What the log has passed; a visible event with an xid still to come has one that was made up. */
const ALL = `SELECT ${KEY}, (
    pg_visible_in_snapshot(key.xid, $3::pg_snapshot)
    OR (key.xid, key.id) <= ($4::xid8, $5::uuid) AND pg_visible_in_snapshot(key.xid, $6::pg_snapshot)
    OR key.xid >= (SELECT pg_snapshot_xmax(pg_current_snapshot()))) AS passed
  FROM indelible_event AS key WHERE (key.xid, key.id) > ($1::xid8, $2::uuid)
  ORDER BY key.xid, key.id LIMIT $7`;

/** An event that is later than its own leaf, by both orders that events have, was purged and came back. */
const SEALED = `SELECT leaf.id::text,
    key.xid > leaf.xid AND key.micros > (extract(epoch FROM leaf.sealed_at) * 1000000)::bigint AS returned
  FROM unnest($1::uuid[], $2::xid8[], $3::bigint[]) AS key (id, xid, micros)
  JOIN indelible_leaves($1::uuid[]) AS leaf ON leaf.id = key.id`;

/** An event without a leaf. */
export interface UnsealedKey extends Key {
  readonly recordedAt: string;
  /** The same to the microsecond, as a number. */
  readonly micros: string;
  /** True for one that lies behind the place. */
  readonly isPassed: boolean;
}

export interface Found {
  readonly keys: readonly UnsealedKey[];
  /** Where the log has come to once these are sealed. */
  readonly place: Place;
  readonly hasMore: boolean;
}

interface Page {
  readonly keys: readonly UnsealedKey[];
  readonly last: Key | undefined;
  readonly isLast: boolean;
}

/** Finds the events that have no leaf. */
export class Unsealed {
  readonly #execute: Execute;

  constructor(execute: Execute) {
    this.#execute = execute;
  }

  /**
   * Up to `limit` from a place on, window by window up to what is visible now. What is looked through all together
   * may come again in the window behind it, and has no leaf by then.
   */
  async from(start: Place, now: Now, limit: number): Promise<Found> {
    const found = new Map<string, { key: UnsealedKey; place: Place }>();
    let at: Place | undefined = start;
    let end = start;
    let isFruitless = false;
    while (at !== undefined && found.size <= limit) {
      const count = isFruitless ? AT_ONCE : limit + 1 - found.size;
      const { keys, last, isLast }: Page = await this.#window(at, count);
      isFruitless = keys.length === 0;
      for (const key of keys) {
        if (!found.has(key.id))
          found.set(key.id, { key, place: { ...at, after: { xid: key.xid, id: key.id } } });
      }
      end = isLast ? finish(at, last) : { ...at, after: last ?? at.after };
      at = isLast && at.until === now.snapshot ? undefined : resume(end, now);
    }
    const hasMore = found.size > limit;
    const taken = [...found.values()].slice(0, limit);
    const next = hasMore ? (taken.at(-1)?.place ?? start) : end;
    return { keys: taken.map(({ key }) => key), place: next, hasMore };
  }

  /** Ids that have no leaf although they lie behind the place, and ids that came back: there may be neither. */
  async behind({ seen, until, after }: Place, limit: number): Promise<readonly string[]> {
    if (seen === null) return [];
    const upTo = after ?? FIRST;
    const strays: string[] = [];
    let last: Key | undefined = FIRST;
    const passed = [seen, upTo.xid, upTo.id, until ?? seen, AT_ONCE];
    while (last !== undefined && strays.length < limit) {
      const page: Page = await this.#page(ALL, [last.xid, last.id, ...passed]);
      const returned = await this.#sealed(page.keys);
      strays.push(...page.keys.filter((key) => returned.get(key.id) ?? key.isPassed).map(({ id }) => id));
      last = page.isLast ? undefined : page.last;
    }
    return strays.slice(0, limit);
  }

  /** Reads so many keys; those that prove to have a leaf are left out, also of what has come back. */
  async #window({ seen, until, after }: Place, count: number): Promise<Page> {
    const upper = seen === null || until === null ? EVERYTHING : until;
    const range = [seen === null ? [] : openIn(seen), seen === null ? '0' : String(xmaxOf(seen))];
    const { xid, id } = after ?? FIRST;
    const page = await this.#page(WINDOW, [...range, String(xmaxOf(upper)), upper, xid, id, count]);
    const sealed = await this.#sealed(page.keys);
    return { ...page, keys: page.keys.filter((key) => !sealed.has(key.id)) };
  }

  /** The last of the parameters is how many are read at most. */
  async #page(sql: string, parameters: readonly unknown[]): Promise<Page> {
    const keys = (await this.#execute({ sql, parameters })).map(keyOf);
    return { keys, last: keys.at(-1), isLast: keys.length < Number(parameters.at(-1)) };
  }

  /** Those of the keys that have a leaf, and whether they have come back since. */
  async #sealed(keys: readonly UnsealedKey[]): Promise<ReadonlyMap<string, boolean>> {
    if (keys.length === 0) return new Map();
    const columns = [keys.map(({ id }) => id), keys.map(({ xid }) => xid), keys.map(({ micros }) => micros)];
    const rows = await this.#execute({ sql: SEALED, parameters: columns });
    return new Map(rows.map((row) => [String(row['id']), row['returned'] === true]));
  }
}

function keyOf(row: Row): UnsealedKey {
  return {
    id: String(row['id']),
    xid: String(row['xid']),
    recordedAt: String(row['recorded_at']),
    micros: String(row['micros']),
    isPassed: row['passed'] === true,
  };
}
