import { setTimeout as sleep } from 'node:timers/promises';

import { SigningKey } from '../src/integrity/note-key.js';
import { type Audit, createAudit } from '../src/trail/create-audit.js';
import type { Bed } from './bed.js';
import { ClinicLife } from './life.js';
import { median, rounded } from './timing.js';

const CALLERS = 32;
const SECONDS = 4;
/** Of what writers without a sealer can do at most, for the rate at which both are timed. */
const LOAD = 0.5;

type Variant = 'unsealed' | 'sealed';

/** What the writers did in one turn. */
interface Turn {
  readonly perSecond: number;
  readonly medianMs: number;
  readonly p99Ms: number;
}

/**
 * What sealing costs those who write, beside the same trail without it: at most, and at a steady rate of half of that.
 * Each event is waited for until it is durable (delivery `before`). The sealer runs in the same process, as it does by
 * default. Fails when not every event has its leaf in the end.
 */
export async function benchSealing(bed: Bed, rounds: number, log: (line: string) => void): Promise<object> {
  const most: Record<Variant, number[]> = { unsealed: [], sealed: [] };
  for (let round = 0; round < rounds; round += 1)
    for (const variant of inTurn(round)) most[variant].push((await turn(bed, variant)).perSecond);
  const rate = Math.round(middle(most.unsealed) * LOAD);
  const paced: Record<Variant, Turn[]> = { unsealed: [], sealed: [] };
  for (let round = 0; round < rounds; round += 1)
    for (const variant of inTurn(round)) paced[variant].push(await turn(bed, variant, rate));
  const result = {
    callers: CALLERS,
    secondsPerTurn: SECONDS,
    rounds,
    mostPerSecond: { unsealed: Math.round(middle(most.unsealed)), sealed: Math.round(middle(most.sealed)) },
    throughputRatio: rounded(median(ratios(most).toSorted(ascending)), 3),
    throughputRatiosByRound: ratios(most).map((ratio) => rounded(ratio, 3)),
    steady: { perSecond: rate, unsealed: summed(paced.unsealed), sealed: summed(paced.sealed) },
    steadyMedianRatio: rounded(
      middle(paced.sealed.map(({ medianMs }, n) => medianMs / (paced.unsealed[n]?.medianMs ?? Number.NaN))),
      3,
    ),
  };
  log(JSON.stringify(result, null, 2));
  return result;
}

/** In another order each round, so that whatever else the machine does meets both alike. */
function inTurn(round: number): readonly Variant[] {
  return round % 2 === 0 ? ['unsealed', 'sealed'] : ['sealed', 'unsealed'];
}

async function turn(bed: Bed, variant: Variant, rate?: number): Promise<Turn> {
  const place = await bed.open();
  const audit = createAudit({
    store: place.store,
    spool: false,
    seal: variant === 'sealed' ? { key: SigningKey.create('bench.example/audit') } : false,
    log: () => undefined,
    onError: (error) => {
      throw error;
    },
    deadlineMs: 60_000,
    delivery: { READ: 'before' },
  });
  try {
    await audit.ready();
    const done = await write(audit, rate);
    if (variant === 'sealed') await checkSealed(audit);
    return done;
  } finally {
    await audit.close();
    await place.close();
  }
}

async function write(audit: Audit, rate: number | undefined): Promise<Turn> {
  const life = new ClinicLife();
  const started = performance.now();
  const ends = started + SECONDS * 1000;
  const times: number[] = [];
  let next = 0;
  const callers = Array.from({ length: CALLERS }, async () => {
    for (;;) {
      const due = rate === undefined ? performance.now() : started + (next++ * 1000) / rate;
      if (due >= ends) return;
      if (due > performance.now()) await sleep(due - performance.now());
      await audit.record({ ...life.input(), action: 'READ' } as never);
      times.push(performance.now() - due);
    }
  });
  await Promise.all(callers);
  const seconds = (performance.now() - started) / 1000;
  const sorted = times.toSorted(ascending);
  return {
    perSecond: times.length / seconds,
    medianMs: median(sorted),
    p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? Number.NaN,
  };
}

async function checkSealed(audit: Audit): Promise<void> {
  await audit.seal();
  const { stored, sealed } = audit.stats();
  if (sealed !== stored)
    throw new Error(`${stored} events were stored and ${sealed} sealed: no measurement.`);
}

function ratios(most: Readonly<Record<Variant, readonly number[]>>): number[] {
  return most.sealed.map((one, n) => one / (most.unsealed[n] ?? Number.NaN));
}

function summed(turns: readonly Turn[]): object {
  return {
    medianMs: rounded(middle(turns.map(({ medianMs }) => medianMs)), 3),
    p99Ms: rounded(middle(turns.map(({ p99Ms }) => p99Ms)), 2),
  };
}

function middle(values: readonly number[]): number {
  return median(values.toSorted(ascending));
}

function ascending(a: number, b: number): number {
  return a - b;
}
