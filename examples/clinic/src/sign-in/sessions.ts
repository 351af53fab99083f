import { createHash, randomBytes } from 'node:crypto';

import { and, eq, gt, lte, ne } from 'drizzle-orm';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';

import type { ClinicDatabase } from '../database/clinic-database.js';
import { type User, users } from '../users/user.js';

const HOURS_12 = 12 * 3_600_000;

/** No records: the trail leaves tables of sessions out, and tells of people who come and go by acts. */
const sessions = sqliteTable('sessions', {
  id: integer().primaryKey({ autoIncrement: true }),
  user_id: integer().notNull(),
  token_sha256: text().notNull(),
  expires_at: integer().notNull(),
});

export type Session = Readonly<typeof sessions.$inferSelect>;

/** Who is signed in. A token is shown once, when its session opens; kept is only its digest. */
export class Sessions {
  readonly #db: ClinicDatabase;

  constructor(db: ClinicDatabase) {
    this.#db = db;
  }

  open(userId: number): { token: string; session: Session } {
    const token = randomBytes(32).toString('base64url');
    const now = Date.now();
    this.#db.delete(sessions).where(lte(sessions.expires_at, now)).run();
    const row = { user_id: userId, token_sha256: digestOf(token), expires_at: now + HOURS_12 };
    return { token, session: this.#db.insert(sessions).values(row).returning().get() };
  }

  /** The session goes on under a new token. Undefined when the old one opens nothing any more, as from now on. */
  renew({ id, token_sha256 }: Session): string | undefined {
    const token = randomBytes(32).toString('base64url');
    const set = { token_sha256: digestOf(token), expires_at: Date.now() + HOURS_12 };
    const still = and(eq(sessions.id, id), eq(sessions.token_sha256, token_sha256));
    const { changes } = this.#db.update(sessions).set(set).where(still).run();
    return changes === 1 ? token : undefined;
  }

  /** The session of a token, unless it has expired or been closed. */
  find(token: string): { session: Session; user: User } | undefined {
    return this.#db
      .select({ session: sessions, user: users })
      .from(sessions)
      .innerJoin(users, and(eq(users.id, sessions.user_id), eq(users.is_active, true)))
      .where(and(eq(sessions.token_sha256, digestOf(token)), gt(sessions.expires_at, Date.now())))
      .get();
  }

  close(id: number): void {
    this.#db.delete(sessions).where(eq(sessions.id, id)).run();
  }

  closeAllOf(userId: number, except = 0): void {
    this.#db
      .delete(sessions)
      .where(and(eq(sessions.user_id, userId), ne(sessions.id, except)))
      .run();
  }
}

function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
