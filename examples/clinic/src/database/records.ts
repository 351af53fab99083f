import type { Generated, Insertable, Kysely, SelectQueryBuilder, Updateable } from 'kysely';

import { type Db, held, now } from './clinic-database.js';
import type { RecordTable, RecordTables, Row } from './tables.js';

/** Which rows of a list make its page. */
export interface Slice {
  readonly limit: number;
  readonly offset: number;
}

export interface Rows<T> {
  readonly rows: readonly T[];
  /** How many match in all. */
  readonly count: number;
}

/** Columns and the values they must have; what is undefined is not asked for. */
export type Wanted = Readonly<Record<string, unknown>>;

/** What Kysely can know of a table that is given by its name: that every table of records has an id. */
interface AnyTables {
  [table: string]: { id: Generated<number>; [column: string]: unknown };
}
type Selecting = SelectQueryBuilder<AnyTables, string, object>;

/** The rows of one table, by the few questions and statements that are the same for all of them. */
export class Records<T extends RecordTable> {
  readonly #table: string;
  readonly #newest: readonly string[];

  constructor(table: T, newest: readonly (keyof Row<T> & string)[] = []) {
    this.#table = table;
    this.#newest = [...newest, 'id'];
  }

  async find(db: Db, id: number): Promise<Row<T> | undefined> {
    const query = on(db).selectFrom(this.#table).selectAll().where('id', '=', id);
    return (await query.executeTakeFirst()) as Row<T> | undefined;
  }

  /** As `find`, in a transaction that goes on to act on what it found. */
  async hold(db: Db, id: number): Promise<Row<T> | undefined> {
    const query = on(db).selectFrom(this.#table).selectAll().where('id', '=', id);
    return (await held(db, query).executeTakeFirst()) as Row<T> | undefined;
  }

  /** Newest first. */
  async list(db: Db, wanted: readonly Wanted[], { limit, offset }: Slice): Promise<Rows<Row<T>>> {
    const from = on(db).selectFrom(this.#table);
    let page = matching(from.selectAll(), wanted);
    for (const column of this.#newest) page = page.orderBy(column, 'desc');
    const rows = (await page.limit(limit).offset(offset).execute()) as unknown as Row<T>[];
    const counting = from.select(({ fn }) => fn.countAll().as('count'));
    const counted = (await matching(counting, wanted).executeTakeFirst()) as { count: unknown } | undefined;
    return { rows, count: Number(counted?.count ?? 0) };
  }

  async insert(db: Db, row: Insertable<RecordTables[T]>): Promise<Row<T>> {
    const query = on(db).insertInto(this.#table).values(row);
    return (await query.returningAll().executeTakeFirstOrThrow()) as Row<T>;
  }

  async update(db: Db, id: number, changes: Updateable<RecordTables[T]>): Promise<Row<T> | undefined> {
    const query = on(db)
      .updateTable(this.#table)
      .set({ ...changes, updated_at: now() } as never);
    return (await query.where('id', '=', id).returningAll().executeTakeFirst()) as Row<T> | undefined;
  }

  async remove(db: Db, id: number): Promise<void> {
    await on(db).deleteFrom(this.#table).where('id', '=', id).execute();
  }
}

function on(db: Db): Kysely<AnyTables> {
  return db as unknown as Kysely<AnyTables>;
}

function matching<Q>(query: Q, wanted: readonly Wanted[]): Q {
  let narrowed = query as unknown as Selecting;
  for (const [column, value] of wanted.flatMap((columns) => Object.entries(columns))) {
    if (value !== undefined) narrowed = narrowed.where(column, '=', value as never);
  }
  return narrowed as unknown as Q;
}
