import { Readable } from 'node:stream';

import {
  Controller,
  ForbiddenException,
  HttpException,
  Inject,
  Req,
  RequestMapping,
  RequestMethod,
  Res,
  StreamableFile,
  type Type,
  UseGuards,
} from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';

import { AuditDownload, AuditExport, AuditList, AuditRead, AuditSensitive } from '../../../src/nestjs.js';
import {
  type KitAnswer,
  type KitReading,
  KitRefusal,
  type KitRequest,
  type KitRoute,
  type KitUser,
} from '../../../src/testing/http/http-binding.js';
import type { Platform, PlatformRequest } from './platforms.js';

const FORBIDDEN = {
  canActivate(): never {
    throw new ForbiddenException('forbidden');
  },
};

/** A controller with a method for each route, decorated as the compiler would do it. */
export function controllerOf(platform: Platform, routes: readonly KitRoute[]): Type {
  class KitController {
    readonly host: HttpAdapterHost;

    constructor(host: HttpAdapterHost) {
      this.host = host;
    }
  }
  for (const [n, route] of routes.entries()) addMethod(KitController, `route${n}`, platform, route);
  Inject(HttpAdapterHost)(KitController, undefined, 0);
  Controller()(KitController);
  return KitController;
}

type Host = { readonly host: HttpAdapterHost };

function addMethod(controller: Type<Host>, name: string, platform: Platform, route: KitRoute): void {
  const { prototype } = controller as { prototype: object };
  const value = async function (this: Host, request: PlatformRequest, response: unknown): Promise<unknown> {
    const answer = await answerOf(route.handler, kitRequest(platform, request, response));
    return said(this.host.httpAdapter, response, answer);
  };
  Object.defineProperty(prototype, name, { value, writable: true, configurable: true });
  Req()(prototype, name, 0);
  Res({ passthrough: true })(prototype, name, 1);
  for (const decorate of decoratorsOf(route)) {
    decorate(prototype, name, Object.getOwnPropertyDescriptor(prototype, name) ?? {});
  }
}

function decoratorsOf({ method, path, reading, isForbidden = false }: KitRoute): MethodDecorator[] {
  return [
    RequestMapping({ method: RequestMethod[method], path }),
    ...(reading === undefined ? [] : [decoratorOf(reading)]),
    ...(isForbidden ? [UseGuards(FORBIDDEN)] : []),
  ];
}

function decoratorOf({ kind, model = '', action = '', options: own }: KitReading): MethodDecorator {
  if (kind === 'sensitive') return AuditSensitive(action as 'PRINT', { ...own, model });
  const decorate = { read: AuditRead, list: AuditList, export: AuditExport, download: AuditDownload }[kind];
  return decorate(model, own);
}

async function answerOf(handler: KitRoute['handler'], request: KitRequest): Promise<KitAnswer> {
  try {
    return await handler(request);
  } catch (error) {
    throw error instanceof KitRefusal ? new HttpException(error.message, error.status) : error;
  }
}

function kitRequest(platform: Platform, request: PlatformRequest, response: unknown): KitRequest {
  const node = platform.nodeOf(request, response);
  return {
    params: request.params as Record<string, string>,
    query: new URL(request.originalUrl, 'http://kit').searchParams,
    body: request.body,
    user: (node.request as { readonly user?: KitUser }).user,
    node,
    header: (name) => headerOf(request, name),
  };
}

export function headerOf({ headers }: PlatformRequest, name: string): string | undefined {
  return headers[name.toLowerCase()]?.toString();
}

/** What a handler of Nest returns for an answer. */
function said(
  adapter: HttpAdapterHost['httpAdapter'],
  response: unknown,
  { status = 200, headers = {}, json, text, stream }: KitAnswer,
): unknown {
  adapter.status(response, status);
  for (const [name, value] of Object.entries(headers)) adapter.setHeader(response, name, value);
  return stream === undefined
    ? (json ?? text)
    : new StreamableFile(Readable.from(stream(), { objectMode: false }));
}
