import { AuditError } from '../../event/errors.js';
import type { Actor } from '../../event/event.js';
import type { LooseInput } from '../../event/input.js';
import type { SqlConnection } from '../../stores/store.js';
import type { ContextStack } from '../context.js';
import type { AuthDetails, AuthFacts, AuthUser, Denial, FailedLogin, RoleDetails } from './auth-details.js';
import { actorOf, ANONYMOUS, authEvent } from './auth-event.js';
import type { NameDigest } from './name-digest.js';

export interface AuthParts<R> {
  readonly context: ContextStack;
  readonly names: NameDigest;
  /** The model that accounts are records of. */
  readonly userModel: string;
  readonly record: (event: LooseInput, connection: SqlConnection | undefined) => R;
  readonly report: (error: AuditError) => void;
}

/**
 * The events of signing in, each with what it must say and without what it must not. Each resolves, or on
 * `audit.authSync` answers, as `audit.record` does; with a connection it goes into the transaction open there.
 *
 * @example
 * ```ts
 * const user = { id: '7', username: 'anna', name: 'Anna Example', role: 'dentist' };
 * await audit.auth.loginSucceeded({ user, method: 'password', sessionId: '815' });
 * await audit.auth.loginFailed({ username: 'what was typed', why: 'unknown_user' });
 * await audit.auth.roleChanged({ user, from: 'assistant', to: 'dentist' });
 * await audit.auth.denied({ target: { type: 'Patient', id: '42' }, attempted: 'READ' });
 * ```
 */
export class AuthEvents<R = Promise<string | undefined>> {
  readonly #parts: AuthParts<R>;

  /** @internal */
  constructor(parts: AuthParts<R>) {
    this.#parts = parts;
  }

  /** The model that accounts are records of. */
  get userModel(): string {
    return this.#parts.userModel;
  }

  /** Somebody has signed in. Acts himself, and from here on in what else the context records. */
  loginSucceeded(details: AuthDetails, connection?: SqlConnection): R {
    return this.#record('LOGIN_SUCCESS', connection, () => {
      const actor = actorOf(details.user);
      this.#enter(actor, details.sessionId);
      return { ...this.#about('LOGIN_SUCCESS', details), actor };
    });
  }

  /**
   * Somebody could not sign in. The name is kept only as that of a known `user`. The request's query and body
   * are not: they may hold what was typed.
   */
  loginFailed(details: FailedLogin, connection?: SqlConnection): R {
    return this.#record('LOGIN_FAILED', connection, () => {
      const { user, username, why, request } = details;
      const name = user ? { username: user.username } : { username_digest: this.#parts.names.of(username) };
      return {
        ...this.#about('LOGIN_FAILED', details, { why, ...name }),
        actor: ANONYMOUS,
        request: { ...request, query: {}, body: {} },
      };
    });
  }

  /** Somebody has signed out, or was signed out by whom the context names. */
  loggedOut(details: AuthDetails, connection?: SqlConnection): R {
    return this.#record('LOGOUT', connection, () => this.#byUser('LOGOUT', details));
  }

  /** A session goes on with a new token, or for longer. */
  tokenRefreshed(details: AuthDetails, connection?: SqlConnection): R {
    return this.#record('TOKEN_REFRESH', connection, () => this.#byUser('TOKEN_REFRESH', details));
  }

  passwordChanged(details: AuthDetails, connection?: SqlConnection): R {
    return this.#plain('PASSWORD_CHANGE', details, connection);
  }

  roleChanged(details: RoleDetails, connection?: SqlConnection): R {
    return this.#record('ROLE_CHANGE', connection, () =>
      this.#about('ROLE_CHANGE', details, { from: details.from, to: details.to }),
    );
  }

  emailVerified(details: AuthDetails, connection?: SqlConnection): R {
    return this.#plain('EMAIL_VERIFIED', details, connection);
  }

  activated(details: AuthDetails, connection?: SqlConnection): R {
    return this.#plain('ACCOUNT_ACTIVATED', details, connection);
  }

  deactivated(details: AuthDetails, connection?: SqlConnection): R {
    return this.#plain('ACCOUNT_DEACTIVATED', details, connection);
  }

  /** Somebody was kept away from something. */
  denied(details: Denial, connection?: SqlConnection): R {
    return this.#record('ACCESS_DENIED', connection, () => {
      const { user, target, attempted, why } = details;
      const event = authEvent('ACCESS_DENIED', details, { attempted, why });
      return { ...event, target, actor: user && this.#unlessKnown(user) };
    });
  }

  #plain(action: string, details: AuthDetails, connection: SqlConnection | undefined): R {
    return this.#record(action, connection, () => this.#about(action, details));
  }

  #byUser(action: string, details: AuthDetails): LooseInput {
    return { ...this.#about(action, details), actor: this.#unlessKnown(details.user) };
  }

  #about(
    action: string,
    facts: AuthFacts & { readonly user?: AuthUser | undefined },
    more?: Readonly<Record<string, unknown>>,
  ): LooseInput {
    const { user } = facts;
    const target = user && { type: this.#parts.userModel, id: user.id, label: user.name ?? user.username };
    return { ...authEvent(action, facts, more), target };
  }

  /** Whom the context does not know; undefined leaves it to the context. */
  #unlessKnown(user: AuthUser): Actor | undefined {
    const known = this.#parts.context.actor();
    return known === undefined || known.type === 'anonymous' ? actorOf(user) : undefined;
  }

  /** A program that signs somebody in goes on as itself. */
  #enter(actor: Actor, sessionId: string | undefined): void {
    const { context } = this.#parts;
    const known = context.actor()?.type ?? 'anonymous';
    if (known !== 'anonymous' && known !== 'user') return;
    context.setInRequest(sessionId === undefined ? { actor } : { actor, sessionId });
  }

  /** Whatever the details are, the event is kept. */
  #record(action: string, connection: SqlConnection | undefined, eventOf: () => LooseInput): R {
    const { record, report } = this.#parts;
    let event: LooseInput;
    try {
      event = eventOf();
    } catch (error) {
      report(AuditError.from(error, 'INVALID_OPTIONS', `What was said of ${action} could not be read`));
      event = { action, source: 'auth', actor: action === 'LOGIN_FAILED' ? ANONYMOUS : undefined };
    }
    return record(event, connection);
  }
}
