import type { BuiltInAction, Catalogue } from '../event/actions.js';
import type { Audit } from '../trail/create-audit.js';
import { watchingOf } from '../trail/door.js';
import { Reading, type ReadOptions } from './reading.js';
import type { Watching } from './watching.js';

/** Makes what a framework attaches to a route, `N`, to record what the route reads; `R` is its own request. */
export type AuditReading<R, N> = <C extends Catalogue>(
  audit: Audit<C>,
  model: string,
  options?: ReadOptions<R>,
) => N;

/** As `AuditReading`, for any action; without a model the record is the one that the path names. */
export type AuditSensitive<R, N> = <C extends Catalogue>(
  audit: Audit<C>,
  action: BuiltInAction | (keyof C & string),
  options?: ReadOptions<R> & { readonly model?: string | undefined },
) => N;

/** What every adapter offers for its routes. */
export interface Readings<R, N> {
  readonly read: AuditReading<R, N>;
  readonly list: AuditReading<R, N>;
  readonly export: AuditReading<R, N>;
  readonly download: AuditReading<R, N>;
  readonly sensitive: AuditSensitive<R, N>;
}

/** `attach` is all that differs from framework to framework. */
export function readingsBy<R, N>(attach: (watching: Watching, reading: Reading<R>) => N): Readings<R, N> {
  return {
    read: (audit, model, options) => attach(watchingOf(audit), new Reading('record', 'READ', model, options)),
    list: (audit, model, options) => attach(watchingOf(audit), new Reading('list', 'LIST', model, options)),
    export: (audit, model, options) =>
      attach(watchingOf(audit), new Reading('file', 'EXPORT', model, options)),
    download: (audit, model, options) =>
      attach(watchingOf(audit), new Reading('file', 'DOWNLOAD', model, options)),
    sensitive: (audit, action, options) =>
      attach(watchingOf(audit), new Reading('act', action, options?.model, options)),
  };
}
