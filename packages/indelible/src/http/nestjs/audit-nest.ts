import { type DynamicModule, Inject, Module } from '@nestjs/common';
import { ApplicationConfig, HttpAdapterHost } from '@nestjs/core';

import type { Catalogue } from '../../event/actions.js';
import type { Actor } from '../../event/event.js';
import type { Audit } from '../../trail/create-audit.js';
import { watchingOf } from '../../trail/door.js';
import { actorOfUser } from '../actor-of-user.js';
import type { RequestOptions } from '../request-options.js';
import { SafetyNet } from '../safety-net.js';
import type { Watching } from '../watching.js';
import type { NestRequest, PlatformRequest } from './nest-facts.js';
import { type AdapterLike, watchRequests } from './requests.js';
import { RouteWatch } from './route-watch.js';

/** What `auditNest` is told of the application. Who acts is `request.user` unless `actor` says otherwise. */
export type NestOptions<R = NestRequest> = RequestOptions<R>;

/** Of each application the trails that watch it: importing twice records once. */
const attached = new WeakMap<object, WeakSet<Watching>>();

/**
 * The module that watches a NestJS application, on Express or on Fastify. It is imported once, by the root module.
 *
 * @example
 * ```ts
 * @Module({ imports: [auditNest(audit, { tenant: (request) => request.hostname })] })
 * class AppModule {}
 * ```
 */
export function auditNest<C extends Catalogue, R extends object = NestRequest>(
  audit: Audit<C>,
  options: NestOptions<R> = {},
): DynamicModule {
  const watching = watchingOf(audit);
  const net = new SafetyNet<R>(watching, { ...options, actor: options.actor ?? userOf });
  return { module: moduleOf(net) };
}

/** Nest knows a module by its class: each has its own. */
function moduleOf<R extends object>(net: SafetyNet<R>): new (...injected: never[]) => object {
  class AuditModule {
    readonly #host: HttpAdapterHost;
    readonly #config: ApplicationConfig;

    constructor(host: HttpAdapterHost, config: ApplicationConfig) {
      this.#host = host;
      this.#config = config;
    }

    /** Called after everything has been injected and before the routes are made. */
    configure(): void {
      attach(net, this.#host.httpAdapter as unknown as AdapterLike, this.#config);
    }
  }
  Inject(HttpAdapterHost)(AuditModule, undefined, 0);
  Inject(ApplicationConfig)(AuditModule, undefined, 1);
  Module({})(AuditModule);
  return AuditModule;
}

function attach<R extends object>(net: SafetyNet<R>, adapter: AdapterLike, config: ApplicationConfig): void {
  const { watching } = net;
  const known = attached.get(adapter) ?? new WeakSet<Watching>();
  if (known.has(watching)) return;
  attached.set(adapter, known.add(watching));
  watchRequests(net, adapter);
  // Among the guards and interceptors that the application has for every route, before all others.
  const watch = new RouteWatch<R>(watching);
  config.getGlobalGuards().unshift(watch);
  config.getGlobalInterceptors().unshift(watch);
  watching.attached(`NestJS on ${adapter.getType()}`);
}

function userOf(request: object): Actor | undefined {
  const { user, raw } = request as PlatformRequest;
  return actorOfUser(user ?? raw?.user);
}
