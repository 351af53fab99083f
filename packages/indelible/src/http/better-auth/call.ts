import type { RequestInfo } from '../../event/event.js';

/** What `auditBetterAuth` is told of the application. */
export interface AuditBetterAuthOptions {
  /**
   * Where a request comes from, when no adapter of a framework has opened a context that knows it. By default that
   * is not known, since a header that names an address can be written by anybody.
   */
  readonly address?: ((request: Request) => string | undefined) | undefined;
}

/** A row of better-auth's own tables, of which plugins add columns. */
export type Row = Readonly<Record<string, unknown>>;

export interface SignedIn {
  readonly session: Row;
  readonly user: Row;
}

/** What is used of better-auth's context of one call. */
interface AuthContextLike {
  readonly newSession?: SignedIn | null | undefined;
  readonly session?: SignedIn | null | undefined;
  readonly returned?: unknown;
  readonly responseHeaders?: Headers | undefined;
  readonly internalAdapter: {
    findUserByEmail(email: string): Promise<{ readonly user: Row } | null>;
    findUserById(id: string): Promise<Row | null>;
    findVerificationValue(identifier: string): Promise<{ readonly value: string } | null>;
    deleteSession(token: string): Promise<unknown>;
  };
  readonly adapter: {
    findOne(query: {
      readonly model: string;
      readonly where: { readonly field: string; readonly value: string; readonly connector: 'OR' }[];
    }): Promise<unknown>;
  };
  setNewSession(session: null): void;
}

/** What is used of a call of one of better-auth's endpoints. */
export interface Call {
  readonly path?: string | undefined;
  readonly method?: string | undefined;
  readonly body?: unknown;
  readonly query?: unknown;
  readonly params?: unknown;
  readonly request?: Request | undefined;
  readonly headers?: Headers | undefined;
  readonly context: AuthContextLike;
}

/** A member of what somebody sent, when it is a text. */
export function textIn(given: unknown, name: string): string | undefined {
  const member = typeof given === 'object' && given !== null ? Reflect.get(given, name) : undefined;
  return typeof member === 'string' && member !== '' ? member : undefined;
}

/** What an event says of the request, where no context does. The query is left out: it holds tokens. */
export function requestOf(
  { request, headers, method }: Call,
  { address }: AuditBetterAuthOptions,
): RequestInfo {
  return {
    method: request && method,
    path: request && new URL(request.url).pathname,
    ip: request && address?.(request),
    userAgent: headers?.get('user-agent')?.slice(0, 512),
  };
}
