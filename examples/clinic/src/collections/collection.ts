import { isDeepStrictEqual } from 'node:util';

import type { Insertable, Updateable } from 'kysely';

import type { About } from '../audit.js';
import type { Db } from '../database/clinic-database.js';
import { Records, type Rows, type Slice, type Wanted } from '../database/records.js';
import type { RecordTable, RecordTables, Row } from '../database/tables.js';
import type { ModelName } from '../models.js';
import type { ClinicParts } from '../parts.js';
import { demand, invalid, there } from '../problem.js';
import type { User } from '../users/user.js';
import { type Doing, reachOf, type Rights } from './rights.js';

/** What one kind of record is: all in which a collection differs from the next. */
export interface Kind<T extends RecordTable> {
  readonly table: T;
  readonly model: ModelName;
  /** What one of them is called in a sentence. */
  readonly name: string;
  readonly rights: Rights;
  /** The column that says whose a record is. */
  readonly own?: string;
  /** What stays as it was made, or follows from other things. */
  readonly fixed?: readonly string[];
  readonly label: (row: Row<T>) => string;
  /** The columns that are answered. */
  readonly shown: readonly (keyof Row<T> & string)[];
  /** By which a list is ordered, before the id. */
  readonly newest?: readonly (keyof Row<T> & string)[];
}

type Created<T extends RecordTable> = Insertable<RecordTables[T]>;
type Changed<T extends RecordTable> = Updateable<RecordTables[T]>;
/** Asked for only once it is known that the caller may change the record: a refusal comes before a correction. */
type Asking<T> = () => T;

/**
 * Records of one kind, and who may do what with them. `T` is their table, `W` a whole record: its row, with whatever
 * belongs to it. A kind with rules of its own overrides the part of a step in which it differs.
 */
export abstract class Collection<T extends RecordTable, W extends Row<T> = Row<T>> {
  readonly kind: Kind<T>;
  protected readonly parts: ClinicParts;
  protected readonly records: Records<T>;

  constructor(parts: ClinicParts, kind: Kind<T>) {
    this.parts = parts;
    this.kind = kind;
    this.records = new Records(kind.table, kind.newest);
  }

  /** Whoever may see their own alone, sees no other, whatever is asked. */
  async list(by: User, asked: Wanted, slice: Slice): Promise<Rows<W>> {
    const { own } = this.kind;
    const reach = reachOf(this.kind.rights, 'read', by);
    demand(reach !== undefined);
    const theirs = reach === 'own' && own !== undefined ? { [own]: by.id } : {};
    const { rows, count } = await this.page(by, [asked, theirs], slice);
    return { rows: await this.whole(this.parts.db, rows), count };
  }

  async read(by: User, id: number): Promise<W> {
    const { db } = this.parts;
    return this.one(db, await this.allowed(db, by, id, 'read', 'READ'));
  }

  /** Refuses who may not make what the body seems to be about. */
  async mayCreate(by: User, body: unknown): Promise<void> {
    const { rights, own, model } = this.kind;
    const reach = reachOf(rights, 'create', by);
    const of = own === undefined ? undefined : (body as Wanted | undefined)?.[own];
    if (reach === 'all' || (reach === 'own' && (of === undefined || of === by.id))) return;
    const subject = typeof of === 'number' ? await this.parts.directory.subject(of) : {};
    demand(false, { attempted: 'CREATE', target: { type: model }, ...subject });
  }

  async create(by: User, input: Created<T>): Promise<W> {
    await this.mayCreate(by, input);
    await this.check(this.parts.db, input);
    return this.one(this.parts.db, await this.records.insert(this.parts.db, input));
  }

  /** The id of a record that the caller may change; an action asks before it looks at what it was sent. */
  async mayUpdate(by: User, id: number): Promise<number> {
    return (await this.allowed(this.parts.db, by, id, 'update', 'UPDATE')).id;
  }

  async update(by: User, id: number, ask: Asking<Changed<T>>): Promise<W> {
    const { db } = this.parts;
    const row = await this.allowed(db, by, id, 'update', 'UPDATE');
    const changes = this.changing(await this.one(db, row), ask());
    await this.check(db, changes, row);
    return this.one(db, await this.save(db, id, changes));
  }

