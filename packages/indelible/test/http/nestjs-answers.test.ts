import { Readable } from 'node:stream';

import { type CallHandler, Get, Param, Render, Res, Sse, StreamableFile } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { from, interval, map, type Observable, of } from 'rxjs';
import { describe, expect, it } from 'vitest';

import { AuditDownload, AuditList } from '../../src/nestjs.js';
import { begin } from '../../src/testing/http/asking.js';
import { ANN, AUTHENTICATION, controllerWith, PATIENT, SHOWN } from './nestjs/patients.js';
import { onExpress, onFastify } from './nestjs/platforms.js';
import { type NestSetUp, RunningNest } from './nestjs/running.js';

const READ = ['READ Patient 7 by ann: success 200'];

describe.each([onExpress, onFastify])('what a handler answers: $name', (platform) => {
  const answered = async (setUp: NestSetUp, path = '/api/patients/7'): Promise<RunningNest> => {
    const nest = await RunningNest.on(platform, { providers: [AUTHENTICATION], ...setUp });
    expect((await nest.ask(path, ANN)).status).toBe(200);
    return nest;
  };

  it.each<[string, () => unknown]>([
    ['a value', () => PATIENT],
    ['a promise', async () => PATIENT],
    ['an Observable', () => of(PATIENT)],
    ['an Observable of several, of which the last is sent', () => from([{ id: 1, name: 'Ben' }, PATIENT])],
  ])('is known when it is %s', async (_, show) => {
    await using nest = await answered({ controllers: [controllerWith(show)] });
    expect(await nest.told(1)).toEqual(READ);
    expect((await nest.events(1))[0]).toMatchObject({ target: { label: 'Ada Alder' }, subjectId: '7' });
  });

  it('is known when it answers by itself', async () => {
    const send = (_id: string, response: { send(body: object): void }): void => response.send(PATIENT);
    await using nest = await answered({ controllers: [controllerWith(send, SHOWN, Param('id'), Res())] });
    expect(await nest.told(1)).toEqual(READ);
    expect((await nest.events(1))[0]?.target?.label).toBe('Ada Alder');
  });

  it('is known as the interceptors of the application have made it', async () => {
    const intercept = (_context: unknown, next: CallHandler): Observable<unknown> =>
      next.handle().pipe(map((results: unknown) => ({ count: 31, results })));
    await using nest = await answered(
      {
        controllers: [controllerWith(() => [PATIENT], [Get(), AuditList('Patient')])],
        providers: [AUTHENTICATION, { provide: APP_INTERCEPTOR, useValue: { intercept } }],
      },
      '/api/patients',
    );
    expect(await nest.told(1)).toEqual(['LIST Patient by ann: success 200']);
    expect((await nest.events(1))[0]?.metadata).toEqual({ count: 1, total: 31, ids: ['7'] });
  });

  it('is a file with its name, type and size when it is a StreamableFile', async () => {
    const file = (): StreamableFile =>
      new StreamableFile(Readable.from(['ab', 'cd'], { objectMode: false }), {
        type: 'text/csv',
        disposition: 'attachment; filename="chart.csv"',
        length: 4,
      });
    await using nest = await answered({
      controllers: [controllerWith(file, [Get(':id'), AuditDownload('Patient')])],
    });
    expect(await nest.told(1)).toEqual(['DOWNLOAD Patient 7 by ann: success 200']);
    const [event] = await nest.events(1);
    expect(event?.metadata).toEqual({ filename: 'chart.csv', content_type: 'text/csv', size: 4 });
  });

  it('is a stream of events, which ends when nobody listens any more', async () => {
    const beats = (): Observable<object> => interval(5).pipe(map((n) => ({ data: { n } })));
    await using nest = await RunningNest.on(platform, {
      providers: [AUTHENTICATION],
      controllers: [controllerWith(beats, [Sse(':id/beats')])],
    });
    const message = await begin(nest.origin, '/api/patients/7/beats', ANN);
    await new Promise((first) => message.once('data', first));
    message.destroy();
    expect(await nest.told(1)).toEqual(['API_REQUEST Patient 7 by ann: success 200']);
  });
});

it('what a view is given is known', async () => {
  await using nest = await RunningNest.on(onExpress, {
    providers: [AUTHENTICATION],
    controllers: [controllerWith(() => PATIENT, [...SHOWN, Render('form')])],
    prepare: (app) => {
      const express = (app as NestExpressApplication)
        .setViewEngine('html')
        .setBaseViewsDir(import.meta.dirname);
      express.getHttpAdapter().getInstance().set('view', View);
    },
  });
  expect((await nest.ask('/api/patients/7', ANN)).text).toBe('<input value="Ada Alder">');
  expect(await nest.told(1)).toEqual(READ);
  expect((await nest.events(1))[0]?.target?.label).toBe('Ada Alder');
});

/** A view of Express that needs no file. */
class View {
  readonly path = 'form';

  render({ name }: typeof PATIENT, done: (error: null, text: string) => void): void {
    done(null, `<input value="${name}">`);
  }
}
