import { median } from '../timing.js';
import type { RunningApplication } from './application.js';
import type { RunningClient } from './client.js';
import type { Paced } from './load/main.js';
import { saturate } from './load/saturate.js';
import type { Mark } from './server/mark.js';
import type { Profiled } from './server/profiler.js';
import type { Variant } from './variants.js';

export interface Sizes {
  /** Rounds that count. */
  readonly rounds: number;
  readonly connections: number;
  readonly saturationSeconds: number;
  readonly pacedSeconds: number;
  readonly arrivals: 'even' | 'random';
}

/** At a constant rate, what one variant did in one round. */
export interface Turn {
  readonly paced: Paced;
  /** Processor time of one request until its event is in the store, in microseconds. */
  readonly process: number;
  /** Of it, that of the thread that answers, and of the one of the others that took most: the one that writes the trail. */
  readonly main: number | null;
  readonly writer: number | null;
}

export interface Measured {
  /** Requests a second at saturation, round by round. */
  readonly throughput: ReadonlyMap<Variant, readonly number[]>;
  /** Requests a second at half saturation; the same for all that can. */
  readonly rates: ReadonlyMap<Variant, number>;
  readonly turns: ReadonlyMap<Variant, readonly Turn[]>;
  readonly profiles: ReadonlyMap<Variant, Profile>;
}

/** Where the time of so many requests went. */
interface Profile extends Profiled {
  readonly requests: number;
}

interface Measuring {
  readonly applications: readonly RunningApplication[];
  readonly client: RunningClient;
  readonly sizes: Sizes;
}

/** Of the slower of these, half is what all are asked for. */
const MEASURE: readonly Variant[] = ['plain', 'soon'];
/** A rate nearer than this to what a variant can do leaves it no room. */
const ROOM = 0.75;
const PROFILED: ReadonlySet<Variant> = new Set(['plain', 'soon']);

/**
 * First how much each can do at most, then all at half of what the one that records `soon` can. In either part they
 * take turns, each round in another order, so that whatever else the machine does meets them alike.
 */
export async function measureRounds(measuring: Measuring): Promise<Measured> {
  const throughput = await saturations(measuring);
  const rates = ratesOf(throughput);
  const turns = await inRounds(measuring, 0, (application) =>
    takeTurn(measuring, application, rates.get(application.variant) ?? 1),
  );
  return { throughput, rates, turns, profiles: await profiles(measuring, rates) };
}

/** The first round warms everything up, and does not count. */
function saturations({ applications, sizes }: Measuring): Promise<Map<Variant, number[]>> {
  return inRounds({ applications, sizes }, 1, async (application) => {
    const rate = await saturate(application.port, sizes.saturationSeconds, sizes.connections);
    await application.ask('flush');
    return rate;
  });
}

async function inRounds<T>(
  { applications, sizes }: Pick<Measuring, 'applications' | 'sizes'>,
  uncounted: number,
  take: (application: RunningApplication) => Promise<T>,
): Promise<Map<Variant, T[]>> {
  const results = new Map<Variant, T[]>(applications.map(({ variant }) => [variant, []]));
  for (let round = -uncounted; round < sizes.rounds; round += 1) {
    const start = (round + uncounted) % applications.length;
    for (const application of [...applications.slice(start), ...applications.slice(0, start)]) {
      const result = await take(application);
      if (round >= 0) results.get(application.variant)?.push(result);
    }
  }
  return results;
}

/** The same for all, so that they do the same; of a variant that cannot do as much, half of what it can. */
function ratesOf(throughput: ReadonlyMap<Variant, readonly number[]>): Map<Variant, number> {
  const most = (variant: Variant): number =>
    median((throughput.get(variant) ?? []).toSorted((a, b) => a - b));
  const half = Math.min(...MEASURE.map(most)) / 2;
  return new Map(
    [...throughput.keys()].map((variant) => {
      const own = most(variant);
      return [variant, Math.round(half > own * ROOM ? own / 2 : half)];
    }),
  );
}

async function takeTurn(
  { client, sizes }: Measuring,
  application: RunningApplication,
  rate: number,
): Promise<Turn> {
  const { connections, pacedSeconds: seconds, arrivals } = sizes;
  // What was under way when the turn before was broken off would count here.
  await application.ask('flush');
  const before = await application.ask('mark');
  const paced = await client.pace({ port: application.port, rate, seconds, connections, arrivals });
  await application.ask('flush');
  const after = await application.ask('mark');
  check(application.variant, paced.requests, before, after);
  const { main = null, ...others } = perRequest(before.threads, after.threads, paced.requests);
  return {
    paced,
    process: (after.process - before.process) / paced.requests,
    main,
    writer: main === null ? null : Math.max(0, ...Object.values(others)),
  };
}

function perRequest(
  before: Mark['threads'],
  after: Mark['threads'],
  requests: number,
): Record<string, number> {
  const entries = Object.entries(after).map(([thread, time]) => [
    thread,
    (time - (before[thread] ?? 0)) / requests,
  ]);
  return Object.fromEntries(entries) as Record<string, number>;
}

/** One that did not record what it must would pass as a fast one. */
function check(variant: Variant, requests: number, before: Mark, after: Mark): void {
  const expected = variant === 'plain' ? 0 : requests;
  const recorded = after.recorded - before.recorded;
  const stored = after.stored - before.stored;
  if (recorded === expected && stored === expected && after.dropped === 0 && after.errors.length === 0)
    return;
  throw new Error(
    `${variant} recorded ${recorded} and stored ${stored} events of ${expected}: the run is no measurement. ${after.errors.join('; ')}`,
  );
}

/** Last, since the profiler itself takes time. */
async function profiles(
  { applications, client, sizes }: Measuring,
  rates: ReadonlyMap<Variant, number>,
): Promise<Map<Variant, Profile>> {
  const { connections, pacedSeconds: seconds, arrivals } = sizes;
  const found = new Map<Variant, Profile>();
  for (const application of applications.filter(({ variant }) => PROFILED.has(variant))) {
    const { port, variant } = application;
    await application.ask('startProfile');
    const { requests } = await client.pace({
      port,
      rate: rates.get(variant) ?? 1,
      seconds,
      connections,
      arrivals,
    });
    found.set(variant, { requests, ...(await application.ask('stopProfile')) });
  }
  return found;
}
