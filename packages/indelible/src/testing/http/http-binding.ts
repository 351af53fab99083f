import type { EventEmitter } from 'node:events';

import type { Actor } from '../../event/event.js';
import type { ReadOptions } from '../../http/reading.js';
import type { RequestOptions } from '../../http/request-options.js';
import type { Audit } from '../../trail/create-audit.js';

/** Somebody who is signed in, as the binding hands them to its framework's usual place for users. */
export interface KitUser {
  readonly id: string;
  readonly username: string;
  readonly role: string;
}

/** What a handler of the kit is given, whatever the framework. */
export interface KitRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** The body, parsed as JSON by the framework's own parser, also one of four megabytes; undefined without one. */
  readonly body: unknown;
  readonly user: KitUser | undefined;
  /** Node's own request and answer, where the framework runs on them. */
  readonly node?: { readonly request: EventEmitter; readonly response: EventEmitter };
  header(name: string): string | undefined;
}

/** What a handler answers; the binding says it in its framework's own way. */
export interface KitAnswer {
  /** 200 by default. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** Answered as the framework answers an object: `response.json`, a returned value, `c.json`. */
  readonly json?: unknown;
  readonly text?: string;
  /** Answered piece by piece, as it comes. */
  readonly stream?: () => AsyncIterable<string>;
}

/** Thrown by a handler; the binding throws its framework's own error of this status for it. */
export class KitRefusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'KitRefusal';
    this.status = status;
  }
}

/** How a route is to be decorated, in the framework's own idiom. `R` in options is what each framework gives. */
export interface KitReading {
  readonly kind: 'read' | 'list' | 'export' | 'download' | 'sensitive';
  readonly model?: string;
  /** Of a sensitive act. */
  readonly action?: string;
  readonly options?: Omit<ReadOptions<never>, 'id' | 'reason' | 'search' | 'metadata'>;
}

export interface KitRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With parameters as `:id`; the binding writes them as its framework does. */
  readonly path: string;
  readonly reading?: KitReading;
  /** True where the framework must refuse everybody before the handler runs, by its own means: a guard, a hook. */
  readonly isForbidden?: boolean;
  readonly handler: (request: KitRequest) => KitAnswer | Promise<KitAnswer>;
}

/** Finds a header of the framework's own request. */
export type KitHeader = (name: string) => string | undefined;

/** What the adapter's options of the same names are to answer. */
export interface KitAsked {
  readonly actor?: (header: KitHeader) => Actor | undefined;
  readonly tenant?: (header: KitHeader) => string | undefined;
  readonly session?: (header: KitHeader) => string | undefined;
  readonly requestId?: (header: KitHeader) => string | undefined;
}

/**
 * The options of an adapter that answer as the kit asks; `headerOf` finds a header of the framework's own request.
 * What the kit does not ask is left out, so that the adapter's defaults stand.
 */
export function askedOptions<R>(
  asked: KitAsked | undefined,
  headerOf: (request: R, name: string) => string | undefined,
): Pick<RequestOptions<R>, keyof KitAsked> {
  const options = Object.entries(asked ?? {}).map(([name, answer]) => [
    name,
    (request: R) => (answer as (header: KitHeader) => unknown)((header) => headerOf(request, header)),
  ]);
  return Object.fromEntries(options) as Pick<RequestOptions<R>, keyof KitAsked>;
}

export interface HttpSetUp {
  readonly audit: Audit;
  /** Handed to the adapter; what is of the framework's own request is added by the binding. */
  readonly options: Omit<RequestOptions<never>, keyof KitAsked>;
  /** Further options, to be given as `askedOptions` makes them. */
  readonly asked?: KitAsked;
  readonly routes: readonly KitRoute[];
  /** Who a request is from, by its `Authorization` header. To be asked after the adapter, where the framework has authentication. */
  readonly userOf: (authorization: string | undefined) => KitUser | undefined;
  /** Attaches the adapter so many times, as a hot reload may. */
  readonly attachments: number;
}

/** The clinic of the kit, running on a real socket. */
export interface HttpApp {
  /** Such as `http://127.0.0.1:40123`. */
  readonly origin: string;
  /** The routes as the framework itself lists them, in its own syntax. */
  readonly routes: readonly { readonly method: string; readonly path: string }[];
  /** The framework's own way to ask without a socket, where it has one. */
  readonly inject?: (request: Request) => Promise<Response>;
  close(): Promise<void>;
}

/** A framework's side of the kit. */
export interface HttpBinding {
  readonly name: string;
  /** What this framework does otherwise, by the scenario's name, with the reason. */
  readonly differences?: Readonly<Partial<Record<HttpDifference, string>>>;
  open(setUp: HttpSetUp): Promise<HttpApp>;
}

/** What a framework may do otherwise: nothing else. */
export type HttpDifference =
  /** An answer that is cut off while its body streams is told as it began. */
  | 'aborted-stream'
  /** The error that a handler threw stands in no event; its status does. */
  | 'thrown-error'
  /** There is no table of routes to read. */
  | 'route-table'
  /** A body is not known to the safety net unless the handler's own parsing shows it. */
  | 'logged-body';
