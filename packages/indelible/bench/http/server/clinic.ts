import Database from 'better-sqlite3';

import { CREATE, fill, TABLE } from '../../capture/table.js';

const ROWS = 10_000;
const PAGE = 20;

export interface Patient {
  readonly id: number;
  readonly [column: string]: unknown;
}

export interface Page {
  readonly results: readonly Patient[];
  readonly total: number;
  readonly page: number;
}

export interface User {
  readonly id: string;
  readonly username: string;
  readonly role: string;
}

const USERS: ReadonlyMap<string, User> = new Map(
  ['Ward', 'Desk', 'Night', 'Weekend'].map((name, n) => [
    `Bearer ${name.toLowerCase()}-0123456789abcdef`,
    { id: `u${n + 1}`, username: `${name.toLowerCase()}.office`, role: 'nurse' },
  ]),
);

/** What a client sends to be let in. */
export const [AUTHORIZATION = '']: readonly string[] = [...USERS.keys()];

export function userOf(authorization: string | undefined): User | undefined {
  return authorization === undefined ? undefined : USERS.get(authorization);
}

/** The patients of the clinic, in a file. */
export class Patients {
  readonly db: Database.Database;
  readonly #one: Database.Statement<[number], Patient>;
  readonly #page: Database.Statement<[number, number], Patient>;
  readonly #total: Database.Statement<[], number>;

  constructor(file: string) {
    const db = new Database(file);
    db.pragma('journal_mode = WAL');
    db.exec(CREATE);
    db.exec(fill(ROWS));
    this.db = db;
    this.#one = db.prepare(`SELECT * FROM ${TABLE} WHERE id = ?`);
    this.#page = db.prepare(
      `SELECT id, mrn, first_name, last_name, birth_date, status FROM ${TABLE} ORDER BY id LIMIT ? OFFSET ?`,
    );
    this.#total = db.prepare<[], number>(`SELECT max(id) FROM ${TABLE}`).pluck();
  }

  one(id: string): Patient | undefined {
    return this.#one.get(Number(id));
  }

  page(page: unknown): Page {
    const number = Math.max(Number(page) || 1, 1);
    const results = this.#page.all(PAGE, (number - 1) * PAGE);
    return { results, total: this.#total.get() ?? 0, page: number };
  }
}
