import type { Entry } from '../src/event/entry.js';
import { createAudit } from '../src/trail/create-audit.js';
import type { Bed } from './bed.js';
import { batchesOf, ClinicLife, entriesOf } from './life.js';
import { median, rounded, seconds } from './timing.js';

const BATCH = 500;
const CALLERS = 1_000;
const DAY_MS = 86_400_000;

/**
 * How fast events become durable, beside the quickest way to put the same rows into the same indexed table
 * in the same run. `ratio` is raw time by ours: 1 would mean that the trail costs nothing on top.
 */
export async function benchIngest(bed: Bed, events: number, rounds: number): Promise<object> {
  const results: Record<'raw' | 'appended' | 'recorded', number>[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const raw = await rawSeconds(bed, events);
    const appended = await appendSeconds(bed, events);
    const recorded = await recordSeconds(bed, events);
    results.push({ raw, appended, recorded });
  }
  const middle = (name: 'raw' | 'appended' | 'recorded'): number =>
    median(results.map((one) => one[name]).toSorted((a, b) => a - b));
  const rate = (name: 'raw' | 'appended' | 'recorded'): number => Math.round(events / middle(name));
  return {
    events,
    rounds,
    baseline: bed.rawName,
    rawPerSecond: rate('raw'),
    appendPerSecond: rate('appended'),
    recordPerSecond: rate('recorded'),
    appendRatio: rounded(middle('raw') / middle('appended')),
    recordRatio: rounded(middle('raw') / middle('recorded')),
    ratiosByRound: results.map((one) => rounded(one.raw / one.recorded)),
  };
}

/** The same rows, made beforehand, by the database's own quickest way. */
async function rawSeconds(bed: Bed, events: number): Promise<number> {
  const place = await bed.open();
  const insert = await place.prepareRaw([...batchesOf(entries(events), BATCH)]);
  const taken = await seconds(insert);
  await place.close();
  return taken;
}

/** Ready entries through the store's contract, two batches under way at a time as the sender has it. */
async function appendSeconds(bed: Bed, events: number): Promise<number> {
  const place = await bed.open();
  const batches = batchesOf([...entries(events)], BATCH);
  const taken = await seconds(() =>
    Promise.all(
      [0, 1].map(async () => {
        for (const batch of batches) await place.store.append(batch);
      }),
    ),
  );
  await place.close();
  return taken;
}

/** The whole way: from `record` with delivery `before` to a durable row, with many callers at once. */
async function recordSeconds(bed: Bed, events: number): Promise<number> {
  const place = await bed.open();
  const audit = createAudit({
    store: place.store,
    spool: false,
    log: () => undefined,
    deadlineMs: 60_000,
    delivery: everything('before'),
  });
  const life = new ClinicLife();
  const inputs = Array.from({ length: events }, () => life.input()).values();
  const taken = await seconds(() =>
    Promise.all(
      Array.from({ length: CALLERS }, async () => {
        for (const input of inputs) await audit.record(input as never);
      }),
    ),
  );
  await audit.close();
  await place.close();
  return taken;
}

function everything(mode: 'before'): Record<string, 'before'> {
  const actions = [
    'READ',
    'LIST',
    'SEARCH',
    'UPDATE',
    'CREATE',
    'DELETE',
    'LOGIN_SUCCESS',
    'LOGOUT',
    'LOGIN_FAILED',
    'EXPORT',
    'ACCESS_DENIED',
  ];
  return Object.fromEntries(actions.map((action) => [action, mode]));
}

function entries(events: number): Iterable<Entry> {
  return entriesOf({ events, from: Date.now() - DAY_MS, until: Date.now() });
}
