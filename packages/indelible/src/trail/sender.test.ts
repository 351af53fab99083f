import { AsyncLocalStorage } from 'node:async_hooks';

import { afterAll, describe, expect, it, vi } from 'vitest';

import { someEntries, someEntry } from '../../test/entries.js';
import { readAll, removeTemporaryFolders, spoolBytes, temporaryFolder } from '../../test/test-trail.js';
import type { Entry } from '../event/entry.js';
import { AuditError } from '../event/errors.js';
import { createMemoryStore } from '../memory.js';
import type { AppendResult, EventWriter } from '../stores/store.js';
import { createFaultyStore, type FaultyStore } from '../testing/faulty-store.js';
import { impatient } from './deadline.js';
import type { GapReason } from './gaps.js';
import { Sender } from './sender.js';
import { Spool } from './spool/spool.js';
import { newStats, type TrailStats } from './stats.js';

afterAll(removeTemporaryFolders);

interface Opened {
  readonly sender: Sender;
  readonly spool: Spool;
  readonly store: FaultyStore;
  readonly stats: TrailStats;
  readonly dir: string;
  readonly errors: AuditError[];
  readonly lost: [GapReason, string][];
  readonly ready: number[];
  /** The sizes of the batches the store was given. */
  readonly batches: number[];
  stored(): Promise<string[]>;
}

interface Options {
  readonly deadlineMs?: number;
  readonly timeoutMs?: number;
  readonly around?: (writer: EventWriter) => EventWriter;
}

function open({ deadlineMs = 500, timeoutMs = 1_000, around = (writer) => writer }: Options = {}): Opened {
  const inner = createMemoryStore();
  const store = createFaultyStore(inner);
  const writer = around(store);
  const [errors, lost, ready, batches]: [AuditError[], [GapReason, string][], number[], number[]] = [
    [],
    [],
    [],
    [],
  ];
  const report = (error: AuditError): void => void errors.push(error);
  const [stats, dir] = [newStats(), temporaryFolder()];
  const disk = { dir, storeName: 'store', maxBytes: 2 ** 30 };
  const quiet = { onDamaged: () => undefined, onAdopted: () => undefined };
  const spool = new Spool({ disk, bufferSize: 10_000, report, ...quiet });
  const sender = new Sender({
    store: impatient(
      {
        append: (entries) => {
          batches.push(entries.length);
          return writer.append(entries);
        },
      },
      timeoutMs,
    ),
    spool,
    stats,
    deadlineMs,
    report,
    onLost: (reason, entries) =>
      lost.push(...entries.map(({ core }): [GapReason, string] => [reason, core.id])),
    onReady: () => ready.push(1),
  });
  const stored = async (): Promise<string[]> => (await readAll(inner)).map(({ id }) => id);
  return { sender, spool, store, stats, dir, errors, lost, ready, batches, stored };
}

function add({ spool, sender }: Opened, entries: readonly Entry[]): string[] {
  for (const entry of entries) {
    spool.add(entry);
    sender.wake();
  }
  return idsOf(entries);
}

const idsOf = (entries: readonly Entry[]): string[] => entries.map(({ core }) => core.id);
const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** A store that refuses some entries for ever, and with them any batch they are in. */
class PoisonedWriter implements EventWriter {
  readonly #writer: EventWriter;
  readonly #poison: ReadonlySet<string>;

  constructor(writer: EventWriter, poison: readonly Entry[]) {
    this.#writer = writer;
    this.#poison = new Set(idsOf(poison));
  }

