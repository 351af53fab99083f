import { PrismaBetterSqlite3 } from '@prisma/adapter-better-sqlite3';
import { PrismaPg } from '@prisma/adapter-pg';

import { auditPrisma } from '../../../src/capture/prisma.js';
import { PRAGMAS } from '../sqlite-ground.js';
import type { Writer } from '../side.js';
import { prismaClient } from './prisma-client.js';
import type { Way } from './way.js';

export async function openPrisma(way: Way): Promise<Writer> {
  const { PrismaClient } = await prismaClient(way.database);
  const factory = way.database === 'sqlite' ? new PrismaBetterSqlite3({ url: way.url }) : pgFactory(way);
  const prisma = new PrismaClient({
    adapter: way.audit ? auditPrisma(way.audit, factory, { prepare: way.prepare }) : factory,
  });
  if (way.database === 'sqlite') {
    for (const pragma of PRAGMAS) await prisma.$queryRawUnsafe(`PRAGMA ${pragma}`);
  }
  return {
    single: (id, visits) =>
      prisma.patient.update({ where: { id }, data: { status: `visited ${visits}`, visits } }),
    bulk: (status) => prisma.patient.updateMany({ data: { status } }),
    close: () => prisma.$disconnect(),
  };
}

function pgFactory(way: Way): PrismaPg {
  const names = new Map<string, string>();
  const statementNameGenerator = ({ sql }: { readonly sql: string }): string => {
    const name = names.get(sql) ?? `bench_${names.size}`;
    names.set(sql, name);
    return name;
  };
  return new PrismaPg(
    { connectionString: way.url, max: 1 },
    way.isPrepared ? { statementNameGenerator } : {},
  );
}
