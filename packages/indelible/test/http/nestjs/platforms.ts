import type { IncomingMessage, ServerResponse } from 'node:http';

import type { INestApplication } from '@nestjs/common';
import type { AbstractHttpAdapter } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { Request as ExpressRequest } from 'express';
import type { FastifyReply, FastifyRequest } from 'fastify';
import supertest from 'supertest';

import type { KitUser } from '../../../src/testing/http/http-binding.js';

/** What both platforms' requests have, as far as the kit looks at it. */
export type PlatformRequest = (ExpressRequest | FastifyRequest) & { user?: KitUser | undefined };

/** What differs from one platform to the other. */
export interface Platform {
  readonly name: string;
  adapter(): AbstractHttpAdapter;
  /** Lets bodies in that are larger than those the platform takes by itself. */
  takeLargeBodies(app: INestApplication): void;
  nodeOf(request: unknown, response: unknown): { request: IncomingMessage; response: ServerResponse };
  inject(app: INestApplication, request: Request): Promise<Response>;
}

const LARGE = 4 * 1024 * 1024;

type Method = 'get' | 'post' | 'put' | 'patch' | 'delete' | 'head';

export const onExpress: Platform = {
  name: 'NestJS 12 on Express',
  adapter: () => new ExpressAdapter(),
  takeLargeBodies: (app) => void (app as NestExpressApplication).useBodyParser('json', { limit: LARGE }),
  nodeOf: (request, response) => ({
    request: request as IncomingMessage,
    response: response as ServerResponse,
  }),
  /** As Nest's own tests of applications do. */
  async inject(app, request) {
    const method = request.method.toLowerCase() as Method;
    const agent = supertest(app.getHttpServer());
    const asked = agent[method](pathOf(request)).set(Object.fromEntries(request.headers));
    const body = await request.text();
    const { status, text, headers } = body === '' ? await asked : await asked.send(body);
    return responseOf(status, text, headers);
  },
};

export const onFastify: Platform = {
  name: 'NestJS 12 on Fastify',
  adapter: () => new FastifyAdapter(),
  takeLargeBodies: (app) =>
    (app as NestFastifyApplication).useBodyParser('application/json', { bodyLimit: LARGE }),
  nodeOf: (request, response) => ({
    request: (request as FastifyRequest).raw,
    response: (response as FastifyReply).raw,
  }),
  async inject(app, request) {
    const body = await request.text();
    const { statusCode, headers, payload } = await (app as NestFastifyApplication).inject({
      method: request.method as 'GET',
      url: pathOf(request),
      headers: Object.fromEntries(request.headers),
      ...(body === '' ? {} : { payload: body }),
    });
    return responseOf(statusCode, payload, headers);
  },
};

function pathOf(request: Request): string {
  const { pathname, search } = new URL(request.url);
  return `${pathname}${search}`;
}

function responseOf(status: number, text: string, headers: object): Response {
  const pairs = Object.entries(headers).map(([name, value]) => [name, String(value)] as [string, string]);
  return new Response(status === 204 || status === 304 ? null : text, { status, headers: pairs });
}
