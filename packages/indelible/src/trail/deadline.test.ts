import { describe, expect, it } from 'vitest';

import { someEntries } from '../../test/entries.js';
import { createMemoryStore } from '../memory.js';
import { createFaultyStore } from '../testing/faulty-store.js';
import { impatient, impatientLog, inTime, type SealingLog } from './deadline.js';

describe('a deadline', () => {
  it('hands on what comes in time', async () => {
    expect(await inTime(Promise.resolve(1), 50, 'it')).toBe(1);
    await expect(inTime(Promise.reject(new Error('no')), 50, 'it')).rejects.toThrow('no');
  });

  it('says who did not answer, and is deaf to what comes afterwards', async () => {
    const late = new Promise((_, reject) => setTimeout(() => reject(new Error('too late')), 20));
    await expect(inTime(late, 5, 'the store')).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: 'the store did not answer within 5 ms',
    });
    await expect(late).rejects.toThrow('too late');
  });
});

describe('a store that is given a deadline', () => {
  it('tells how many entries it took, and nothing of what it may not have taken', async () => {
    const store = createFaultyStore(createMemoryStore());
    const stored: number[] = [];
    const timely = impatient(store, 1_000, (count) => stored.push(count));
    await timely.append(someEntries(3));
    store.failNext('not-persisted');
    await expect(timely.append(someEntries(2))).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(stored).toEqual([3]);
  });

  it('has failed in every part of its log that hangs', async () => {
    const hangs = (): Promise<never> => new Promise(() => undefined);
    const log = impatientLog(
      { head: hangs, pending: hangs, seal: hangs, lag: hangs, lastCheckpoint: hangs },
      5,
    );
    const calls = [log.head(), log.pending(1), log.lag(), log.lastCheckpoint()];
    calls.push(log.seal({} as Parameters<SealingLog['seal']>[0]) as never);
    for (const call of calls)
      await expect(call).rejects.toMatchObject({
        message: 'the log in the store did not answer within 5 ms',
      });
  });
});
