import { type CanActivate, Controller, type ExecutionContext, Get, Param, type Type } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';

import { AuditRead } from '../../../src/nestjs.js';
import type { PlatformRequest } from './platforms.js';
import { decorate } from './running.js';

export const PATIENT = { id: 7, name: 'Ada Alder' };
export const SHOWN = [Get(':id'), AuditRead('Patient')] as const;
/** How Ann asks. */
export const ANN = { as: 'ann' };

/** Lets everybody pass, and says of Ann that it is she. */
export const AUTHENTICATION = {
  provide: APP_GUARD,
  useValue: {
    canActivate(context: ExecutionContext): boolean {
      const request = context.switchToHttp().getRequest<PlatformRequest>();
      const isAnn = request.headers.authorization === 'Kit ann';
      request.user = isAnn ? { id: 'ann', username: 'ann', role: 'dentist' } : undefined;
      return true;
    },
  } satisfies CanActivate,
};

/** A controller of one method, which is asked for by `GET /api/patients/:id` unless it is decorated otherwise. */
export function controllerWith(
  show: (...parameters: never[]) => unknown,
  decorators: readonly MethodDecorator[] = SHOWN,
  ...parameters: readonly ParameterDecorator[]
): Type {
  class Patients {
    show(...given: never[]): unknown {
      return show(...given);
    }
  }
  decorate(Patients, 'show', decorators, ...(parameters.length === 0 ? [Param('id')] : parameters));
  Controller('api/patients')(Patients);
  return Patients;
}

export const PATIENTS: Type = controllerWith(() => PATIENT);
