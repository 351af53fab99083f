/** What Passport gives a strategy for one request: how it says what it has found. */
export interface Actions {
  success(user: unknown, info?: unknown): void;
  fail(challenge?: unknown, status?: number): void;
  redirect(url: string, status?: number): void;
  pass(): void;
  error(error: unknown): void;
}

export interface StrategyLike extends Actions {
  readonly name?: string | undefined;
  authenticate(request: PassportRequest, options?: unknown): unknown;
}

export type Done = (error?: unknown) => void;

/** A request as Passport leaves it. */
export interface PassportRequest {
  readonly body?: unknown;
  readonly query?: unknown;
  readonly method?: string | undefined;
  readonly _userProperty?: string | undefined;
  readonly _sessionManager?: unknown;
  logIn?: SessionCall<[user: unknown]>;
  login?: SessionCall<[user: unknown]>;
  logOut?: SessionCall<[]>;
  logout?: SessionCall<[]>;
}

/** `logIn` and `logOut`: options may be left out, and so may the callback where there are no sessions. */
export type SessionCall<A extends unknown[]> = (
  this: PassportRequest,
  ...given: [...A, options?: unknown, done?: unknown]
) => unknown;

export type Middleware = (request: PassportRequest, response: unknown, next: Done) => unknown;

/** What `passport.framework()` takes: how Passport meets the framework it works in. */
export interface Framework {
  initialize(passport: PassportInside, options?: unknown): Middleware;
  authenticate(passport: PassportInside, name: unknown, options?: unknown, callback?: unknown): Middleware;
  authorize?(passport: PassportInside, name: unknown, options?: unknown, callback?: unknown): Middleware;
}

/** What a framework is given of Passport. */
export interface PassportInside {
  framework(framework: Framework): unknown;
  _framework?: Framework | null;
  _strategy(name: string): StrategyLike | undefined;
}
