import type { ServerResponse } from 'node:http';

import { type DynamicModule, Inject, Module } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';

import { apiServer } from '../../api/audit-api.js';
import type { ApiOptions } from '../../api/options.js';
import type { Catalogue } from '../../event/actions.js';
import type { Audit } from '../../trail/create-audit.js';
import { answerNode, type Mounted } from '../mount/answer-node.js';
import { pathOf } from '../request-facts.js';
import { messageOf } from './nest-facts.js';
import type { AdapterLike } from './requests.js';

type Next = () => void;

/** What Express and Fastify have in common of a request. */
interface PlatformCall {
  readonly originalUrl: string;
  readonly body?: unknown;
}

/** The audit API as a module, on Express or on Fastify. Guards do not see its requests: `authorize` does. */
export function auditApi<C extends Catalogue>(audit: Audit<C>, options: ApiOptions): DynamicModule {
  const api = apiServer(audit, options);
  class AuditApiModule {
    readonly #host: HttpAdapterHost;

    constructor(host: HttpAdapterHost) {
      this.#host = host;
    }

    /** Called after everything has been injected and before the routes are made. */
    configure(): void {
      mount(api, this.#host.httpAdapter as AdapterLike);
    }
  }
  Inject(HttpAdapterHost)(AuditApiModule, undefined, 0);
  Module({})(AuditApiModule);
  return { module: AuditApiModule };
}

function mount(api: Mounted, adapter: AdapterLike): void {
  if (adapter.getType() !== 'fastify') {
    adapter.use((request: PlatformCall, response: ServerResponse, next: Next) => {
      if (api.owns(pathOf(request.originalUrl))) void answer(api, request, response);
      else next();
    });
    return;
  }
  // Before Fastify reads the body, so that the API can.
  adapter.getInstance().addHook?.('onRequest', (request: PlatformCall, reply: FastifyLike, next: Next) => {
    if (!api.owns(pathOf(request.originalUrl))) return next();
    reply.hijack();
    void answer(api, request, reply.raw);
  });
}

interface FastifyLike {
  readonly raw: ServerResponse;
  hijack(): void;
}

function answer(api: Mounted, call: PlatformCall, response: ServerResponse): Promise<void> {
  const { originalUrl: url, body } = call;
  return answerNode(api, { request: messageOf(call), response, url, body });
}
