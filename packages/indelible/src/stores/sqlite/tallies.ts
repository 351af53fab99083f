import { sql } from 'kysely';

import type { TallyDialect } from '../sql/summary-dialect.js';

/** What a file knows of sealed events: the log has passed the rows up to its place, and none behind it. */
export const TALLIES: TallyDialect = {
  unsealed: (_, columns, limit) =>
    sql`select ${columns} from indelible_event not indexed where seq > (select place from indelible_head) limit ${limit}`,
  isAmong: (column, values) => sql`${sql.ref(column)} in (${values})`,
  quarter: (ms) => sql`${BigInt(ms)}`,
  days: (days) =>
    sql`(select key as n, value ->> 0 as from_quarter, value ->> 1 as to_quarter from json_each(${JSON.stringify(days)})) as day`,
};
