import type { Ground } from './ground.js';
import { openDrizzle } from './orms/drizzle.js';
import { openKysely } from './orms/kysely.js';
import { openPrisma } from './orms/prisma.js';
import { openSequelize } from './orms/sequelize.js';
import { openTypeOrm } from './orms/typeorm.js';
import type { Way } from './orms/way.js';
import type { Comparison, OpenSides, Side, Writer } from './side.js';
import { type IdleTrail, openIdleTrail } from './trail.js';

interface Orm {
  readonly name: string;
  readonly databases: readonly Ground['database'][];
  /** True when its own statements can be named on PostgreSQL, so that the server keeps their plans. */
  readonly canName: boolean;
  open(way: Way): Promise<Writer>;
}

const BOTH = ['postgresql', 'sqlite'] as const;

export const ORMS: readonly Orm[] = [
  { name: 'Prisma 7.10', databases: BOTH, canName: true, open: openPrisma },
  { name: 'Drizzle 0.45', databases: BOTH, canName: true, open: openDrizzle },
  { name: 'Kysely 0.28', databases: BOTH, canName: false, open: openKysely },
  { name: 'TypeORM 1.1', databases: BOTH, canName: false, open: openTypeOrm },
  { name: 'Sequelize 6.37', databases: ['postgresql'], canName: false, open: openSequelize },
];

/** Which sides an ORM has on a database; the last is measured against both plain ones where there are two. */
interface Plan {
  readonly name: string;
  readonly isCaptured: boolean;
  readonly isPrepared: boolean;
  readonly prepare?: false;
  readonly baselines: readonly string[];
}

export function ormComparison(orm: Orm): Comparison {
  return { name: orm.name, isPeer: false, open: (ground, url) => open(orm, ground, url) };
}

async function open(orm: Orm, ground: Ground, url: string): Promise<OpenSides> {
  const trail = await openIdleTrail(ground);
  const closing: (() => Promise<unknown>)[] = [];
  const sides: Side[] = [];
  for (const plan of plansOf(orm, ground)) {
    const audit = plan.isCaptured ? trail.audit : undefined;
    const { isPrepared, prepare } = plan;
    const writer = await orm.open({ database: ground.database, url, isPrepared, prepare, audit });
    closing.push(() => writer.close());
    sides.push(plan.isCaptured ? capturedSide(writer, plan, trail) : plainSide(writer, plan));
  }
  return {
    sides,
    close: async () => {
      await Promise.all(closing.map((close) => close()));
      await trail.close();
    },
  };
}

function plansOf(orm: Orm, ground: Ground): Plan[] {
  const [plain, named] = ['plain', 'plain, prepared'];
  const plans: Plan[] = [
    { name: plain, isCaptured: false, isPrepared: false, baselines: [] },
    { name: 'captured', isCaptured: true, isPrepared: false, baselines: [plain] },
  ];
  if (ground.database === 'sqlite' || !orm.canName) return plans;
  return [
    ...plans,
    {
      name: 'captured, as behind a pooler',
      isCaptured: true,
      isPrepared: false,
      prepare: false,
      baselines: [plain],
    },
    { name: named, isCaptured: false, isPrepared: true, baselines: [plain] },
    { name: 'captured, prepared', isCaptured: true, isPrepared: true, baselines: [plain, named] },
  ];
}

function plainSide(writer: Writer, { name, baselines }: Plan): Side {
  return {
    name,
    baselines,
    mustRecord: false,
    singles: async (first, count, visits) => {
      for (let id = first; id < first + count; id += 1) await writer.single(id, visits);
    },
    bulk: (status) => writer.bulk(status),
  };
}

/** Every write is a request's of its own, so that no context is shared between them. */
function capturedSide(writer: Writer, { name, baselines }: Plan, trail: IdleTrail): Side {
  return {
    name,
    baselines,
    mustRecord: true,
    singles: async (first, count, visits) => {
      for (let id = first; id < first + count; id += 1)
        await trail.request(async () => writer.single(id, visits));
    },
    bulk: (status) => trail.request(async () => writer.bulk(status)),
    take: () => trail.take(),
  };
}
