import { CORE_COLUMNS } from '../../sql/decode.js';
import type { Execute, Row } from '../../sql/reader.js';
import { finish, type Key, type Now, openIn, type Place, resume, xmaxOf } from './place.js';

/** Keys read at once where most have a leaf. */
const AT_ONCE = 5_000;

const FIRST: Key = { xid: '0', id: '00000000-0000-0000-0000-000000000000' };
/** A snapshot in which everything is visible, whichever cluster its xid is of. */
const EVERYTHING = '18446744073709551615:18446744073709551615:';

/** Named, since a union hands on every column it is given, payloads among them. */
const READ = [...CORE_COLUMNS, 'xid', 'recorded_at', 'role'].join(', ');

/**
 * Those that were open in `seen` and those that came after it, each by a range of the index on xid. The upper end
 * keeps what was restored with greater xids out of every later question. Whatever is later than all ids that have a
 * leaf has none; the others may have come back after they were purged.
 */
function windowOf(columns: string): string {
  return `SELECT ${columns}, event.id::text, event.xid::text,
    event.id <= (SELECT greatest FROM indelible_seal ORDER BY indelible_seal.greatest DESC LIMIT 1) AS may_have_leaf
  FROM (
    (SELECT ${READ} FROM indelible_event
      WHERE xid = ANY($1::xid8[]) AND (xid, id) > ($5::xid8, $6::uuid) AND pg_visible_in_snapshot(xid, $4::pg_snapshot)
      ORDER BY xid, id LIMIT $7)
    UNION ALL
    (SELECT ${READ} FROM indelible_event
      WHERE xid >= $2::xid8 AND xid < $3::xid8 AND (xid, id) > ($5::xid8, $6::uuid)
        AND pg_visible_in_snapshot(xid, $4::pg_snapshot)
      ORDER BY xid, id LIMIT $7)
  ) AS event ORDER BY event.xid, event.id LIMIT $7`;
}

const WITH_LEAF = 'SELECT id::text FROM indelible_leaves($1::uuid[])';

export interface Found {
  /** The events with the columns asked for. */
  readonly rows: readonly Row[];
  /** Where the log has come to once these are sealed. */
  readonly place: Place;
  readonly hasMore: boolean;
}

export interface Asked {
  /** Events at most. */
  readonly limit: number;
  /** What is told of them besides their keys. */
  readonly columns: string;
}

interface Page {
  readonly rows: readonly Row[];
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
  async from(start: Place, now: Now, { limit, columns }: Asked): Promise<Found> {
    const text = windowOf(columns);
    const found = new Map<unknown, { readonly row: Row; readonly at: Place }>();
    let at: Place | undefined = start;
    let end = start;
    let isFruitless = false;
    while (at !== undefined && found.size <= limit) {
      const count = isFruitless ? AT_ONCE : limit + 1 - found.size;
      const { rows, last, isLast }: Page = await this.#window(text, at, count);
      isFruitless = rows.length === 0;
      for (const row of rows) if (!found.has(row['id'])) found.set(row['id'], { row, at });
      end = isLast ? finish(at, last) : { ...at, after: last ?? at.after };
      at = isLast && at.until === now.snapshot ? undefined : resume(end, now);
    }
    const hasMore = found.size > limit;
    const taken = [...found.values()].slice(0, limit);
    const final = taken.at(-1);
    const reached = final === undefined ? start : { ...final.at, after: keyOf(final.row) };
    return { rows: taken.map(({ row }) => row), place: hasMore ? reached : end, hasMore };
  }

  /** Reads so many events; those that prove to have a leaf are left out, also of what has come back. */
  async #window(text: string, { seen, until, after }: Place, count: number): Promise<Page> {
    const upper = seen === null || until === null ? EVERYTHING : until;
    const range = [seen === null ? [] : openIn(seen), seen === null ? '0' : String(xmaxOf(seen))];
    const { xid, id } = after ?? FIRST;
    const page = await this.#page(text, [...range, String(xmaxOf(upper)), upper, xid, id, count]);
    const sealed = await this.#withLeaf(page.rows.filter((row) => row['may_have_leaf'] === true));
    return sealed.size === 0 ? page : { ...page, rows: page.rows.filter((row) => !sealed.has(row['id'])) };
  }

  async #withLeaf(rows: readonly Row[]): Promise<ReadonlySet<unknown>> {
    if (rows.length === 0) return new Set();
    const found = await this.#execute({ sql: WITH_LEAF, parameters: [rows.map((row) => row['id'])] });
    return new Set(found.map((row) => row['id']));
  }

  /** The last of the parameters is how many are read at most. */
  async #page(sql: string, parameters: readonly unknown[]): Promise<Page> {
    const rows = await this.#execute({ sql, parameters });
    const last = rows.at(-1);
    return { rows, last: last && keyOf(last), isLast: rows.length < Number(parameters.at(-1)) };
  }
}

function keyOf(row: Row): Key {
  return { id: String(row['id']), xid: String(row['xid']) };
}
