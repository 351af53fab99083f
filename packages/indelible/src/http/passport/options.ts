import type { Request } from 'express';

/** What `auditPassport` is told of the application. */
export interface AuditPassportOptions {
  /**
   * The application's own user of a name that was typed, if there is one: then a failed sign-in names the account.
   * Without it no failed sign-in does, since a password may have been typed for a name.
   */
  readonly findUser?: ((name: string, request: Request) => unknown) | undefined;
  /** What was typed as the name; by default the field that passport-local reads. */
  readonly attempted?: ((request: Request) => string | undefined) | undefined;
  /** The session's id, never its secret. The id of express-session is one, and is not taken by itself. */
  readonly session?: ((request: Request) => string | undefined) | undefined;
  /** Strategies that prove who sends one request, such as `jwt`: that is no sign-in. */
  readonly perRequest?: readonly string[] | undefined;
}

/** Strategies that ask every request for its proof. */
export const PER_REQUEST: readonly string[] = [
  'session',
  'jwt',
  'bearer',
  'oauth-bearer',
  'basic',
  'digest',
  'headerapikey',
  'localapikey',
  'anonymous',
];
