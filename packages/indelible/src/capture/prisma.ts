import type { Catalogue } from '../event/actions.js';
import { AuditError } from '../event/errors.js';
import type { Audit } from '../trail/create-audit.js';
import { attachDriver, type CapturedDriver } from './attach-driver.js';

/** A factory of driver adapters, such as `new PrismaPg(...)`: as much of it as is needed. */
export interface PrismaAdapterFactory {
  readonly adapterName: string;
  connect(): Promise<PrismaAdapter>;
}

interface PrismaAdapter {
  dispose(): Promise<void>;
  underlyingDriver?(): unknown;
}

/** Where an adapter has its driver: `@prisma/adapter-better-sqlite3` has no public way to it. */
const DRIVERS: Readonly<Record<string, (adapter: PrismaAdapter) => unknown>> = {
  '@prisma/adapter-pg': (adapter) => adapter.underlyingDriver?.(),
  '@prisma/adapter-better-sqlite3': (adapter) => Reflect.get(adapter, 'client'),
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
): F {
  if (!Object.hasOwn(DRIVERS, factory.adapterName)) throw unsupported(factory.adapterName);
  const connect = (): Promise<PrismaAdapter> => connectAttached(audit, factory);
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
async function connectAttached<C extends Catalogue>(
  audit: Audit<C>,
  factory: PrismaAdapterFactory,
): Promise<PrismaAdapter> {
  const adapter = await factory.connect();
  try {
    const driver = DRIVERS[factory.adapterName]?.(adapter);
    attachDriver(audit, driver as CapturedDriver, `auditPrisma, over ${factory.adapterName},`);
    return adapter;
  } catch (error) {
    await adapter.dispose();
    throw error;
  }
}

function unsupported(adapterName: string): AuditError {
  return new AuditError(
    'INVALID_OPTIONS',
    `Prisma cannot be captured over "${adapterName}": it works over ${Object.keys(DRIVERS).join(' and ')}. Give auditPrisma a factory of one of these.`,
  );
}
