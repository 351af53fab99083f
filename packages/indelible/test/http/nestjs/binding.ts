import type { IncomingMessage } from 'node:http';

import { type INestApplication, Module, RequestMethod, type Type } from '@nestjs/common';
import { type MiddlewareBuilder, NestFactory } from '@nestjs/core';

import { auditNest } from '../../../src/nestjs.js';
import {
  askedOptions,
  type HttpApp,
  type HttpBinding,
  type HttpSetUp,
} from '../../../src/testing/http/http-binding.js';
import { controllerOf, headerOf } from './kit-controller.js';
import type { Platform, PlatformRequest } from './platforms.js';

type MiddlewareFunction = (request: IncomingMessage, response: unknown, next: () => void) => void;

export function nestBinding(platform: Platform): HttpBinding {
  return {
    name: platform.name,
    async open(setUp: HttpSetUp): Promise<HttpApp> {
      const routes: { method: string; path: string }[] = [];
      const app = await NestFactory.create(clinicModule(platform, setUp, routes), platform.adapter(), {
        logger: false,
        forceCloseConnections: true,
      });
      platform.takeLargeBodies(app);
      await app.listen(0, '127.0.0.1');
      return {
        origin: await app.getUrl(),
        routes,
        inject: (request) => platform.inject(app, request),
        close: () => closed(app),
      };
    },
  };
}

function clinicModule(
  platform: Platform,
  { audit, options, asked, routes, userOf, attachments }: HttpSetUp,
  table: { method: string; path: string }[],
): Type {
  const own = { ...options, ...askedOptions<PlatformRequest>(asked, headerOf) };
  class ClinicModule {
    /** Nest's own list of what it serves. */
    configure(consumer: MiddlewareBuilder): void {
      for (const { method, path } of consumer.getServedRoutes())
        table.push({ method: RequestMethod[method], path });
      consumer.apply(authentication(userOf)).forRoutes('{*all}');
    }
  }
  Module({
    imports: Array.from({ length: attachments }, () => auditNest(audit, own)),
    controllers: [controllerOf(platform, routes)],
  })(ClinicModule);
  return ClinicModule;
}

/**
 * Finds the user in its own time, and hangs it on the request; on Fastify that is Node's own, below Fastify's. A
 * guard, as many have for it, would know nobody who asks for what no route answers.
 */
function authentication(userOf: HttpSetUp['userOf']): MiddlewareFunction {
  return (request, _response, next) => {
    setImmediate(() => {
      Object.assign(request, { user: userOf(request.headers.authorization) });
      next();
    });
  };
}

async function closed(app: INestApplication): Promise<void> {
  app.getHttpServer().closeAllConnections();
  await app.close();
}