  async append(entries: readonly Entry[]): Promise<AppendResult> {
    if (entries.some(({ core }) => this.#poison.has(core.id)))
      throw new AuditError('EVENT_REFUSED', 'a value no column can hold');
    return this.#writer.append(entries);
  }
}

describe('the sender', () => {
  it('brings what is spooled into the store within moments, and clears the spool', async () => {
    const opened = open();
    const ids = add(opened, someEntries(3));
    await vi.waitFor(async () => expect(await opened.stored()).toEqual(ids));
    await opened.sender.drain();
    await vi.waitFor(() => expect(spoolBytes(opened.dir)).toBe(0));
    expect(opened.stats).toMatchObject({ stored: 3, failures: 0, storeIsUp: true });
  });

  it('batches what comes together, up to 500', async () => {
    const opened = open();
    add(opened, someEntries(1_200));
    await opened.sender.drain();
    expect(opened.batches).toEqual([500, 500, 200]);
  });

  it('lets everyone who waits share one batch, and those who wait go first', async () => {
    const opened = open();
    const spooled = someEntries(3);
    for (const entry of spooled) opened.spool.add(entry);
    const urgent = someEntries(5);
    await Promise.all(urgent.map((entry) => opened.sender.send(entry)));
    expect(opened.batches).toEqual([8]);
    expect(opened.stats.stored).toBe(8);
  });

  it('never has more than two batches on their way', async () => {
    let [running, most] = [0, 0];
    const opened = open({
      around: (writer) => ({
        append: async (entries) => {
          most = Math.max(most, (running += 1));
          await sleep(2);
          running -= 1;
          return writer.append(entries);
        },
      }),
    });
    add(opened, someEntries(3_000));
    await opened.sender.drain();
    expect([most, opened.stats.stored]).toEqual([2, 3_000]);
  });

  it('runs in nobody’s context, so that one caller’s is not taken for all', async () => {
    const storage = new AsyncLocalStorage<string>();
    const seen: (string | undefined)[] = [];
    const opened = open({
      around: (writer) => ({
        append: (entries) => {
          seen.push(storage.getStore());
          return writer.append(entries);
        },
      }),
    });
    await storage.run('a request', async () => {
      add(opened, someEntries(2));
      await opened.sender.send(someEntry());
      add(opened, someEntries(600));
    });
    await opened.sender.drain();
    expect(seen.length).toBeGreaterThan(1);
    expect(seen.filter((context) => context !== undefined)).toEqual([]);
  });
});

describe('a store that fails', () => {
  it('is tried again until it has everything, each entry once', async () => {
    const opened = open();
    opened.store.failNext('not-persisted', 3);
    const ids = add(opened, someEntries(30));
    await vi.waitFor(async () => expect(await opened.stored()).toEqual(ids), 3_000);
    await opened.sender.drain();
    expect(opened.stats).toMatchObject({ stored: 30, failures: 3, storeIsUp: true });
    expect(opened.ready).toEqual([1]);
    await expect.poll(() => spoolBytes(opened.dir)).toBe(0);
  });

  it('though it had stored everything, is asked again and has each entry once', async () => {
    const opened = open();
    opened.store.failNext('persisted', 2);
    const ids = add(opened, someEntries(10));
    await vi.waitFor(() => expect(opened.stats.stored).toBe(10), 3_000);
    expect(await opened.stored()).toEqual(ids);
    expect(opened.stats).toMatchObject({ stored: 10, conflicts: 0 });
  });

  it('is tried with few entries at a time, at growing intervals', async () => {
    const opened = open();
    opened.store.failAlways('not-persisted');
    add(opened, someEntries(2_000));
    await sleep(1_000);
    expect(opened.batches.length).toBeLessThanOrEqual(6);
    expect(Math.max(...opened.batches.slice(2))).toBeLessThanOrEqual(10);
    opened.store.recover();
    await vi.waitFor(() => expect(opened.stats.stored).toBe(2_000), 5_000);
  });

  it('is told about once when it goes and once for each vain attempt, not for everyone who waits', async () => {
    const opened = open();
    opened.store.failAlways('not-persisted');
    await Promise.allSettled(someEntries(50).map((entry) => opened.sender.send(entry)));
    for (const entry of someEntries(20))
      await expect(opened.sender.send(entry)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(opened.stats.failures).toBeGreaterThan(20);
    expect(opened.errors).toHaveLength(1);
  });

  it('for those who waited is used again for what is spooled later', async () => {
    const opened = open();
    opened.store.failNext('not-persisted');
    await expect(opened.sender.send(someEntry())).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await sleep(250);
    expect(opened.ready).toEqual([1]);
    const ids = add(opened, someEntries(1));
    await vi.waitFor(async () => expect(await opened.stored()).toEqual(ids));
  });

  it('and is drained before it is tried again, is tried with what comes afterwards', async () => {
    const opened = open();
    opened.store.failNext('not-persisted');
    await expect(opened.sender.send(someEntry())).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await opened.sender.drain();
    const ids = add(opened, someEntries(1));
    await vi.waitFor(async () => expect(await opened.stored()).toEqual(ids));
  });

  it('does not keep drain waiting', async () => {
    const opened = open();
    opened.store.failAlways('not-persisted');
    add(opened, someEntries(5));
    await opened.sender.drain();
    expect(opened.spool.length).toBe(5);
  });
});

describe('a store that hangs', () => {
  it('keeps nobody longer than the deadline', async () => {
    const opened = open({ deadlineMs: 50, timeoutMs: 5_000 });
    opened.store.failAlways('hangs');
    const start = performance.now();
    const sent = await Promise.allSettled(someEntries(20).map((entry) => opened.sender.send(entry)));
    expect(performance.now() - start).toBeLessThan(800);
    expect(new Set(sent.map(({ status }) => status))).toEqual(new Set(['rejected']));
  });

  it('counts as failed after a while, and gets everything when it answers again', async () => {
    const opened = open({ timeoutMs: 50 });
    opened.store.failAlways('hangs');
    const ids = add(opened, someEntries(40));
    await vi.waitFor(() => expect(opened.stats.storeIsUp).toBe(false));
    expect(opened.errors[0]?.message).toContain('did not answer within 50 ms');
    expect(opened.spool.length).toBe(40);
    opened.store.recover();
    await vi.waitFor(() => expect(opened.stats.stored).toBe(40), 3_000);
    expect((await opened.stored()).toSorted()).toEqual(ids.toSorted());
  });

  it('lets go of those who have stopped waiting', async () => {
    const opened = open({ deadlineMs: 20, timeoutMs: 200 });
    opened.store.failAlways('hangs');
    for (let round = 0; round < 5; round += 1)
      await Promise.allSettled(someEntries(100).map((entry) => opened.sender.send(entry)));
    opened.store.recover();
    await opened.sender.drain();
    // Two batches hung; nobody was left in the queue to make a third.
    expect(opened.batches).toEqual([100, 100]);
    expect(opened.stats.stored).toBe(0);
  });

  it('does not keep drain waiting for ever', async () => {
    const opened = open({ timeoutMs: 50 });
    opened.store.failAlways('hangs');
    add(opened, someEntries(5));
    await opened.sender.drain();
    expect(opened.spool.length).toBe(5);
  });
});

describe('an entry the store will never take', () => {
  it('is set aside and told, and the others arrive', async () => {
    const entries = someEntries(700);
    const poison = [entries[3]!, entries[4]!, entries[650]!];
    const opened = open({ around: (writer) => new PoisonedWriter(writer, poison) });
    add(opened, entries);
    await opened.sender.drain();
    const others = entries.filter((entry) => !poison.includes(entry));
    expect((await opened.stored()).toSorted()).toEqual(idsOf(others).toSorted());
    expect(new Set(opened.lost)).toEqual(new Set(idsOf(poison).map((id) => ['refused_by_store', id])));
    expect(opened.errors.map(({ code }) => code)).toEqual(Array(3).fill('EVENT_REFUSED'));
    expect(opened.errors[0]?.message).toContain('refused.log');
    expect(opened.stats).toMatchObject({ stored: 697, storeIsUp: true });
    await expect.poll(() => spoolBytes(opened.dir)).toBe(0);
  });

  it('is told to the one who waits for it, and to no one else', async () => {
    const [poison, sound] = [someEntry(), someEntry()];
    const opened = open({ around: (writer) => new PoisonedWriter(writer, [poison]) });
    const sent = await Promise.allSettled([opened.sender.send(poison), opened.sender.send(sound)]);
    expect(sent.map(({ status }) => status)).toEqual(['rejected', 'fulfilled']);
    expect(await opened.stored()).toEqual([sound.core.id]);
  });
});

describe('an id that is there with another body', () => {
  it('stays as it was, and the conflict is told', async () => {
    const opened = open();
    const entry = someEntry();
    await opened.sender.send(entry);
    const before = await opened.stored();
    add(opened, [someEntry({ core: { id: entry.core.id } }), someEntry()]);
    await opened.sender.drain();
    expect(opened.errors.map(({ code }) => code)).toEqual(['EVENT_CONFLICT']);
    expect(opened.errors[0]?.message).toContain(entry.core.id);
    expect(opened.lost).toEqual([['conflict', entry.core.id]]);
    expect(opened.stats).toMatchObject({ stored: 2, conflicts: 1 });
    expect(await opened.stored()).toHaveLength(before.length + 1);
  });
});
