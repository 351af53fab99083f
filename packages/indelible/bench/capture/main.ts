import { machine } from '../machine.js';
import { verdicts } from './goals.js';
import type { Ground } from './ground.js';
import { ormComparison, ORMS } from './orms.js';
import { peerComparison, PEERS } from './peers.js';
import { postgresGround } from './postgres-ground.js';
import { countTraffic, probeFates } from './probes.js';
import { type CaptureResult, type Compared, type LeftOut, writeResult } from './report.js';
import { measureRounds, type Sizes } from './rounds.js';
import type { Comparison } from './side.js';
import { sqliteGround } from './sqlite-ground.js';

interface CaptureBenchOptions {
  /** A PostgreSQL server, where a database can be made. */
  readonly url: string;
  /** The name of the results in bench/results, before `-capture`. */
  readonly label: string;
  readonly rounds?: number | undefined;
  /** Only comparisons whose name begins so, in lower case: `prisma`, `@kysera`. */
  readonly only?: string | undefined;
  readonly store?: 'postgresql' | 'sqlite' | undefined;
  /** PostgreSQL's synchronous_commit, on by default; off shows the processor's work without the disk's. */
  readonly commits?: 'on' | 'off' | undefined;
  readonly log?: ((line: string) => void) | undefined;
}

const UPDATES = 1_000;
const ROWS = 10_000;
const BULKS = 3;

const METHOD = [
  'The table has 13 columns and rows of about 300 bytes; one connection on the loopback.',
  'Within a round the sides take turns, 100 single updates or one bulk update at a time, each round in another order; a round sums them up, and the first does not count.',
  'Before each turn the table is vacuumed (SQLite: the log is checkpointed), off the clock.',
  'Captured sides write into the outbox, whose relay stands still; after each turn, off the clock, the outbox is handed out and emptied through its own contract and vacuumed, and the bench fails unless there was one change for each row written.',
  'On PostgreSQL capture gives what it sends more than once a name by itself, as it does wherever no pooler is in between; plain sides do what their ORM does by default, and `as behind a pooler` is capture without names.',
  'Every captured write runs in a context of its own with an actor and a request, as requests do.',
  'A peer runs in a process of its own beside the plain ORM of the version it asks for, in three rounds at most, with one bulk update a round; `recorded` counts the rows of its audit table.',
];

/** What it costs to capture through each ORM, beside the ORM as it is and what else npm has. */
export async function runCapture(options: CaptureBenchOptions): Promise<CaptureResult> {
  const { log = console.log, commits = 'on' } = options;
  const sizes = { rounds: options.rounds ?? 5, updates: UPDATES, rows: ROWS, bulks: BULKS };
  const leftOut: LeftOut[] = [];
  const compared: Compared[] = [];
  const grounds = {
    postgresql: () => postgresGround(options.url, ROWS, commits),
    sqlite: async () => sqliteGround(ROWS),
  };
  for (const database of ['postgresql', 'sqlite'] as const) {
    if (options.store && database !== options.store) continue;
    for (const comparison of comparisonsOn(database, options.only, leftOut)) {
      try {
        const one = await compare(grounds[database], comparison, sizes);
        compared.push(one);
        log(summary(one));
      } catch (cause) {
        leftOut.push({ name: comparison.name, isPeer: comparison.isPeer, reason: reasonOf(cause) });
        log(`${comparison.name} does not run: ${reasonOf(cause)}`);
      }
    }
  }
  const result = {
    measuredAt: new Date().toISOString(),
    machine: machine(),
    sizes,
    commits,
    method: METHOD,
    compared,
    leftOut,
    goals: goalsOf(compared),
  };
  for (const file of writeResult(result, options.label)) log(`written to ${file}`);
  const failed = leftOut.find(({ isPeer }) => !isPeer);
  if (failed) throw new Error(`The bench of ${failed.name} failed: ${failed.reason}`);
  return result;
}

function comparisonsOn(
  database: Ground['database'],
  only: string | undefined,
  leftOut: LeftOut[],
): Comparison[] {
  const isAsked = (name: string): boolean => !only || name.toLowerCase().startsWith(only);
  const orms = ORMS.filter(({ name, databases }) => isAsked(name) && databases.includes(database));
  const peers = database === 'postgresql' ? PEERS.filter((peer) => isAsked(peer.package)) : [];
  return [
    ...orms.map(ormComparison),
    ...peers.flatMap((peer) => {
      try {
        return peerComparison(peer);
      } catch (cause) {
        leftOut.push({ name: peer.package, isPeer: true, reason: `not installed: ${reasonOf(cause)}` });
        return [];
      }
    }),
  ];
}

/** On a database of its own, so that nobody finds what another left. */
async function compare(
  openGround: () => Promise<Ground>,
  comparison: Comparison,
  sizes: Sizes,
): Promise<Compared> {
  const ground = await openGround();
  try {
    return await compareOn(ground, comparison, sizes);
  } finally {
    await ground.close();
  }
}

async function compareOn(ground: Ground, comparison: Comparison, sizes: Sizes): Promise<Compared> {
  const opened = await comparison.open(ground, ground.url);
  try {
    const own = comparison.isPeer ? { ...sizes, rounds: Math.min(sizes.rounds, 3), bulks: 1 } : sizes;
    const sides = await measureRounds(ground, opened.sides, own);
    const fates = await probeFates(ground, opened);
    const traffic = await countTraffic(ground, comparison);
    const { notes = [] } = opened;
    return { database: ground.name, name: comparison.name, sides, traffic, fates, notes };
  } finally {
    await opened.close();
  }
}

function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause);
}

function goalsOf(compared: readonly Compared[]): CaptureResult['goals'] {
  return compared
    .filter(({ name, database }) => /^(?:Prisma|Drizzle)/.test(name) && database.startsWith('PostgreSQL'))
    .flatMap(({ name, sides }) => verdicts(name, sides));
}

function summary({ database, name, sides }: Compared): string {
  const texts = Object.entries(sides).map(
    ([side, { single, bulk }]) => `${side} ${[single, bulk].map(short).join(' and ')}`,
  );
  return `${database}, ${name}: ${texts.join('; ')}`;
}

function short(figure: Compared['sides'][string]['single']): string {
  if (figure === undefined) return '-';
  if ('failed' in figure) return 'failed';
  const ratio = Object.values(figure.ratios)[0]?.[0];
  return `${Math.round(figure.milliseconds[0])} ms${ratio === undefined ? '' : ` (${ratio})`}`;
}
