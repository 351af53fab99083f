import { median, rounded, seconds } from '../timing.js';
import type { Ground } from './ground.js';
import type { Side } from './side.js';
import { TABLE } from './table.js';

export interface Sizes {
  /** Rounds that count; one goes before them that does not. */
  readonly rounds: number;
  /** Single-row updates in a round. */
  readonly updates: number;
  /** Rows of the table, and of one update of them all. */
  readonly rows: number;
  /** Updates of all rows in a round. */
  readonly bulks: number;
}

/** So many single-row updates a side makes before it is another's turn. */
const TURN = 100;

/** The middle of the rounds, the least and the most. */
export type Spread = readonly [median: number, least: number, most: number];

/** What one kind of write took on one side: all single-row updates of a round, one update of all rows. */
export interface Figure {
  readonly milliseconds: Spread;
  /** To each baseline, round by round. */
  readonly ratios: Readonly<Record<string, Spread>>;
  /** How many changes were recorded of them in the last round; null where nothing records. */
  readonly recorded: number | null;
}

type Kind = 'single' | 'bulk';
export type Figures = Readonly<Record<string, Readonly<Partial<Record<Kind, Figure | { failed: string }>>>>>;

interface Run {
  /** One for each round. */
  readonly milliseconds: number[];
  recorded: number | null;
  failed?: string;
}

/**
 * All sides take turns, each round in another order, so that whatever else the machine does meets them alike.
 * What a side recorded is counted and removed after each of its turns, when its clock has stopped.
 */
export async function measureRounds(ground: Ground, sides: readonly Side[], sizes: Sizes): Promise<Figures> {
  const runs = new Map(sides.map((side) => [side.name, { single: emptyRun(), bulk: emptyRun() }]));
  const stamp = stamps();
  for (let round = 0; round <= sizes.rounds; round += 1) {
    const order = sides.map((_, i) => sides[(i + round) % sides.length]).filter((side) => side !== undefined);
    for (const kind of ['single', 'bulk'] as const) {
      const turns = kind === 'single' ? sizes.updates / TURN : sizes.bulks;
      const sums = order.map((side) => ({ side, run: runs.get(side.name)?.[kind], sum: emptySum() }));
      for (let turn = 0; turn < turns; turn += 1) {
        for (const { side, run, sum } of sums) {
          const isLeftOut = run?.failed !== undefined || (kind === 'single' && !side.singles);
          if (run && !isLeftOut)
            await takeTurn({ ground, side, kind, sizes, turn, stamp: stamp() }, run, sum);
        }
      }
      const share = kind === 'single' ? 1 : turns;
      for (const { run, sum } of sums) if (round > 0 && run) close(run, sum, share);
    }
  }
  return figuresOf(sides, runs);
}

interface Sum {
  seconds: number;
  recorded: number | null;
}

function emptySum(): Sum {
  return { seconds: 0, recorded: null };
}

function close(run: Run, sum: Sum, share: number): void {
  if (run.failed !== undefined || sum.seconds === 0) return;
  run.milliseconds.push((sum.seconds * 1000) / share);
  run.recorded = sum.recorded === null ? null : Math.round(sum.recorded / share);
}

function emptyRun(): Run {
  return { milliseconds: [], recorded: null };
}

/** A number that no row holds yet, so that every update is a change. */
function stamps(): () => number {
  let last = Date.now() % 1_000_000_000;
  return () => (last += 1);
}

interface Task {
  readonly ground: Ground;
  readonly side: Side;
  readonly kind: Kind;
  readonly sizes: Sizes;
  readonly turn: number;
  readonly stamp: number;
}

async function takeTurn(task: Task, run: Run, sum: Sum): Promise<void> {
  const { ground, side, kind, turn, stamp } = task;
  await side.take?.();
  await ground.tidy();
  try {
    const work =
      kind === 'single' ? () => side.singles?.(turn * TURN + 1, TURN, stamp) : () => side.bulk(`s${stamp}`);
    sum.seconds += await seconds(work);
  } catch (error) {
    if (side.mustRecord || side.baselines.length === 0) throw error;
    const [written, recorded] = [await countWritten(task), (await side.take?.()) ?? 0];
    run.failed = `${String(error)} (${written} rows were written, ${recorded} recorded)`;
    return;
  }
  const recorded = await checked(task);
  if (recorded !== null) sum.recorded = (sum.recorded ?? 0) + recorded;
}

/** A side that did not write, or did not record what it must, would pass as a fast one. */
async function checked(task: Task): Promise<number | null> {
  const { side, kind, sizes } = task;
  const expected = kind === 'single' ? TURN : sizes.rows;
  const written = await countWritten(task);
  if (written !== expected) throw new Error(`${side.name} wrote ${written} rows of ${expected}.`);
  const recorded = (await side.take?.()) ?? null;
  if (side.mustRecord && recorded !== expected)
    throw new Error(`${side.name} recorded ${recorded} changes of ${expected}: the run is no measurement.`);
  return recorded;
}

async function countWritten({ ground, kind, stamp }: Task): Promise<number> {
  const condition = kind === 'single' ? `visits = ${stamp}` : `status = 's${stamp}'`;
  const [row] = await ground.query(`SELECT count(*) AS n FROM ${TABLE} WHERE ${condition}`);
  return Number(row?.['n']);
}

function figuresOf(sides: readonly Side[], runs: ReadonlyMap<string, Readonly<Record<Kind, Run>>>): Figures {
  const figure = (side: Side, kind: Kind): Figure | { failed: string } | undefined => {
    const run = runs.get(side.name)?.[kind];
    if (run?.failed !== undefined) return { failed: run.failed };
    if (run === undefined || run.milliseconds.length === 0) return undefined;
    const ratios = side.baselines.map((name) => {
      const against = runs.get(name)?.[kind].milliseconds ?? [];
      return [name, spread(run.milliseconds.map((ms, i) => ms / (against[i] ?? Number.NaN)))] as const;
    });
    return {
      milliseconds: spread(run.milliseconds),
      ratios: Object.fromEntries(ratios),
      recorded: run.recorded,
    };
  };
  return Object.fromEntries(
    sides.map((side) => {
      const [single, bulk] = [figure(side, 'single'), figure(side, 'bulk')];
      return [side.name, { ...(single && { single }), ...(bulk && { bulk }) }];
    }),
  );
}

function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  return [rounded(median(sorted)), rounded(sorted[0] ?? Number.NaN), rounded(sorted.at(-1) ?? Number.NaN)];
}
