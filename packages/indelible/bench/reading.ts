import { SigningKey } from '../src/integrity/note-key.js';
import type { Store } from '../src/stores/store.js';
import { type Audit, createAudit } from '../src/trail/create-audit.js';
import type { EventFilter } from '../src/trail/filter.js';
import type { Bed, Place } from './bed.js';
import { batchesOf, entriesOf } from './life.js';
import { median, rounded, seconds, times } from './timing.js';

const BATCH = 2_000;
const YEAR_MS = 365 * 86_400_000;
const ROUNDS = 15;

/** Each filter by itself, with a value that is common, one that is rare, and where it matters one that is absent. */
const FILTERS: Readonly<Record<string, EventFilter>> = {
  'no filter': {},
  actor: { actorId: '7' },
  'actor, absent': { actorId: 'nobody' },
  'user by name': { user: 'olga' },
  'action, common': { action: 'READ' },
  'action, rare': { action: 'EXPORT' },
  'several actions': { action: ['CREATE', 'DELETE', 'EXPORT'] },
  model: { model: 'Invoice' },
  'model, absent': { model: 'Prescription' },
  record: { model: 'Appointment', objectId: '1234' },
  'object id alone': { objectId: '4321' },
  subject: { subjectId: '42' },
  role: { role: 'hygienist' },
  'role, absent': { role: 'auditor' },
  'outcome, rare': { outcome: 'denied' },
  'outcome, common': { outcome: 'success' },
  source: { source: 'auth' },
  'source, absent': { source: 'manual' },
  'ip address': { ipAddress: '10.0.1.17' },
  'ip address, absent': { ipAddress: '192.0.2.1' },
  'last 7 days': { days: 7 },
  'oldest first': { ordering: 'timestamp' },
};
const SEARCHES: Readonly<Record<string, EventFilter>> = {
  'search, common name': { search: 'ada' },
  'search, rare record': { search: '/api/invoices/3999' },
  'search, patient': { search: 'hugo gruber' },
  'search, absent': { search: 'zzyzx' },
  'search, id': { search: '398765' },
  'search, two letters': { search: 'qz' },
};

/** First pages over a trail of a year, counts included, and what an event weighs. */
export async function benchReading(bed: Bed, events: number, log: (line: string) => void): Promise<object> {
  const place = await bed.open();
  try {
    const filled = await seconds(() => fill(place.store, events, log));
    await place.settle();
    const audit = createAudit({ store: place.store, spool: false, log: () => undefined });
    await audit.flush();
    const filters = await measure(audit, FILTERS, log);
    const searches = await measure(audit, SEARCHES, log);
    return {
      events,
      filledInSeconds: Math.round(filled),
      bytesPerEvent: await weigh(place, events),
      ...worst(filters, searches),
      filters,
      searches,
      ...(await others(audit)),
      ...(await sealed(place.store)),
    };
  } finally {
    await place.close();
  }
}

async function fill(store: Store, events: number, log: (line: string) => void): Promise<void> {
  const batches = batchesOf(entriesOf({ events, from: Date.now() - YEAR_MS, until: Date.now() }), BATCH);
  let done = 0;
  await Promise.all(
    [0, 1, 2].map(async () => {
      for (const batch of batches) {
        await store.append(batch);
        done += batch.length;
        if (done % 100_000 < BATCH) log(`  ${done} events stored`);
      }
    }),
  );
}

interface Reading {
  readonly median: number;
  readonly slowest: number;
  readonly first: number;
  readonly count: number | null;
}

async function measure(
  audit: Audit,
  filters: Readonly<Record<string, EventFilter>>,
  log: (line: string) => void,
): Promise<Record<string, Reading>> {
  const readings: Record<string, Reading> = {};
  for (const [name, filter] of Object.entries(filters)) {
    const first = (await seconds(() => audit.find(filter))) * 1000;
    const sorted = await times(ROUNDS, () => audit.find(filter));
    const { count } = await audit.find(filter);
    readings[name] = {
      median: rounded(median(sorted)),
      slowest: rounded(sorted.at(-1) ?? Number.NaN),
      first: rounded(first),
      count,
    };
    log(
      `  ${name}: ${readings[name].median} ms, slowest ${readings[name].slowest} ms, first ${readings[name].first} ms, count ${count}`,
    );
  }
  return readings;
}

function worst(filters: Record<string, Reading>, searches: Record<string, Reading>): object {
  const slowest = (all: Record<string, Reading>): number =>
    Math.max(...Object.values(all).map((one) => one.median));
  return { worstFilterMs: slowest(filters), worstSearchMs: slowest(searches) };
}

async function weigh(place: Place, events: number): Promise<object> {
  const { rows, indexes } = await place.size();
  return { rows: Math.round(rows / events), indexes: Math.round(indexes / events) };
}

/** What is no first page: going on deep inside, one record's life, and a month's summary. */
async function others(audit: Audit): Promise<object> {
  let page = await audit.find({ pageSize: 500 });
  for (let i = 0; i < 40 && page.next !== null; i += 1)
    page = await audit.find({ pageSize: 500, cursor: page.next });
  const cursor = page.next ?? undefined;
  const ms = async (work: () => Promise<unknown>): Promise<number> => rounded(median(await times(5, work)));
  return {
    pageAt20000Ms: await ms(() => audit.find({ pageSize: 500, cursor })),
    historyMs: await ms(() => audit.history({ type: 'Patient', id: '42' })),
    summary30DaysMs: await ms(() => audit.summarize({ days: 30 })),
    stream10000PerSecond: Math.round(10_000 / (await seconds(() => take(audit, 10_000)))),
  };
}

/** A month's summary once everything has its leaf. Seals first, and closes the store. */
async function sealed(store: Store): Promise<object> {
  const key = SigningKey.create('bench.example/audit');
  const audit = createAudit({ store, spool: false, seal: { key }, log: () => undefined, deadlineMs: 60_000 });
  const sealedInSeconds = Math.round(await seconds(() => audit.seal()));
  const sorted = await times(5, () => audit.summarize({ days: 30 }));
  await audit.close();
  return { sealedInSeconds, sealedSummary30DaysMs: rounded(median(sorted)) };
}

async function take(audit: Audit, limit: number): Promise<void> {
  let left = limit;
  for await (const event of audit.stream()) if (event.id === '' || (left -= 1) <= 0) return;
}
