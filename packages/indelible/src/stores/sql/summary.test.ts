import { describe, expect, it, onTestFinished } from 'vitest';

import { openTrail } from '../../../test/postgres-trail.js';
import { postgresServers } from '../../../test/servers/postgres.js';
import { openSqliteTrail } from '../../../test/sqlite-trail.js';
import { floorId } from '../../event/id.js';
import { Chance, samples } from '../../testing/contract/sample.js';
import { naiveSummary } from '../../testing/contract/summary-oracle.js';
import { MONTHS, someEvent } from '../../testing/contract/summary-questions.js';
import { Sealing } from '../../testing/contract/summing.js';
import type { SummaryQuery } from '../query.js';
import type { Store } from '../store.js';

interface Bed {
  readonly store: Store;
  readonly run: (sql: string) => Promise<unknown>;
}

async function openSqlite(): Promise<Bed> {
  const trail = await openSqliteTrail();
  onTestFinished(() => trail.close());
  return { store: trail.store, run: async (sql) => trail.db.exec(sql) };
}

async function openPostgres(server: { url: string }): Promise<Bed> {
  const trail = await openTrail(server);
  onTestFinished(() => trail.close());
  return { store: trail.store, run: (sql) => trail.client.query(sql) };
}

const BEDS = [
  { name: 'SQLite', open: openSqlite },
  ...postgresServers().map((server) => ({ name: server.name, open: () => openPostgres(server) })),
];
const LAST_DAY = Date.parse('9999-12-31T00:00:00Z');
/** What no event says and every tally does: an answer with a thousand too many has read the tallies. */
const FALSIFY = 'UPDATE indelible_rollup SET count = count + 1000';
const UNTALLIED: Readonly<Record<string, Partial<SummaryQuery>>> = {
  'a condition': { where: { outcome: 'denied' } },
  'begins within a quarter of an hour': { where: { fromId: floorId(Date.parse('2026-03-05T10:07Z')) } },
  'ends within a quarter of an hour': { where: { toId: floorId(Date.parse('2026-04-05T10:07Z')) } },
  'days that begin within a quarter of an hour': {
    dayBounds: MONTHS.dayBounds.map((_, n) => floorId(Date.parse('2026-03-01T00:01Z') + n * 86_400_000)),
  },
  'ends where no text can name a moment': { dayBounds: [floorId(0), floorId(LAST_DAY + 86_400_000)] },
  'no day': { dayBounds: MONTHS.dayBounds.slice(0, 1) },
};

describe.each(BEDS)('a summary of a sealed trail on $name', ({ open }) => {
  const chance = new Chance(3);
  const entries = Array.from({ length: 60 }, () => someEvent(chance));

  async function openSealed(): Promise<Bed> {
    const bed = await open();
    await bed.store.append(entries);
    await new Sealing(bed.store).all();
    return bed;
  }

  it('is read from the tallies, with the people of whole days among them', async () => {
    const { store, run } = await openSealed();
    await run(FALSIFY);
    const { total, byAction, byActor } = await store.summarize(MONTHS);
    expect(total).toBeGreaterThan(1_000);
    expect(Object.values(byAction).every((count) => count > 1_000)).toBe(true);
    expect(byActor.every(({ count }) => count > 1_000)).toBe(true);
  });

  it('is counted event by event where the tallies cannot answer the question', async () => {
    const { store, run } = await openSealed();
    await run(FALSIFY);
    for (const [name, asked] of Object.entries(UNTALLIED)) {
      const query = { ...MONTHS, ...asked };
      expect(await store.summarize(query), name).toEqual(naiveSummary(query, entries));
    }
  });

  it('is counted event by event when a great many events wait to be sealed', async () => {
    const { store, run } = await openSealed();
    await run(FALSIFY);
    const waiting = samples(10_001, () => ({ core: { tenant_id: 'elsewhere' } }));
    await store.append(waiting.slice(1));
    expect((await store.summarize(MONTHS)).total).toBeGreaterThan(1_000);
    await store.append(waiting.slice(0, 1));
    expect(await store.summarize(MONTHS)).toEqual(naiveSummary(MONTHS, entries));
  });

  it('tells the thousand most frequent of each kind, and as many actors as it is asked for', async () => {
    const { store } = await open();
    const many = samples(2_100, (n) => ({
      core: {
        id: floorId(Date.parse('2026-03-14T12:00:00Z') + n).replace('-0000-0000-', '-7000-8000-'),
        target: { type: `M${n % 1_050}` },
        actor: { type: 'user', id: `u${n % 1_050}` },
      },
    }));
    await store.append(many.slice(0, 2_000));
    await new Sealing(store).all();
    await store.append(many.slice(2_000));
    const { byModel, byActor } = await store.summarize({ ...MONTHS, top: 1_040 });
    const { byModel: _, ...expected } = naiveSummary({ ...MONTHS, top: 1_040 }, many);
    expect(Object.keys(byModel)).toHaveLength(1_000);
    expect(byActor).toEqual(expected.byActor);
  });

  it('leaves out what came to nothing', async () => {
    const { store, run } = await openSealed();
    await run(`UPDATE indelible_rollup SET count = 0 WHERE kind = 'role'`);
    expect((await store.summarize(MONTHS)).byRole).toEqual({});
  });
});
