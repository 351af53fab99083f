import { median, rounded } from '../timing.js';
import { type Kind, KINDS } from './load/asks.js';
import type { Percentiles } from './load/latencies.js';
import type { Measured, Turn } from './rounds.js';
import type { Framework, Variant } from './variants.js';

/** The middle of the rounds, the least and the most. */
export type Spread = readonly [median: number, least: number, most: number];

/** A figure, and how it stands to the plain application's in the same round. */
export interface Compared {
  readonly value: Spread;
  readonly ratio: Spread;
  readonly added: Spread;
}

export interface VariantFigures {
  readonly variant: Variant;
  /** Requests a second at saturation. */
  readonly throughput: Compared;
  /** Requests a second at which everything below was measured. */
  readonly rate: number;
  /** Milliseconds, of all requests and of each kind. */
  readonly latency: Readonly<Record<Kind | 'all', Readonly<Record<keyof Percentiles, Compared>>>>;
  /** Processor time of a request in microseconds, of all threads. */
  readonly process: Compared;
  /** That of the thread that answers, and of the one that writes the trail; null where the system does not tell. */
  readonly main: Compared | null;
  readonly writer: Compared | null;
}

export interface FrameworkFigures {
  readonly framework: Framework;
  readonly variants: readonly VariantFigures[];
  /** Microseconds a request of the thread that answers, by whose code took them. */
  readonly shares: Readonly<Partial<Record<Variant, Readonly<Record<string, number>>>>>;
  /** The dearest functions of Indelible when it records `soon`, in microseconds a request. */
  readonly functions: readonly FunctionFigures[];
}

interface FunctionFigures {
  readonly name: string;
  readonly total: number;
  readonly self: number;
  /** The dearest of Node's and the engine's functions that it called. */
  readonly calls: string;
}

const PERCENTILES = ['p50', 'p99'] as const;
const DEAREST = 25;

export function figuresOf(framework: Framework, measured: Measured): FrameworkFigures {
  const variants = [...measured.turns.keys()].map((variant) => variantFigures(variant, measured));
  const shares = [...measured.profiles].map(([variant, { requests, shares: times }]) => [
    variant,
    Object.fromEntries(Object.entries(times).map(([share, time]) => [share, rounded(time / requests, 1)])),
  ]);
  return {
    framework,
    variants,
    shares: Object.fromEntries(shares) as FrameworkFigures['shares'],
    functions: functionsOf(measured),
  };
}

function variantFigures(variant: Variant, { throughput, rates, turns }: Measured): VariantFigures {
  const own = turns.get(variant) ?? [];
  const plain = turns.get('plain') ?? [];
  const isTold = own.every((turn) => turn.main !== null);
  const of = (figure: (turn: Turn) => number): Compared => compared(own.map(figure), plain.map(figure));
  const latency = (kind: Kind | 'all'): VariantFigures['latency']['all'] =>
    record(PERCENTILES, (percentile) => of(({ paced }) => paced.latency[kind][percentile]));
  return {
    variant,
    throughput: compared(throughput.get(variant) ?? [], throughput.get('plain') ?? []),
    rate: rates.get(variant) ?? Number.NaN,
    latency: record(['all', ...KINDS], latency),
    process: of((turn) => turn.process),
    main: isTold ? of((turn) => turn.main ?? Number.NaN) : null,
    writer: isTold ? of((turn) => turn.writer ?? Number.NaN) : null,
  };
}

function functionsOf({ profiles }: Measured): FunctionFigures[] {
  const { requests = 1, indelible = [] } = profiles.get('soon') ?? {};
  return indelible
    .map(({ name, self, called, calls }) => ({
      name,
      total: rounded((self + called) / requests),
      self: rounded(self / requests),
      calls,
    }))
    .sort((a, b) => b.total - a.total)
    .slice(0, DEAREST);
}

function compared(values: readonly number[], plain: readonly number[]): Compared {
  const beside = (figure: (value: number, base: number) => number): Spread =>
    spread(values.map((value, round) => figure(value, plain[round] ?? Number.NaN)));
  return {
    value: spread(values),
    ratio: beside((value, base) => value / base),
    added: beside((value, base) => value - base),
  };
}

function spread(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const [least = Number.NaN] = sorted;
  return [rounded(median(sorted), 3), rounded(least, 3), rounded(sorted.at(-1) ?? Number.NaN, 3)];
}

function record<K extends string, T>(keys: readonly K[], value: (key: K) => T): Record<K, T> {
  return Object.fromEntries(keys.map((key) => [key, value(key)])) as Record<K, T>;
}
