import { rounded } from '../timing.js';
import type { Ground } from './ground.js';
import type { Comparison, OpenSides, Side } from './side.js';
import { TABLE } from './table.js';
import { TripCounter } from './trips.js';

const SINGLES = 20;

/** What a side sends for one write. */
interface Sent {
  readonly statements: number;
  /** Statements that the server parsed and planned; prepared ones are not among them. */
  readonly parsed: number;
  readonly roundTrips: number;
}

export type Traffic = Readonly<Record<string, { readonly single?: Sent; readonly bulk?: Sent }>>;

/** Counts what every side sends, on connections of its own that go by a counter. Not for time. */
export async function countTraffic(ground: Ground, comparison: Comparison): Promise<Traffic> {
  if (ground.database !== 'postgresql') return {};
  const counter = new TripCounter(ground.url);
  const opened = await comparison.open(ground, await counter.listen());
  try {
    const traffic: Record<string, { single?: Sent; bulk?: Sent }> = {};
    for (const side of opened.sides) traffic[side.name] = await trafficOf(side, counter);
    return traffic;
  } finally {
    await opened.close();
    await counter.close();
  }
}

/** Each write once before it counts: connections are made then, catalogues read, statements prepared. */
async function trafficOf(side: Side, counter: TripCounter): Promise<{ single?: Sent; bulk?: Sent }> {
  const single =
    side.singles &&
    (await sent(counter, SINGLES, (stamp) => Promise.resolve(side.singles?.(1, SINGLES, stamp))));
  const bulk = await sent(counter, 1, (stamp) => side.bulk(`t${stamp}`)).catch(() => undefined);
  await side.take?.();
  return { ...(single && { single }), ...(bulk && { bulk }) };
}

async function sent(
  counter: TripCounter,
  writes: number,
  work: (stamp: number) => Promise<unknown>,
): Promise<Sent> {
  await work(1);
  counter.reset();
  await work(2);
  return {
    statements: rounded(counter.statements / writes, 1),
    parsed: rounded(counter.parsed / writes, 1),
    roundTrips: rounded(counter.trips / writes, 1),
  };
}

/** Whether what a side records shares the fate of what it describes. */
export interface Fate {
  /** Records that were left when the transaction of the change had been rolled back. */
  readonly leftAfterRollback: number | string;
  /** True when a change stayed although it could not be recorded. */
  readonly keptWithoutRecord: boolean;
}

export async function probeFates(ground: Ground, opened: OpenSides): Promise<Readonly<Record<string, Fate>>> {
  const table = opened.auditTable;
  if (table === undefined) return {};
  const fates: Record<string, Fate> = {};
  for (const side of opened.sides) {
    if (side.baselines.length > 0 && side.singles && side.rolledBack)
      fates[side.name] = {
        leftAfterRollback: await leftAfterRollback(side),
        keptWithoutRecord: await keptWithoutRecord(ground, side, table),
      };
  }
  return fates;
}

async function leftAfterRollback(side: Side): Promise<number | string> {
  await side.take?.();
  try {
    await side.rolledBack?.(-1);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
  return (await side.take?.()) ?? 0;
}

async function keptWithoutRecord(ground: Ground, side: Side, table: string): Promise<boolean> {
  await ground.query(`ALTER TABLE ${table} RENAME TO ${table}_away`);
  const refused = await Promise.resolve(side.singles?.(1, 1, -2)).then(
    () => false,
    () => true,
  );
  await ground.query(`ALTER TABLE ${table}_away RENAME TO ${table}`);
  const [row] = await ground.query(`SELECT visits FROM ${TABLE} WHERE id = 1`);
  const isKept = Number(row?.['visits']) === -2;
  if (!isKept && !refused) throw new Error(`${side.name} neither wrote nor refused.`);
  return isKept;
}
