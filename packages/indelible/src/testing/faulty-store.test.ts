import { describe, expect, it } from 'vitest';

import { someEntry } from '../../test/entries.js';
import { readAll } from '../../test/test-trail.js';
import { createMemoryStore } from '../memory.js';
import { createFaultyStore, type FaultMode } from './faulty-store.js';

describe('a faulty store', () => {
  it.each([
    ['not-persisted', 0],
    ['persisted', 1],
  ] as const)('that fails %s has stored %i of one event', async (mode: FaultMode, stored) => {
    const inner = createMemoryStore();
    const store = createFaultyStore(inner);
    store.failNext(mode);
    await expect(store.append([someEntry()])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(await readAll(inner)).toHaveLength(stored);
  });

  it('hangs until it recovers, and then goes on', async () => {
    const inner = createMemoryStore();
    const store = createFaultyStore(inner);
    store.failNext('hangs');
    let isDone = false;
    const hanging = store.append([someEntry()]).then(() => (isDone = true));
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(isDone).toBe(false);
    expect(await readAll(inner)).toHaveLength(0);
    store.recover();
    await hanging;
    expect(await readAll(inner)).toHaveLength(1);
  });

  it('fails as many calls as it was told to, and reads all the while', async () => {
    const store = createFaultyStore(createMemoryStore());
    store.failNext('not-persisted', 2);
    await expect(store.append([someEntry()])).rejects.toThrow('nothing was stored');
    expect(await readAll(store)).toEqual([]);
    await expect(store.append([someEntry()])).rejects.toThrow('nothing was stored');
    await store.append([someEntry()]);
    expect(await readAll(store)).toHaveLength(1);
  });

  it('that is away answers no question until it recovers', async () => {
    const store = createFaultyStore(createMemoryStore());
    store.failAlways('not-persisted');
    await expect(store.append([someEntry()])).rejects.toThrow('nothing was stored');
    await expect(readAll(store)).rejects.toThrow('nothing was stored');
    await expect(store.check()).rejects.toThrow('nothing was stored');
    store.recover();
    await store.append([someEntry()]);
    expect(await readAll(store)).toHaveLength(1);
  });
});
