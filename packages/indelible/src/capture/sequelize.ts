import type { Catalogue } from '../event/actions.js';
import { AuditError } from '../event/errors.js';
import { captureOf } from '../trail/door.js';
import type { Audit } from '../trail/create-audit.js';
import { attachModule } from './pg/attach/attach-module.js';
import type { AttachOptions } from './pg/attach/attachment.js';
import type { PgModuleLike } from './pg/attach/driver.js';

/** Of Sequelize's options what is needed: `dialectModule`, which is the module `pg` itself. */
export interface SequelizeOptions {
  readonly dialect: 'postgres';
  readonly dialectModule: PgModuleLike;
  readonly dialectModulePath?: never;
  readonly native?: false | undefined;
}

/**
 * The same options, so that every change made through Sequelize is captured, in the transaction it is made in.
 * They name the driver, `dialectModule: pg`.
 *
 * @example
 * ```ts
 * const sequelize = new Sequelize(
 *   'postgres://localhost/clinic',
 *   auditSequelize(audit, { dialect: 'postgres', dialectModule: pg }),
 * );
 * ```
 */
export function auditSequelize<C extends Catalogue, O extends SequelizeOptions>(
  audit: Audit<C>,
  options: O,
  attach?: AttachOptions,
): O {
  const capturing = captureOf(audit);
  const found = objection(options);
  if (found !== undefined) {
    throw new AuditError('INVALID_OPTIONS', `Sequelize cannot be captured: ${found}`);
  }
  return { ...options, dialectModule: attachModule(capturing, options.dialectModule, attach) };
}

/** What a caller without types may have given. */
function objection(options: { readonly [K in keyof SequelizeOptions]?: unknown }): string | undefined {
  if (options.dialect !== 'postgres') {
    return `it works on the dialect "postgres", and the options say "${String(options.dialect)}".`;
  }
  if (options.dialectModulePath !== undefined) {
    return 'dialectModulePath would be taken before what captures. Give the module itself, as dialectModule.';
  }
  if (options.native === true) return 'pg-native has no client that can be captured. Leave `native` away.';
  if (options.dialectModule === undefined) {
    return 'the options do not name its driver. Add `dialectModule: pg`, with `import pg from "pg"`.';
  }
  return undefined;
}