  async remove(by: User, id: number): Promise<void> {
    await this.allowed(this.parts.db, by, id, 'delete', 'DELETE');
    await this.records.remove(this.parts.db, id);
  }

  find(id: number, db: Db = this.parts.db): Promise<Row<T> | undefined> {
    return this.records.find(db, id);
  }

  /** Refuses an id of which there is none; that none is named is fine. */
  async checkThere(field: string, id: unknown, db: Db = this.parts.db): Promise<void> {
    if (id === null || id === undefined) return;
    if ((await this.find(Number(id), db)) === undefined)
      throw invalid(field, `must be the id of ${article(this.kind.name)}`);
  }

  /** A record as the API shows it. */
  answer(record: W): object {
    return Object.fromEntries(this.kind.shown.map((column) => [column, record[column]]));
  }

  /** What an event says of a record, and of the patient it is about. */
  async about(row: Row<T>, db: Db = this.parts.db): Promise<About> {
    const target = { type: this.kind.model, id: String(row.id), label: this.kind.label(row) };
    return { target, ...(await this.subject(row, db)) };
  }

  /** The rows of a page. */
  protected page(_by: User, wanted: readonly Wanted[], slice: Slice): Promise<Rows<Row<T>>> {
    return this.records.list(this.parts.db, wanted, slice);
  }

  /** Rows with whatever belongs to them. */
  protected async whole(_db: Db, rows: readonly Row<T>[]): Promise<W[]> {
    return rows as W[];
  }

  /** Refuses what does not agree with what else the clinic holds. `row` is the record as it was. */
  protected async check(_db: Db, _input: Changed<T>, _row?: Row<T>): Promise<void> {
    // Most kinds refer to nothing.
  }

  /** The patient a record is about. */
  protected async subject(row: Row<T>, db: Db): Promise<Partial<About>> {
    return 'patient' in row ? this.parts.directory.subject(Number(row.patient), db) : {};
  }

  protected async isOwn(_db: Db, by: User, row: Row<T>): Promise<boolean> {
    const { own } = this.kind;
    return own !== undefined && (row as Wanted)[own] === by.id;
  }

  /** Whether somebody may see one record; kinds that hide some of theirs say which. */
  protected isSeen(_by: User, _row: Row<T>): boolean {
    return true;
  }

  protected async one(db: Db, row: Row<T>): Promise<W> {
    const [whole] = await this.whole(db, [row]);
    return there(whole, this.kind.name, row.id);
  }

  protected async save(db: Db, id: number, changes: Changed<T>): Promise<Row<T>> {
    return there(await this.records.update(db, id, changes), this.kind.name, id);
  }

  /** The record, when the caller may do this with it. In a transaction nobody else changes it until its end. */
  protected async allowed(db: Db, by: User, id: number, doing: Doing, attempted: string): Promise<Row<T>> {
    const find = db.isTransaction ? this.records.hold(db, id) : this.records.find(db, id);
    const row = there(await find, this.kind.name, id);
    const reach = reachOf(this.kind.rights, doing, by);
    const isWithin = reach === 'all' || (reach === 'own' && (await this.isOwn(db, by, row)));
    if (isWithin && this.isSeen(by, row)) return row;
    demand(false, { attempted, ...(await this.about(row, db)) });
    return row;
  }

  /** What is left to write once what cannot be changed has been found as it is. */
  protected changing(record: W, given: Changed<T>): Changed<T> {
    const now = this.answer(record) as Wanted;
    const fixed = Object.keys(given).filter((field) => this.#isFixed(field));
    for (const field of fixed) {
      if (!isDeepStrictEqual((given as Wanted)[field], now[field])) throw invalid(field, 'cannot be changed');
    }
    const changes = Object.entries(given).filter(([field]) => !fixed.includes(field));
    return Object.fromEntries(changes) as Changed<T>;
  }

  #isFixed(field: string): boolean {
    return field === 'id' || this.kind.fixed?.includes(field) === true;
  }
}

function article(name: string): string {
  return `${/^[aeiou]/.test(name) ? 'an' : 'a'} ${name}`;
}
