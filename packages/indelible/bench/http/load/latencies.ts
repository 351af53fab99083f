import { type Kind, KINDS } from './asks.js';

/** In milliseconds. */
export interface Percentiles {
  readonly p50: number;
  readonly p99: number;
}

/** How long answers took, by what was asked for. */
export class Latencies {
  readonly #all: Readonly<Record<Kind, number[]>> = { read: [], list: [] };

  add(kind: Kind, milliseconds: number): void {
    this.#all[kind].push(milliseconds);
  }

  summary(): Readonly<Record<Kind | 'all', Percentiles>> {
    const all = KINDS.flatMap((kind) => this.#all[kind]);
    return { all: percentiles(all), read: percentiles(this.#all.read), list: percentiles(this.#all.list) };
  }
}

function percentiles(values: readonly number[]): Percentiles {
  const sorted = Float64Array.from(values).sort();
  const at = (share: number): number => sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN;
  return { p50: at(0.5), p99: at(0.99) };
}
