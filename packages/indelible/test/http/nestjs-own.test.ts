import {
  Controller,
  Get,
  HttpException,
  Post,
  Query,
  Req,
  Scope,
  type Type,
  VersioningType,
} from '@nestjs/common';
import { ExternalContextCreator, HttpAdapterHost } from '@nestjs/core';
import { describe, expect, it } from 'vitest';

import { AuditList, AuditRead, auditNest, NoAudit } from '../../src/nestjs.js';
import { ANN, AUTHENTICATION, controllerWith, PATIENT, PATIENTS, SHOWN } from './nestjs/patients.js';
import { onExpress, onFastify } from './nestjs/platforms.js';
import { clinicAudit, decorate, moduleOf, type NestSetUp, RunningNest } from './nestjs/running.js';

const READ = 'READ Patient 7 by ann: success 200';

describe.each([onExpress, onFastify])('auditNest: $name', (platform) => {
  const open = (setUp: NestSetUp): Promise<RunningNest> =>
    RunningNest.on(platform, { providers: [AUTHENTICATION], ...setUp });

  describe('a route', () => {
    it('is known below a global prefix', async () => {
      const controller = controllerWith(() => PATIENT, [Get(':id')]);
      Controller('patients')(controller);
      await using nest = await open({
        controllers: [controller],
        prepare: (app) => void app.setGlobalPrefix('api'),
      });
      await nest.ask('/api/patients/7', ANN);
      const [event] = await nest.events(1);
      expect(event?.target).toMatchObject({ type: 'Patient', id: '7' });
      expect(event?.request?.route).toBe('/api/patients/:id');
    });

    it('that is none says nothing of what was asked for', async () => {
      await using nest = await open({
        controllers: [PATIENTS],
        options: { actor: () => ({ type: 'user', id: 'ann' }) },
        prepare: (app) => void app.setGlobalPrefix('api', { exclude: ['api/patients/:id'] }),
      });
      await nest.ask('/api/patients/7/unknown');
      expect(await nest.told(1)).toEqual(['API_REQUEST by ann: failure 404']);
      expect((await nest.events(1))[0]?.request?.route).toBeNull();
    });

    it.each<[string, Parameters<RunningNest['app']['enableVersioning']>[0], string, Record<string, string>]>([
      ['path', { type: VersioningType.URI }, '/v2/api/patients/7', {}],
      [
        'header',
        { type: VersioningType.HEADER, header: 'x-version' },
        '/api/patients/7',
        { 'x-version': '2' },
      ],
    ])('is that of the version which the %s asks for', async (_, versioning, path, headers) => {
      const versionOf = (version: string): Type => {
        const controller = controllerWith(() => PATIENT, [Get(':id'), AuditRead(`PatientOf${version}`)]);
        Controller({ path: 'api/patients', version })(controller);
        return controller;
      };
      await using nest = await open({
        controllers: [versionOf('1'), versionOf('2')],
        prepare: (app) => void app.enableVersioning(versioning),
      });
      expect((await nest.ask(path, { ...ANN, headers })).status).toBe(200);
      expect(await nest.told(1)).toEqual(['READ PatientOf2 7 by ann: success 200']);
    });

    it('may be of a controller that is made for each request', async () => {
      const controller = controllerWith(() => PATIENT);
      Controller({ path: 'api/patients', scope: Scope.REQUEST })(controller);
      await using nest = await open({ controllers: [controller] });
      await nest.ask('/api/patients/7', ANN);
      expect(await nest.told(1)).toEqual([READ]);
    });
  });

  it('records once what two modules import, and once for each trail', async () => {
    const [audit, other] = [clinicAudit(), clinicAudit()];
    const [one, again, another] = [auditNest(audit), auditNest(audit), auditNest(other)];
    await using nest = await open({
      audit,
      imports: [moduleOf({ imports: [one] }), moduleOf({ imports: [one, again, another] })],
      controllers: [PATIENTS],
    });
    await nest.ask('/api/patients/7', ANN);
    expect(await nest.told(1)).toEqual([READ]);
    expect((await other.events()).map(({ action }) => action)).toEqual(['READ']);
    await other.close();
  });

  it('goes on calling the request hook of somebody else, and goes on when one takes its place', async () => {
    const called: string[] = [];
    const hook = (name: string) => (_request: unknown, _response: unknown, done: () => void) => {
      called.push(name);
      done();
    };
    await using nest = await open({
      controllers: [PATIENTS],
      prepare: (app) => app.get(HttpAdapterHost).httpAdapter.setOnRequestHook(hook('before')),
    });
    await nest.ask('/api/patients/7', ANN);
    nest.app.get(HttpAdapterHost).httpAdapter.setOnRequestHook(hook('after'));
    await nest.ask('/api/patients/7', ANN);
    expect(called).toEqual(['before', 'after']);
    expect(await nest.told(2)).toEqual([READ, READ]);
  });

  it('leaves resolvers alone, and whatever else Nest calls in its way', async () => {
    const resolver = { invoice: (...given: unknown[]) => given.length };
    AuditRead('Invoice')(resolver, 'invoice', { value: resolver.invoice });
    const callAs = (type: string): ((...given: unknown[]) => Promise<unknown>) => {
      const options = { guards: true, interceptors: true, filters: true };
      const { invoice } = resolver;
      const creator = nest.app.get(ExternalContextCreator, { strict: false });
      return creator.create(
        resolver,
        invoice,
        'invoice',
        undefined,
        undefined,
        undefined,
        undefined,
        options,
        type,
      );
    };
    const calls = async (request: unknown): Promise<object> => {
      await callAs('graphql')(request);
      await callAs('http')();
      return PATIENT;
    };
    await using nest = await open({ controllers: [controllerWith(calls, SHOWN, Req())], providers: [] });
    expect((await nest.ask('/api/patients/7')).status).toBe(200);
    expect(await nest.told(1)).toEqual(['READ Patient 7 by anonymous: success 200']);
  });

  it('leaves the trail open when the application closes, which answers first what it was asked', async () => {
    let goOn = (): void => undefined;
    let isAsked = (): void => undefined;
    const asked = new Promise<void>((resolve) => (isAsked = resolve));
    const waits = async (): Promise<object> => {
      isAsked();
      await new Promise<void>((resolve) => (goOn = resolve));
      return PATIENT;
    };
    await using nest = await open({ controllers: [controllerWith(waits)] });
    const answer = nest.ask('/api/patients/7', ANN);
    await asked;
    const closed = nest.app.close();
    goOn();
    expect((await answer).status).toBe(200);
    await closed;
    await nest.audit.record({ action: 'LOGOUT' });
    expect(await nest.told(2)).toEqual([READ, 'LOGOUT by system: success']);
  });

  describe('@NoAudit()', () => {
    class Patients {
      list(): object[] {
        return [PATIENT];
      }

      poll(page: string): object {
        if (page === 'closed') throw new HttpException('not yours', 403);
        return { page };
      }

      show(): object {
        return PATIENT;
      }

      async save(): Promise<void> {
        await saves();
      }
    }
    let saves = async (): Promise<unknown> => undefined;
    decorate(Patients, 'list', [Get(), AuditList('Patient')]);
    decorate(Patients, 'poll', [Get('poll')], Query('page'));
    decorate(Patients, 'show', [Get(':id'), AuditRead('Patient')]);
    decorate(Patients, 'save', [Post(':id')]);
    Controller('api/patients')(Patients);
    NoAudit()(Patients);

    it('keeps the requests and lists of a controller out, and nothing else', async () => {
      await using nest = await open({ controllers: [Patients] });
      saves = () =>
        nest.audit.record({ action: 'UPDATE', source: 'model', target: { type: 'Patient', id: '7' } });
      for (const path of ['', '?q=ada', '/poll', '/poll?page=closed', '/7'])
        await nest.ask(`/api/patients${path}`, ANN);
      await nest.ask('/api/patients/7', { ...ANN, method: 'POST' });
      expect(await nest.told(3)).toEqual([
        'ACCESS_DENIED Patient by ann: denied 403',
        READ,
        'UPDATE Patient 7 by ann: success',
      ]);
    });

    it('speaks for its method only', async () => {
      const [silent, told] = [
        controllerWith(() => ({}), [Get('poll'), NoAudit()]),
        controllerWith(() => ({}), [Get('other')]),
      ];
      await using nest = await open({ controllers: [silent, told] });
      for (const path of ['poll', 'other']) await nest.ask(`/api/patients/${path}`, ANN);
      expect(await nest.told(1)).toEqual(['API_REQUEST Patient by ann: success 200']);
    });
  });
});

it('takes for the user whom a middleware below Fastify has let in', async () => {
  await using nest = await RunningNest.on(onFastify, {
    controllers: [PATIENTS],
    prepare: (app) =>
      void app.use((request: { user?: unknown }, _response: unknown, next: () => void) => {
        request.user = { id: 'ann' };
        next();
      }),
  });
  await nest.ask('/api/patients/7');
  expect(await nest.told(1)).toEqual([READ]);
});
