import {
  type ArgumentsHost,
  BadRequestException,
  type CanActivate,
  Catch,
  type ExceptionFilter,
  type ExecutionContext,
  Get,
  HttpException,
  type NestInterceptor,
  Param,
  ParseIntPipe,
  Scope,
  type Type,
  UnauthorizedException,
  UseFilters,
  UseGuards,
} from '@nestjs/common';
import { APP_GUARD, APP_INTERCEPTOR } from '@nestjs/core';
import { describe, expect, it } from 'vitest';

import { AuditSensitive } from '../../src/nestjs.js';
import { ANN, AUTHENTICATION, controllerWith, PATIENT, PATIENTS, SHOWN } from './nestjs/patients.js';
import { onExpress, onFastify, type PlatformRequest } from './nestjs/platforms.js';
import { type NestSetUp, RunningNest } from './nestjs/running.js';

interface Reply {
  status(code: number): { send(body: object): void };
}

const nobody: CanActivate = { canActivate: () => false };
const signedIn: CanActivate = {
  canActivate(context: ExecutionContext): boolean {
    if (context.switchToHttp().getRequest<PlatformRequest>().user === undefined)
      throw new UnauthorizedException();
    return true;
  },
};
const PRINT = AuditSensitive('PRINT', { model: 'Patient', requireReason: true });

/** What no route tells by itself: a letter that is printed. */
function letters(onMethod: readonly MethodDecorator[] = [], onClass: readonly ClassDecorator[] = []): Type {
  const print = AuditSensitive('PRINT', { model: 'Letter' });
  const controller = controllerWith(() => PATIENT, [Get(':id/letter'), print, ...onMethod]);
  for (const decorator of onClass) decorator(controller);
  return controller;
}

describe.each([onExpress, onFastify])('guards, pipes and filters: $name', (platform) => {
  const open = (setUp: NestSetUp): Promise<RunningNest> =>
    RunningNest.on(platform, { providers: [AUTHENTICATION], ...setUp });

  const denies: NestSetUp['providers'] = [AUTHENTICATION, { provide: APP_GUARD, useValue: nobody }];

  it.each<[string, NestSetUp]>([
    ['of the module', { controllers: [letters()], providers: denies }],
    ['of the application', { controllers: [letters()], prepare: (app) => void app.useGlobalGuards(nobody) }],
    ['of the controller', { controllers: [letters([], [UseGuards(nobody)])] }],
    ['of the method', { controllers: [letters([UseGuards(nobody)])] }],
  ])('what a guard %s refuses is denied, with what the decorator says', async (_, setUp) => {
    await using nest = await open(setUp);
    expect((await nest.ask('/api/patients/7/letter', ANN)).status).toBe(403);
    expect(await nest.told(1)).toEqual(['ACCESS_DENIED Letter 7 by ann: denied 403']);
    expect((await nest.events(1))[0]?.metadata).toEqual({ attempted: 'PRINT' });
  });

  it('what a guard refuses that is made for each request is denied as well', async () => {
    class Guard implements CanActivate {
      canActivate(): boolean {
        return false;
      }
    }
    const scoped = { provide: APP_GUARD, useClass: Guard, scope: Scope.REQUEST };
    await using nest = await open({ controllers: [letters()], providers: [AUTHENTICATION, scoped] });
    await nest.ask('/api/patients/7/letter', ANN);
    expect(await nest.told(1)).toEqual(['ACCESS_DENIED Letter 7 by ann: denied 403']);
  });

  it('what is refused before Nest knows the route is denied', async () => {
    await using nest = await open({
      controllers: [PATIENTS],
      prepare: (app) =>
        void app.use((_request: unknown, response: { statusCode: number; end(text: string): void }) => {
          response.statusCode = 403;
          response.end('no');
        }),
    });
    expect((await nest.ask('/api/patients/7', ANN)).text).toBe('no');
    const [event, ...more] = await nest.events(1);
    expect(event).toMatchObject({ action: 'ACCESS_DENIED', request: { path: '/api/patients/7' } });
    expect(more).toEqual([]);
  });

  it('a missing reason is told only to whom the guards let pass', async () => {
    const controller = controllerWith(() => PATIENT, [Get(':id'), PRINT, UseGuards(signedIn)]);
    await using nest = await open({ controllers: [controller] });
    expect((await nest.ask('/api/patients/7')).status).toBe(401);
    expect(await nest.told(1)).toEqual(['ACCESS_DENIED Patient 7 by anonymous: denied 401']);
    expect((await nest.ask('/api/patients/7', ANN)).status).toBe(400);
    expect((await nest.told(2))[1]).toBe('API_REQUEST Patient 7 by ann: failure 400');
  });

  it('a missing reason is answered by the filters of the application', async () => {
    const seen: unknown[] = [];
    class Filter implements ExceptionFilter {
      catch(error: HttpException, host: ArgumentsHost): void {
        seen.push(error);
        host.switchToHttp().getResponse<Reply>().status(error.getStatus()).send({ said: error.message });
      }
    }
    Catch(HttpException)(Filter);
    await using nest = await open({
      controllers: [controllerWith(() => PATIENT, [Get(':id'), PRINT])],
      prepare: (app) => void app.useGlobalFilters(new Filter()),
    });
    const { status, text } = await nest.ask('/api/patients/7', ANN);
    expect(status).toBe(400);
    expect(JSON.parse(text)).toEqual({ said: expect.stringContaining('X-Audit-Reason') as string });
    expect(seen[0]).toBeInstanceOf(BadRequestException);
  });

  it('what a pipe refuses is told with its words', async () => {
    const controller = controllerWith(() => PATIENT, SHOWN, Param('id', ParseIntPipe));
    await using nest = await open({ controllers: [controller] });
    expect((await nest.ask('/api/patients/x', ANN)).status).toBe(400);
    expect(await nest.told(1)).toEqual(['API_REQUEST Patient x by ann: failure 400']);
    expect((await nest.events(1))[0]?.error).toMatchObject({
      message: expect.stringContaining('numeric string') as string,
    });
  });

  it('the error of a handler is kept that a filter answers as if nothing had been', async () => {
    class Filter implements ExceptionFilter {
      catch(_error: Error, host: ArgumentsHost): void {
        host.switchToHttp().getResponse<Reply>().status(200).send({ isWell: true });
      }
    }
    Catch()(Filter);
    const fails = (): never => {
      throw new Error('the drill is broken');
    };
    await using nest = await open({
      controllers: [controllerWith(fails, [Get(':id'), UseFilters(new Filter())])],
    });
    expect((await nest.ask('/api/patients/7', ANN)).status).toBe(200);
    expect(await nest.told(1)).toEqual(['API_REQUEST Patient 7 by ann: error 200']);
    expect((await nest.events(1))[0]?.error).toMatchObject({ message: 'the drill is broken' });
  });

  it('what an interceptor of the application throws is told with its words', async () => {
    const breaks: NestInterceptor = {
      intercept: () => {
        throw new Error('the scales are broken');
      },
    };
    const providers = [AUTHENTICATION, { provide: APP_INTERCEPTOR, useValue: breaks }];
    await using nest = await open({ controllers: [PATIENTS], providers });
    await nest.ask('/api/patients/7', ANN);
    expect(await nest.told(1)).toEqual(['API_REQUEST Patient 7 by ann: error 500']);
    expect((await nest.events(1))[0]?.error).toMatchObject({ message: 'the scales are broken' });
  });
});
