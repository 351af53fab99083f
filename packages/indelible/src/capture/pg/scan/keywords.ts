function words(list: string): ReadonlySet<string> {
  return new Set(list.trim().split(/\s+/));
}

/** Keywords that name no column, table or alias without quotes: reserved ones, and those for types and functions. */
export const RESERVED: ReadonlySet<string> = words(`
  all analyse analyze and any array as asc asymmetric both case cast check collate column constraint create
  current_catalog current_date current_role current_time current_timestamp current_user default deferrable desc
  distinct do else end except false fetch for foreign from grant group having in initially intersect into lateral
  leading limit localtime localtimestamp not null offset on only or order placing primary references returning
  select session_user some symmetric system_user table then to trailing true union unique user using variadic when
  where window with
  authorization binary collation concurrently cross current_schema freeze full ilike inner is isnull join left like
  natural notnull outer overlaps right similar tablesample verbose
`);

const CLAUSES =
  'where returning order group having limit offset fetch for union intersect except window into select';

/** What ends an expression, or a list of tables, outside all parentheses. A list may hold ROWS FROM. */
export const ENDS_EXPRESSION: ReadonlySet<string> = words(`${CLAUSES} from using on`);
export const ENDS_TABLES: ReadonlySet<string> = words(CLAUSES);
