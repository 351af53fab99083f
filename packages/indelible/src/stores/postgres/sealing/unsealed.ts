import type { Execute, Row } from '../../sql/reader.js';
import { timeText } from '../rows.js';
import { boundsOf } from './bounds.js';
import { finish, type Key, type Now, openIn, type Place, resume, xmaxOf } from './place.js';

/** Keys read at once where most have a leaf. */
const AT_ONCE = 5_000;

const FIRST: Key = { xid: '0', id: '00000000-0000-0000-0000-000000000000' };
/** A snapshot in which everything is visible, whichever cluster its xid is of. */
const EVERYTHING = '18446744073709551615:18446744073709551615:';

/**
 * Those that were open in `seen` and those that came after it, each by a range of the index on xid. The upper end
 * keeps what was restored with greater xids out of every later question.
 */
const WINDOW = `SELECT id::text, xid::text, ${timeText('recorded_at')} FROM (
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
const PASSED = `SELECT key.id::text, key.xid::text, ${timeText('recorded_at')} FROM indelible_event AS key
  WHERE (key.xid, key.id) > ($1::xid8, $2::uuid) AND (
    pg_visible_in_snapshot(key.xid, $3::pg_snapshot)
    OR (key.xid, key.id) <= ($4::xid8, $5::uuid) AND pg_visible_in_snapshot(key.xid, $6::pg_snapshot)
    OR key.xid >= (SELECT pg_snapshot_xmax(pg_current_snapshot())))
  ORDER BY key.xid, key.id LIMIT $7`;

const SEALED = `SELECT asked.id::text FROM unnest($1::uuid[]) AS asked (id)
  WHERE id IN (SELECT unnest(ids) FROM indelible_seal WHERE greatest >= $2::uuid AND least <= $3::uuid)`;

/** An event without a leaf. */
export interface UnsealedKey extends Key {
  readonly recordedAt: string;
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

  /** Ids that have no leaf although they lie behind the place: none may. */
  async behind({ seen, until, after }: Place, limit: number): Promise<readonly string[]> {
    if (seen === null) return [];
    const upTo = after ?? FIRST;
    const strays: string[] = [];
    let last: Key | undefined = FIRST;
    const passed = [seen, upTo.xid, upTo.id, until ?? seen, AT_ONCE];
    while (last !== undefined && strays.length < limit) {
      const page: Page = await this.#page(PASSED, [last.xid, last.id, ...passed]);
      strays.push(...(await this.#withoutLeaf(page.keys)).map(({ id }) => id));
      last = page.isLast ? undefined : page.last;
    }
    return strays.slice(0, limit);
  }

  /** Reads so many keys; those that prove to have a leaf are left out. */
  async #window({ seen, until, after, doubt }: Place, count: number): Promise<Page> {
    const isDoubtful = seen === null || doubt !== null;
    const upper = seen === null || until === null ? EVERYTHING : until;
    const range = [seen === null ? [] : openIn(seen), seen === null ? '0' : String(xmaxOf(seen))];
    const { xid, id } = after ?? FIRST;
    const page = await this.#page(WINDOW, [...range, String(xmaxOf(upper)), upper, xid, id, count]);
    return isDoubtful ? { ...page, keys: await this.#withoutLeaf(page.keys) } : page;
  }

  /** The last of the parameters is how many are read at most. */
  async #page(sql: string, parameters: readonly unknown[]): Promise<Page> {
    const keys = (await this.#execute({ sql, parameters })).map(keyOf);
    return { keys, last: keys.at(-1), isLast: keys.length < Number(parameters.at(-1)) };
  }

  async #withoutLeaf(keys: readonly UnsealedKey[]): Promise<readonly UnsealedKey[]> {
    if (keys.length === 0) return keys;
    const ids = keys.map(({ id }) => id);
    const rows = await this.#execute({ sql: SEALED, parameters: [ids, ...boundsOf(ids)] });
    const sealed = new Set(rows.map((row) => row['id']));
    return keys.filter(({ id }) => !sealed.has(id));
  }
}

function keyOf(row: Row): UnsealedKey {
  return { id: String(row['id']), xid: String(row['xid']), recordedAt: String(row['recorded_at']) };
}
