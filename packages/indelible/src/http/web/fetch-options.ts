import type { Actor } from '../../event/event.js';
import type { Reading } from '../reading.js';
import type { RequestOptions } from '../request-options.js';
import type { Watching } from '../watching.js';

/** What handlers are called with: a Request, or an object that has one, and whatever else their server gives them. */
export type FetchArguments = readonly [FetchArgument?, ...unknown[]];
type FetchArgument = Request | { readonly request: Request };

/** What a watched handler is called with: also one that looks at nothing of it must be given a Request. */
export type CalledWith<P extends FetchArguments> = P extends readonly [] ? [request: FetchArgument] : P;

/**
 * A question about a request. It is asked with the Request and with what else the handler was called with: the server
 * of Bun, the context of Next, the arguments of a loader, the event of SvelteKit.
 */
export type AskFetch<T> = (request: Request, ...rest: never[]) => T | undefined;

/** What `auditFetch` is told of the application. */
export interface FetchOptions extends Omit<
  RequestOptions<Request>,
  'actor' | 'tenant' | 'session' | 'requestId'
> {
  /** Who sends a request. Called when an event is written, so that it may be found out by then. */
  readonly actor?: AskFetch<Actor> | undefined;
  readonly tenant?: AskFetch<string> | undefined;
  /** The id of the session a request belongs to; never its secret. */
  readonly session?: AskFetch<string> | undefined;
  /** The application's own id of a request; by default that of a trusted proxy, or a new one. */
  readonly requestId?: AskFetch<string> | undefined;
  /** The socket's address. Without it there is no address, and no header is believed. */
  readonly peer?: AskFetch<string> | undefined;
}

/** What a handler is for. */
export interface FetchRoute {
  /** The pattern it answers, such as `/api/patients/[id]`, in the syntax of the framework. */
  readonly route?: string | undefined;
  /** What it reads. */
  readonly reading?: FetchReading | readonly FetchReading[] | undefined;
}

/** What a handler reads, as `auditRead` and its like make it. */
export interface FetchReading {
  readonly watching: Watching;
  readonly reading: Reading<Request>;
}

export function ask<T>(question: AskFetch<T>, request: Request, rest: readonly unknown[]): T | undefined {
  return (question as (request: Request, ...rest: readonly unknown[]) => T | undefined)(request, ...rest);
}
