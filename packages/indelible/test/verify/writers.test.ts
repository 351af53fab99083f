import { afterEach, expect, it } from 'vitest';

import { verifyTrail } from '../../src/verify/verify.js';
import { someEntries } from '../entries.js';
import { type Bed, BEDS, KEY, sealEntries, sealNext } from './bed.js';

const WRITERS = 48;
const BATCHES = 5;
const opened: Bed[] = [];

afterEach(async () => {
  for (const bed of opened.splice(0)) await bed.close();
});

it.each(BEDS)(
  'P31: finds nothing wrong in $name with what 48 writers stored while two sealers took turns',
  async ({ open }) => {
    const bed = await open();
    opened.push(bed);
    const stores = [bed.store, bed.fresh(), bed.fresh()];
    const writing = new AbortController();
    const sealing = stores.slice(0, 2).map(async (store) => {
      while (!writing.signal.aborted) await sealNext(store, 40);
    });
    await Promise.all(
      Array.from({ length: WRITERS }, async (_, n) => {
        for (let batch = 0; batch < BATCHES; batch += 1)
          await stores[n % stores.length]?.append(someEntries(1 + (n % 3)));
      }),
    );
    writing.abort();
    await Promise.all(sealing);
    await sealEntries(bed.store, []);
    const found = await verifyTrail(bed.fresh(), { keys: [KEY.verifierKey] });
    expect(found.violations).toEqual([]);
    expect(found).toMatchObject({ isGood: true, log: 'CONSISTENT' });
    expect(found.counts.VALID).toBe(BATCHES * 16 * (1 + 2 + 3));
  },
);
