import type { Catalogue } from '../event/actions.js';
import type { Audit } from '../trail/create-audit.js';
import { type PrismaReads, recordRead } from './prisma-reads.js';

export interface PrismaLabelsOptions {
  /** Of which models reading is recorded: of all, of the named ones, or of none, which is the default. */
  readonly reads?: PrismaReads | undefined;
}

/** One call of the application's, as a query extension is given it. */
interface PrismaOperation<A, R> {
  readonly model?: string | undefined;
  readonly operation: string;
  readonly args: A;
  readonly query: (args: A) => PromiseLike<R>;
}

/** What `$extends` takes. */
export interface PrismaLabels {
  readonly name: string;
  readonly query: {
    readonly $allOperations: <A, R>(operation: PrismaOperation<A, R>) => Promise<R>;
  };
}

/**
 * Names every event after the call that caused it, such as `Appointment.update`, also those of rows that a
 * nested write or a cascade changed. Reading is recorded here, since Prisma merges the `findUnique` of several
 * requests into one statement, which a driver could not tell apart. All of one `$transaction([...])` may carry
 * the name of its first call.
 *
 * @example
 * ```ts
 * const adapter = auditPrisma(audit, new PrismaPg({ connectionString: 'postgres://localhost/clinic' }));
 * const prisma = new PrismaClient({ adapter }).$extends(auditPrismaLabels(audit, { reads: ['Appointment'] }));
 * ```
 */
export function auditPrismaLabels<C extends Catalogue>(
  audit: Audit<C>,
  { reads = false }: PrismaLabelsOptions = {},
): PrismaLabels {
  return {
    name: 'indelible',
    query: {
      async $allOperations({ model, operation, args, query }) {
        const label = model === undefined ? operation : `${model}.${operation}`;
        // A Prisma query starts when it is awaited, which must happen inside the context.
        const result = await audit.run({ operation: label }, async () => await query(args));
        if (model !== undefined) await recordRead(audit, reads, { model, operation, args, result });
        return result;
      },
    },
  };
}
