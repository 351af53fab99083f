import type { Actor, Outcome, RequestInfo, Target } from '../../event/event.js';

/** The account of somebody, as it is at that moment. */
export interface AuthUser extends Omit<Actor, 'type' | 'id' | 'onBehalfOf'> {
  readonly id: string;
}

/** What may be said of any event of signing in. What is left out comes from the context. */
export interface AuthFacts {
  /** The session's id; never its secret. */
  readonly sessionId?: string | undefined;
  /** How somebody signs in, such as `password`, `passkey` or `google`. */
  readonly method?: string | undefined;
  readonly reason?: string | undefined;
  /** How it ended, where it may have failed, such as a change of the password; as the event has it by default. */
  readonly outcome?: Outcome | undefined;
  /** The person the account belongs to, where accounts are records of people, such as a patient's. */
  readonly subjectId?: string | undefined;
  readonly subjectLabel?: string | undefined;
  readonly tenantId?: string | undefined;
  readonly request?: RequestInfo | undefined;
  readonly metadata?: Readonly<Record<string, unknown>> | undefined;
}

export interface AuthDetails extends AuthFacts {
  /** Whose account it is. */
  readonly user: AuthUser;
}

export interface RoleDetails extends AuthDetails {
  readonly from: string;
  readonly to: string;
}

export interface FailedLogin extends AuthFacts {
  /** What was typed as the name. Kept as a keyed digest only, since people type passwords there. */
  readonly username?: string | undefined;
  /** The account that was meant, if there is one: then its own user name is kept. */
  readonly user?: AuthUser | undefined;
  readonly why?: 'wrong_password' | 'unknown_user' | 'locked' | 'inactive' | (string & {}) | undefined;
}

export interface Denial extends AuthFacts {
  /** Who was kept away, where the context does not know. */
  readonly user?: AuthUser | undefined;
  readonly target?: Target | undefined;
  /** The action that was not allowed, such as `READ`. */
  readonly attempted?: string | undefined;
  readonly why?: string | undefined;
}
