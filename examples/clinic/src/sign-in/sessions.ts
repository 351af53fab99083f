import { createHash, randomBytes } from 'node:crypto';

import type { RecordedDatabase } from '../database/recorded-database.js';
import type { User } from '../users/user.js';

const HOURS_12 = 12 * 3_600_000;

const OPEN =
  'INSERT INTO sessions (user_id, token_sha256, expires_at) VALUES (?, ?, ?) RETURNING id, user_id';
const FIND = 'SELECT id, user_id FROM sessions WHERE token_sha256 = ? AND expires_at > ?';
const USER = 'SELECT * FROM users WHERE id = ? AND is_active = 1';

export interface Session {
  readonly id: number;
  readonly user_id: number;
}

/** Who is signed in. A token is shown once, when its session opens; kept is only its digest. */
export class Sessions {
  readonly #database: RecordedDatabase;

  constructor(database: RecordedDatabase) {
    this.#database = database;
  }

  open(userId: number): { token: string; session: Session } {
    const token = randomBytes(32).toString('base64url');
    const now = Date.now();
    this.#database.run('DELETE FROM sessions WHERE expires_at <= ?', now);
    const session = this.#database.get(OPEN, userId, digestOf(token), now + HOURS_12) as Session;
    return { token, session };
  }

  /** The session of a token, unless it has expired or been closed. */
  find(token: string): { session: Session; user: User } | undefined {
    const session = this.#database.get(FIND, digestOf(token), Date.now()) as Session | undefined;
    const user = session && (this.#database.get(USER, session.user_id) as User | undefined);
    return session && user && { session, user };
  }

  close(id: number): void {
    this.#database.run('DELETE FROM sessions WHERE id = ?', id);
  }

  closeAllOf(userId: number, except = 0): void {
    this.#database.run('DELETE FROM sessions WHERE user_id = ? AND id <> ?', userId, except);
  }
}

function digestOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
