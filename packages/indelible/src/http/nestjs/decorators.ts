import { SetMetadata } from '@nestjs/common';

import type { BuiltInAction, Catalogue, EmptyCatalogue } from '../../event/actions.js';
import { Reading, type ReadKind, type ReadOptions } from '../reading.js';
import type { NestRequest } from './nest-facts.js';

/** What is recorded of a handler that shows records; `R` is the request of the platform that Nest runs on. */
export type NestReadOptions<R = NestRequest> = ReadOptions<R>;

type ActionOf<C extends Catalogue> = BuiltInAction | (keyof C & string);

const READINGS = 'indelible:readings';
const NO_AUDIT = 'indelible:no-audit';

/**
 * Records that a handler shows one record.
 *
 * @example
 * ```ts
 * @Controller('api/dental-records')
 * class DentalRecords {
 *   @Get(':id')
 *   @AuditRead('DentalRecord')
 *   show(@Param('id') id: string) {
 *     return { id, patient_id: '42', diagnosis: 'caries' };
 *   }
 * }
 * ```
 */
export function AuditRead<R = NestRequest>(model: string, options?: NestReadOptions<R>): MethodDecorator {
  return reads('record', 'READ', model, options);
}

/** Records that a handler shows a list: how many records, and which. A SEARCH when it is searched. */
export function AuditList<R = NestRequest>(model: string, options?: NestReadOptions<R>): MethodDecorator {
  return reads('list', 'LIST', model, options);
}

/** Records that a handler hands out records as a file, before it leaves. */
export function AuditExport<R = NestRequest>(model: string, options?: NestReadOptions<R>): MethodDecorator {
  return reads('file', 'EXPORT', model, options);
}

/** Records that a handler hands out a stored file, with its name, type and size. */
export function AuditDownload<R = NestRequest>(model: string, options?: NestReadOptions<R>): MethodDecorator {
  return reads('file', 'DOWNLOAD', model, options);
}

/**
 * Records that a handler did what the action says, such as PRINT. An application's own actions are named by the
 * type of its catalogue: `AuditSensitive<typeof actions>('APPROVED')`.
 */
export function AuditSensitive<C extends Catalogue = EmptyCatalogue, R = NestRequest>(
  action: ActionOf<NoInfer<C>>,
  options?: NestReadOptions<R> & { readonly model?: string | undefined },
): MethodDecorator {
  return reads('act', action, options?.model, options);
}

/**
 * Keeps the requests and the lists of a handler, or of all handlers of a controller, out of the trail. What they
 * change, single records they show, sign-ins and denials are recorded all the same.
 */
export function NoAudit(): ClassDecorator & MethodDecorator {
  return SetMetadata(NO_AUDIT, true);
}

/** What a handler is decorated with, the topmost first. */
export function readingsOf<R>(handler: object): readonly Reading<R>[] {
  return (Reflect.getMetadata(READINGS, handler) as readonly Reading<R>[] | undefined) ?? NONE;
}

export function isNoAudit(handler: object, controller: object): boolean {
  return Reflect.hasMetadata(NO_AUDIT, handler) || Reflect.hasMetadata(NO_AUDIT, controller);
}

const NONE: readonly never[] = [];

function reads<R>(
  kind: ReadKind,
  action: string,
  model: string | undefined,
  options: ReadOptions<R> | undefined,
): MethodDecorator {
  const reading = new Reading<R>(kind, action, model, options);
  return (target, name, descriptor) => {
    const below = readingsOf<R>(descriptor.value as object);
    SetMetadata(READINGS, [reading, ...below])(target, name, descriptor);
  };
}
