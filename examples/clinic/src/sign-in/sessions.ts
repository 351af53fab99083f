import { createHash, randomBytes } from 'node:crypto';

import type { Generated, Selectable } from 'kysely';

import type { Db } from '../database/clinic-database.js';
import type { User } from '../users/user.js';

/** So long a token is good for. */
export const LIFETIME_MS = 12 * 3_600_000;

/** No records: the trail leaves tables of sessions out, and tells of people who come and go by acts. */
export interface SessionTable {
  id: Generated<number>;
  user_id: number;
  token_sha256: string;
  expires_at: number;
}

export type Session = Readonly<Pick<Selectable<SessionTable>, 'id' | 'token_sha256'>>;

/** Who is signed in. A token is shown once, when its session opens; kept is only its digest. */
export class Sessions {
  readonly #db: Db;

  constructor(db: Db) {
    this.#db = db;
  }

  async open(userId: number, db: Db = this.#db): Promise<{ token: string; session: Session }> {
    const token = randomBytes(32).toString('base64url');
    const now = Date.now();
    await db.deleteFrom('sessions').where('expires_at', '<=', now).execute();
    const row = { user_id: userId, token_sha256: digestOf(token), expires_at: now + LIFETIME_MS };
    const opened = db.insertInto('sessions').values(row).returning(['id', 'token_sha256']);
    return { token, session: await opened.executeTakeFirstOrThrow() };
  }

  /** The session goes on under a new token. Undefined when the old one opens nothing any more, as from now on. */
  async renew({ id, token_sha256 }: Session, db: Db): Promise<string | undefined> {
    const token = randomBytes(32).toString('base64url');
    const set = { token_sha256: digestOf(token), expires_at: Date.now() + LIFETIME_MS };
    const still = db.updateTable('sessions').set(set).where('id', '=', id);
    const renewed = await still.where('token_sha256', '=', token_sha256).returning('id').executeTakeFirst();
    return renewed && token;
  }

  /** The session of a token, unless it has expired or been closed. */
  async find(token: string): Promise<{ session: Session; user: User } | undefined> {
    const session = await this.#db
      .selectFrom('sessions')
      .select(['id', 'token_sha256', 'user_id'])
      .where('token_sha256', '=', digestOf(token))
      .where('expires_at', '>', Date.now())
      .executeTakeFirst();
    if (session === undefined) return undefined;
    const whose = this.#db.selectFrom('users').selectAll().where('id', '=', session.user_id);
    const user = await whose.where('is_active', '=', 1).executeTakeFirst();
    return user && { session, user };
  }

  async close(id: number, db: Db): Promise<void> {
    await db.deleteFrom('sessions').where('id', '=', id).execute();
  }

  async closeAllOf(userId: number, db: Db, except = 0): Promise<void> {
    await db.deleteFrom('sessions').where('user_id', '=', userId).where('id', '<>', except).execute();
  }
}

function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
