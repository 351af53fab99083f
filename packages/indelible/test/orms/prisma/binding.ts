import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3';
import { PrismaPg } from '@prisma/adapter-pg';

import { auditPrisma, auditPrismaLabels } from '../../../src/prisma.js';
import {
  type ClinicBinding,
  type ClinicPlace,
  type ClinicTransaction,
  type ClinicWork,
  endOf,
  takeSteps,
} from '../../../src/testing/capture/clinic-orm.js';
import type { Audit } from '../../../src/trail/create-audit.js';
import { actionsOf, type Differences, LACKS, LACKS_ON_SQLITE } from './actions.js';
import { type Prisma, PrismaClient } from './generated/postgres/client.js';
import { PrismaClient as SqliteClient } from './generated/sqlite/client.js';

const ON_POSTGRES: Differences = { hasDates: true, skipsDuplicates: true };
const ON_SQLITE: Differences = { hasDates: false, skipsDuplicates: false };

export const prismaBinding: ClinicBinding = {
  name: 'Prisma 7.10',
  databases: ['postgres', 'sqlite'],
  async open(place, audit) {
    const client = openClient(place, audit);
    const differences = place.database === 'postgres' ? ON_POSTGRES : ON_SQLITE;
    // Prisma's own $connect opens no connection.
    await client.$queryRaw`SELECT 1`;
    return {
      actions: actionsOf(client, differences),
      lacks: place.database === 'postgres' ? LACKS : LACKS_ON_SQLITE,
      transaction: (work) =>
        endOf(client.$transaction((tx) => takeSteps(work, stepping(tx, differences)), settings(work))),
      close: () => client.$disconnect(),
    };
  },
};

function openClient(place: ClinicPlace, audit: Audit | undefined): PrismaClient {
  if (place.database === 'sqlite') {
    const plain = new PrismaBetterSqlite3({ url: `file:${place.path}` });
    const client = new SqliteClient({ adapter: audit ? auditPrisma(audit, plain) : plain });
    // The two clients differ in types only where `Differences` says so.
    return labelled(client as unknown as PrismaClient, audit);
  }
  const plain = new PrismaPg({ connectionString: place.connectionString, max: place.poolSize });
  return labelled(new PrismaClient({ adapter: audit ? auditPrisma(audit, plain) : plain }), audit);
}

function labelled(client: PrismaClient, audit: Audit | undefined): PrismaClient {
  return audit === undefined
    ? client
    : (client.$extends(auditPrismaLabels(audit)) as unknown as PrismaClient);
}

/** The actions on a transaction's client; a transaction inside it is a savepoint. */
function stepping(db: Prisma.TransactionClient, differences: Differences): ClinicTransaction {
  return {
    actions: actionsOf(db, differences),
    savepoint: (work) =>
      endOf(db.$transaction((inner) => takeSteps(work, stepping(inner, differences)), settings(work))),
  };
}

function settings(work: ClinicWork): { timeout: number; isolationLevel?: 'Serializable' } {
  return {
    timeout: 60_000,
    ...(work.isolation === 'serializable' && { isolationLevel: 'Serializable' as const }),
  };
}
