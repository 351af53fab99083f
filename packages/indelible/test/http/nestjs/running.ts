import { type INestApplication, Module, type ModuleMetadata, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';

import type { Audit, AuditEvent } from '../../../src/index.js';
import { auditNest, type NestOptions } from '../../../src/nestjs.js';
import { type Answered, ask, type Asked } from '../../../src/testing/http/asking.js';
import { lineOf } from '../../../src/testing/http/event-line.js';
import { until } from '../../../src/testing/http/http-clinic.js';
import { createTestAudit, type TestAudit } from '../../../src/testing/test-audit.js';
import type { Platform } from './platforms.js';

export interface NestSetUp extends ModuleMetadata {
  readonly options?: NestOptions;
  readonly audit?: TestAudit;
  /** What `main.ts` does with an application before it is started. */
  readonly prepare?: (app: INestApplication) => void;
}

/** An application of Nest that is really running, with the trail that watches it. */
export class RunningNest implements AsyncDisposable {
  readonly app: INestApplication;
  readonly audit: TestAudit;
  readonly origin: string;

  private constructor(app: INestApplication, audit: TestAudit, origin: string) {
    this.app = app;
    this.audit = audit;
    this.origin = origin;
  }

  static async on(platform: Platform, setUp: NestSetUp): Promise<RunningNest> {
    const { audit = clinicAudit(), options, prepare, imports = [], ...metadata } = setUp;
    const root = moduleOf({ ...metadata, imports: [auditNest(audit as Audit, options), ...imports] });
    const app = await NestFactory.create(root, platform.adapter(), { logger: false });
    prepare?.(app);
    await app.listen(0, '127.0.0.1');
    return new RunningNest(app, audit, await app.getUrl());
  }

  ask(path: string, asked?: Asked): Promise<Answered> {
    return ask(this.origin, path, asked);
  }

  /** Every event there is, in one line each, as soon as there are so many of them. */
  async told(least: number): Promise<string[]> {
    return (await this.events(least)).map(lineOf);
  }

  events(least: number): Promise<AuditEvent[]> {
    return until(
      () => this.audit.events(),
      (events) => events.length >= least,
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.app.close();
    await this.audit.close();
  }
}

export function clinicAudit(): TestAudit {
  return createTestAudit({
    models: { Patient: { subject: 'id', label: { columns: ['name'], text: ({ name }) => String(name) } } },
  });
}

export function moduleOf(metadata: ModuleMetadata): Type {
  class OwnModule {
    readonly metadata: ModuleMetadata = metadata;
  }
  Module(metadata)(OwnModule);
  return OwnModule;
}

/** Decorates as the compiler would: `parameters` are those of the method, in their order. */
export function decorate<T extends object>(
  controller: new (...injected: never[]) => T,
  method: keyof T & string,
  decorators: readonly MethodDecorator[],
  ...parameters: readonly ParameterDecorator[]
): void {
  const { prototype } = controller as { prototype: object };
  for (const [index, parameter] of parameters.entries()) parameter(prototype, method, index);
  const descriptor = Object.getOwnPropertyDescriptor(prototype, method) ?? {};
  for (const own of decorators.toReversed()) own(prototype, method, descriptor);
}
