import type { Catalogue } from '../event/actions.js';
import { AuditError, messageOf } from '../event/errors.js';
import { captureOf } from '../trail/door.js';
import type { Audit } from '../trail/create-audit.js';
import type { Capturing } from './capturing.js';
import { attachPool } from './pg/attach/attach-pool.js';
import type { AttachOptions } from './pg/attach/attachment.js';
import type { PgPoolLike } from './pg/attach/driver.js';
import { attachSqlite } from './sqlite/attach-sqlite.js';
import type { SqliteCaptureLike } from './sqlite/sqlite-capture-like.js';

/** A factory of driver adapters, such as `new PrismaPg(...)`: as much of it as is needed. */
export interface PrismaAdapterFactory {
  readonly adapterName: string;
  connect(): Promise<PrismaAdapter>;
}

interface PrismaAdapter {
  dispose(): Promise<void>;
  underlyingDriver?(): unknown;
}

type Attach = (capturing: Capturing, adapter: PrismaAdapter, options: AttachOptions | undefined) => unknown;

/** Both engines look at what they are given: no public way leads to the database of `adapter-better-sqlite3`. */
const ATTACH: Readonly<Record<string, Attach>> = {
  '@prisma/adapter-pg': (capturing, adapter, options) =>
    attachPool(capturing, adapter.underlyingDriver?.() as PgPoolLike, options),
  '@prisma/adapter-better-sqlite3': (capturing, adapter) =>
    attachSqlite(capturing, Reflect.get(adapter, 'client') as SqliteCaptureLike),
};

/**
 * The same factory, with every change made through its connections captured: nested and bulk writes, raw SQL
 * and cascades, in the transaction they are made in. The connection to a shadow database is left alone.
 *
 * @example
 * ```ts
 * const adapter = auditPrisma(audit, new PrismaPg({ connectionString: 'postgres://localhost/clinic' }));
 * const prisma = new PrismaClient({ adapter });
 * ```
 */
export function auditPrisma<C extends Catalogue, F extends PrismaAdapterFactory>(
  audit: Audit<C>,
  factory: F,
  options?: AttachOptions,
): F {
  const { adapterName } = factory;
  const capturing = captureOf(audit);
  const attach = Object.hasOwn(ATTACH, adapterName) ? ATTACH[adapterName] : undefined;
  if (attach === undefined) throw refused(adapterName, `it works over ${Object.keys(ATTACH).join(' and ')}`);
  const connect = (): Promise<PrismaAdapter> =>
    connectAttached(factory, (adapter) => attach(capturing, adapter, options));
  return new Proxy(factory, {
    get(target, name) {
      if (name === 'connect') return connect;
      const member: unknown = Reflect.get(target, name, target);
      // Bound to the factory itself, whose private fields cannot be reached through a proxy.
      return typeof member === 'function' ? member.bind(target) : member;
    },
  });
}

/** A connection that cannot be captured is closed again, before a statement passes. */
async function connectAttached(
  factory: PrismaAdapterFactory,
  attach: (adapter: PrismaAdapter) => unknown,
): Promise<PrismaAdapter> {
  const adapter = await factory.connect();
  try {
    attach(adapter);
    return adapter;
  } catch (error) {
    await adapter.dispose();
    throw refused(factory.adapterName, messageOf(error), error);
  }
}

function refused(adapterName: string, why: string, cause?: unknown): AuditError {
  return new AuditError('INVALID_OPTIONS', `Prisma cannot be captured over "${adapterName}": ${why}`, cause);
}
