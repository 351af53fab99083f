import { sql } from 'kysely';

import { and, type Dialect, type Fragment, like, sqliteCompiler, type TextColumn } from '../sql/dialect.js';
import { idBytes, idText } from '../sql/packed.js';
import { COLUMNS } from './rows.js';
import { TALLIES } from './tallies.js';

/** Three characters make a trigram, the least that the text index can be asked for. */
const TRIGRAM = 3;

const IN_TIME = sql`indelible_in_time()`;

export const DIALECT: Dialect = {
  columns: sql.raw([...COLUMNS, 'recorded_at'].join(', ')),
  deadline: IN_TIME,
  compile: sqliteCompiler(),
  id: (id) => sql`${idBytes(id)}`,
  idText,
  contains,
  isIndexed: (text) => [...longestRun(text)].length >= TRIGRAM,
  tallies: TALLIES,
};

/** GLOB, unlike LIKE with an ESCAPE clause, is answered from the trigrams; its wildcards are left to LIKE. */
function contains(column: TextColumn, text: string): Fragment {
  const run = longestRun(text);
  const found = sql`seq in (select rowid from indelible_event_search where ${sql.ref(column)} glob ${`*${run}*`} and ${IN_TIME})`;
  return run === text ? found : and([found, like(column, text)]);
}

function longestRun(text: string): string {
  return text.split(/[*?[]/).reduce((longest, run) => (run.length > longest.length ? run : longest), '');
}
