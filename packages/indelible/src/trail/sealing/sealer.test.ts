import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, describe, expect, it, vi } from 'vitest';

import { someEntries, someEntry } from '../../../test/entries.js';
import { FaultyLog } from '../../../test/faulty-log.js';
import { entryLeaf } from '../../event/entry.js';
import type { AuditError } from '../../event/errors.js';
import type { LooseInput } from '../../event/input.js';
import { openCheckpoint } from '../../integrity/checkpoint.js';
import { SigningKey, VerifierKey } from '../../integrity/note-key.js';
import { MemoryStore } from '../../stores/memory/memory-store.js';
import { NaiveTree } from '../../testing/seal-log/naive-tree.js';
import { newStats, type TrailStats } from '../stats.js';
import type { SealingKeys } from './keys.js';
import { Sealer, type SealerOptions } from './sealer.js';

function naiveRoot(leaves: readonly Uint8Array[]): Buffer {
  return Buffer.from(new NaiveTree(leaves).root());
}

const KEY = SigningKey.create('example.com/audit');
const SEVERAL_TURNS_MS = 60;

interface Opened {
  readonly sealer: Sealer;
  readonly log: FaultyLog;
  readonly store: MemoryStore;
  readonly stats: TrailStats;
  readonly errors: AuditError[];
  readonly announced: LooseInput[];
  /** Stores events, as the trail does. */
  readonly add: (count: number) => Promise<void>;
  /** The ids of the leaves, as the store itself has them. */
  readonly leaves: () => Promise<string[]>;
}

interface Given extends Partial<Omit<SealerOptions, 'log' | 'stats' | 'report'>> {
  readonly store?: MemoryStore;
}

const open: Sealer[] = [];

function onlyKey(key: SigningKey): SealingKeys {
  return { signing: [key], known: [key.verifierKey] };
}

afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(open.splice(0).map((sealer) => sealer.close()));
});

function openSealer({ store = new MemoryStore(), ...given }: Given = {}): Opened {
  const log = new FaultyLog(store);
  const [stats, errors, announced]: [TrailStats, AuditError[], LooseInput[]] = [newStats(), [], []];
  const sealer = new Sealer({
    keys: onlyKey(KEY),
    everyMs: 10,
    batchSize: 100,
    heartbeatMs: 3_600_000,
    deadlineMs: 1_000,
    announce: async (event) => void announced.push(event),
    ...given,
    log,
    stats,
    report: (error) => errors.push(error),
  });
  open.push(sealer);
  const add = async (count: number): Promise<void> => {
    await store.append(someEntries(count));
    sealer.wake(count);
  };
  const leaves = async (): Promise<string[]> => (await store.leaves(0, 10_000)).map(({ id }) => id);
  return { sealer, log, store, stats, errors, announced, add, leaves };
}

/** Every stored event has one leaf, and the last checkpoint is signed for just the tree of them. */
async function expectSound(store: MemoryStore, keys: readonly SigningKey[] = [KEY]): Promise<void> {
  const leaves = await store.leaves(0, 10_000);
  expect((await store.lag()).count).toBe(0);
  expect(new Set(leaves.map(({ id }) => id)).size).toBe(leaves.length);
  const hashes = leaves.map(({ entry }) => (entry === undefined ? Buffer.alloc(0) : entryLeaf(entry)));
  const last = await store.lastCheckpoint();
  const verifiers = keys.map(({ verifierKey }) => VerifierKey.parse(verifierKey));
  const opened = openCheckpoint(last?.note ?? '', verifiers);
  expect(opened).toMatchObject({ origin: KEY.name, size: BigInt(leaves.length) });
  expect(Buffer.from(opened?.root ?? [])).toEqual(naiveRoot(hashes));
}

describe('the sealer', () => {
  it('gives what is stored its place, and says how far it is', async () => {
    const { sealer, store, stats, errors, add } = openSealer();
    await add(25);
    expect(stats).toMatchObject({ sealed: 0, unsealed: 25, sealedAt: null });
    sealer.start();
    await expect.poll(() => stats.sealed).toBe(25);
    expect(stats).toMatchObject({ unsealed: 0, sealFailures: 0 });
    expect(Math.abs(Date.now() - Date.parse(stats.sealedAt ?? ''))).toBeLessThan(10_000);
    await expectSound(store);
    expect(errors).toEqual([]);
  });

  it('goes on at once while there is more than one batch', async () => {
    const { sealer, log, stats, store, add } = openSealer({ everyMs: 1_000, batchSize: 10 });
    await add(95);
    sealer.start();
    await expect.poll(() => stats.sealed, { timeout: 5_000 }).toBe(95);
    expect(log.sealed.map(({ ids }) => ids.length)).toEqual([...Array<number>(9).fill(10), 5]);
    expect((log.sealedAt.at(-1) ?? 0) - (log.sealedAt[0] ?? 0)).toBeLessThan(1_000);
    await expectSound(store);
  });

  it('counts what waits behind a batch', async () => {
    const { sealer, log, stats, add } = openSealer({ batchSize: 10 });
    await add(35);
    const seen: number[] = [];
    log.beforeSeal = async () => void seen.push(stats.unsealed);
    await sealer.sealAll();
    expect(seen).toEqual([35, 25, 15, 5]);
    expect(stats.unsealed).toBe(0);
  });

  it('does not ask the log how much waits where that is known', async () => {
    const { sealer, log, store, stats, add } = openSealer({ batchSize: 10 });
    const lag = vi.spyOn(log, 'lag');
    await add(35);
    await sealer.sealAll();
    expect(lag).not.toHaveBeenCalled();
    await store.append(someEntries(25));
    await sealer.sealAll();
    expect(lag).toHaveBeenCalled();
    expect(stats).toMatchObject({ sealed: 60, unsealed: 0 });
  });

  it('looks no more often than its interval, however often it is woken', async () => {
    const { sealer, log, add } = openSealer({ everyMs: 100 });
    sealer.start();
    const started = performance.now();
    while (performance.now() - started < 550) {
      await add(1);
      await sleep(1);
    }
    expect(log.looks).toBeGreaterThanOrEqual(3);
    expect(log.looks).toBeLessThanOrEqual(6);
  });

  it('looks less often while nothing comes, and is back at its interval with the next event', async () => {
    const { sealer, log, stats, add } = openSealer({ everyMs: 100 });
    sealer.start();
    await sleep(1_450);
    // After 100, 300, 700 and 1,200 ms or a little later, where a look at each interval would be fourteen.
    expect(log.looks).toBeLessThanOrEqual(4);
    const started = performance.now();
    await add(1);
    await expect.poll(() => stats.sealed, { interval: 5 }).toBe(1);
    expect(performance.now() - started).toBeLessThan(250);
  });

  it('keeps no process alive', () => {
    const timers = vi.spyOn(globalThis, 'setTimeout');
    openSealer().sealer.start();
    const made = timers.mock.results.map(({ value }) => value as NodeJS.Timeout);
    expect(made.map((timer) => timer.hasRef())).toEqual([false]);
  });
});

describe('a store that fails', () => {
  it('is told once, and tried again until it seals', async () => {
    const { sealer, log, stats, errors, store, add } = openSealer();
    log.failNext('not-persisted', 3);
    await add(5);
    sealer.start();
    await expect.poll(() => stats.sealed, { timeout: 5_000 }).toBe(5);
    expect(stats.sealFailures).toBe(3);
    expect(errors.map(({ code }) => code)).toEqual(['STORE_UNAVAILABLE']);
    expect(errors[0]?.message).toMatch(/^Events are stored and cannot be sealed; .*nothing was sealed$/);
    // The second try comes 100 ms after the first, the third 200 ms after that.
    const [first = 0, second = 0, third = 0] = log.sealedAt;
    expect(second - first).toBeGreaterThanOrEqual(95);
    expect(third - second).toBeGreaterThanOrEqual(195);
    await expectSound(store);
  });

  it('is told again when it fails again after it has sealed', async () => {
    const { sealer, log, stats, errors, add } = openSealer();
    sealer.start();
    for (const sealed of [1, 2]) {
      log.failNext('not-persisted');
      await add(1);
      await expect.poll(() => stats.sealed).toBe(sealed);
    }
    expect(errors).toHaveLength(2);
  });

  it('may have sealed all the same: the next head tells, and nothing is sealed twice', async () => {
    const { sealer, log, stats, errors, store, add } = openSealer({ everyMs: 100 });
    await add(1);
    await sealer.sealAll();
    log.failNext('persisted');
    await add(7);
    sealer.start();
    await expect.poll(() => stats.sealed).toBe(8);
    // Whoever took it for another's work would stand by, for longer than this.
    await add(2);
    await expect.poll(() => stats.sealed, { timeout: 500 }).toBe(10);
    expect(errors).toHaveLength(1);
    expect(log.sealed.map(({ ids }) => ids.length)).toEqual([1, 2]);
    await expectSound(store);
  });

  it('is not waited for when it hangs, and what it seals later is found', async () => {
    const { sealer, log, stats, errors, store, add } = openSealer({ deadlineMs: 50 });
    log.failNext('hangs');
    await add(3);
    sealer.start();
    await expect.poll(() => errors.length).toBe(1);
    expect(errors[0]?.message).toContain('did not answer within 50 ms');
    log.recover();
    await expect.poll(() => stats.sealed, { timeout: 3_000 }).toBe(3);
    await add(2);
    await expect.poll(() => stats.sealed, { timeout: 3_000 }).toBe(5);
    await expectSound(store);
  });

  it('throws nothing at whoever started it, and is rejected only where sealing was asked for', async () => {
    const { sealer, log, errors, add } = openSealer();
    log.failAlways();
    await add(1);
    sealer.start();
    await expect(sealer.sealAll()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    await sleep(SEVERAL_TURNS_MS);
    expect(errors).toHaveLength(1);
  });
});

describe('several sealers', () => {
  it('seal each event once, and one of them works while the others stand by', async () => {
    const store = new MemoryStore();
    const all = Array.from({ length: 4 }, () => openSealer({ store, everyMs: 20, batchSize: 10 }));
    for (const { sealer } of all) sealer.start();
    for (let n = 0; n < 60; n += 1) {
      await all[n % 4]?.add(3);
      await sleep(5);
    }
    await expect.poll(async () => (await store.lag()).count, { timeout: 5_000 }).toBe(0);
    expect(await store.head()).toMatchObject({ size: 180 });
    await expectSound(store);
    expect(all.flatMap(({ errors }) => errors)).toEqual([]);
    const shares = all.map(({ log }) => log.sealed.length).toSorted((a, b) => b - a);
    expect(shares[0]).toBeGreaterThan((shares[1] ?? 0) * 2);
  });

  it('stand by when another was quicker, and change nothing', async () => {
    const store = new MemoryStore();
    const [one, other] = [openSealer({ store }), openSealer({ store })];
    await one.add(5);
    one.log.beforeSeal = () => other.sealer.sealAll();
    one.sealer.start();
    await expect.poll(() => one.log.sealedAt.length).toBe(1);
    one.log.beforeSeal = async () => undefined;
    await sleep(SEVERAL_TURNS_MS);
    expect(one.log.sealed).toEqual([]);
    expect(one.errors).toEqual([]);
    expect(one.stats).toMatchObject({ sealed: 5, unsealed: 0, sealFailures: 0 });
    expect(one.log.looks).toBe(1);
    await expectSound(store);
  });

  it('take over when what waits is left lying', async () => {
    const store = new MemoryStore();
    const [active, standby] = [openSealer({ store }), openSealer({ store })];
    standby.sealer.start();
    await standby.add(1);
    await expect.poll(() => standby.stats.sealed).toBe(1);
    await active.add(1);
    await active.sealer.sealAll();
    await sleep(SEVERAL_TURNS_MS);
    // It stands by now, and the other one never looks again.
    const { looks } = standby.log;
    await sleep(SEVERAL_TURNS_MS);
    expect(standby.log.looks).toBe(looks);
    await active.add(4);
    await expect.poll(() => standby.stats.sealed, { timeout: 2_000 }).toBe(6);
    expect(standby.log.sealed.at(-1)?.ids).toHaveLength(4);
    await standby.add(1);
    await expect.poll(() => standby.stats.sealed, { timeout: 500 }).toBe(7);
    await expectSound(store);
  });
});

describe('silence', () => {
  it('is provable: a checkpoint over the same head says that nothing came', async () => {
    const { sealer, log, store, stats, add } = openSealer({ heartbeatMs: 100 });
    sealer.start();
    await add(3);
    await expect.poll(() => log.sealed.length, { timeout: 3_000 }).toBe(3);
    expect(log.sealed.map(({ ids }) => ids.length)).toEqual([3, 0, 0]);
    const checkpoints = await store.checkpoints(0, 10);
    expect(checkpoints.slice(0, 3).map(({ size }) => size)).toEqual([3, 3, 3]);
    expect(stats.sealed).toBe(3);
    await expectSound(store);
  });

  it('is broken once, however many sealers there are that nothing ever came to', async () => {
    const store = new MemoryStore();
    await openSealer({ store }).add(1);
    const all = Array.from({ length: 4 }, () => openSealer({ store, heartbeatMs: 200 }));
    await all[0]?.sealer.sealAll();
    for (const { sealer } of all) sealer.start();
    await sleep(900);
    const { length } = await store.checkpoints(0, 100);
    expect(length).toBeGreaterThanOrEqual(3);
    expect(length).toBeLessThanOrEqual(6);
  });

  it('is broken by one sealer only, and by another when that one is gone', async () => {
    const store = new MemoryStore();
    const [first, second] = [
      openSealer({ store, heartbeatMs: 200 }),
      openSealer({ store, heartbeatMs: 200 }),
    ];
    first.sealer.start();
    await first.add(1);
    await expect.poll(() => first.stats.sealed).toBe(1);
    second.sealer.start();
    await second.add(1);
    await expect.poll(() => second.log.sealed.length + first.log.sealed.length).toBe(2);
    await sleep(900);
    const [busy, idle] =
      second.log.sealed.length > first.log.sealed.length ? [second, first] : [first, second];
    const told = idle.log.sealed.length;
    expect(busy.log.sealed.length).toBeGreaterThanOrEqual(3);
    await busy.sealer.close();
    await expect.poll(() => idle.log.sealed.length, { timeout: 3_000 }).toBeGreaterThan(told);
    await expectSound(store);
  });
});

describe('a log that is not the one that was sealed', () => {
  const otherKey = SigningKey.create(KEY.name);
  const digest = Buffer.alloc(32, 7);

  async function sealedBefore(count = 5): Promise<MemoryStore> {
    const before = openSealer();
    await before.add(count);
    await before.sealer.sealAll();
    return before.store;
  }

  async function refusal(opened: Opened): Promise<string> {
    await opened.store.append(someEntries(2));
    const { size } = await opened.store.head();
    opened.sealer.start();
    await expect.poll(() => opened.errors.length).toBe(1);
    await sleep(SEVERAL_TURNS_MS);
    await opened.sealer.close();
    expect((await opened.store.head()).size).toBe(size);
    expect(opened.errors.map(({ code }) => code)).toEqual(['LOG_INCONSISTENT']);
    expect(opened.log.sealedAt).toEqual([]);
    await expect(opened.sealer.sealAll()).rejects.toBe(opened.errors[0]);
    return opened.errors[0]?.message ?? '';
  }

  it('P33: is not gone on from when its checkpoint is signed by a key that nobody here knows', async () => {
    const store = await sealedBefore();
    const opened = openSealer({ store, keys: onlyKey(otherKey) });
    expect(await refusal(opened)).toContain(`signed by none of the keys known here (${KEY.name}`);
    expect(opened.announced).toEqual([]);
  });

  it('P33: is not gone on from when it has leaves and no checkpoint', async () => {
    const opened = openSealer({ store: await sealedBefore() });
    opened.log.forgeCheckpoint = () => undefined;
    expect(await refusal(opened)).toContain('5 leaves and no checkpoint');
  });

  it('P33: is not gone on from when its head is not what the checkpoint was signed for', async () => {
    const store = await sealedBefore();
    const longer = await sealedBefore(6);
    const opened = openSealer({ store });
    const last = await longer.lastCheckpoint();
    opened.log.forgeCheckpoint = () => last;
    expect(await refusal(opened)).toContain('for 6 leaves, and its head has 5');
  });

  it('P33: is not gone on from when its root was exchanged together with nothing else', async () => {
    const opened = openSealer({ store: await sealedBefore() });
    opened.log.forgeHead = (head) => ({ ...head, root: digest });
    expect(await refusal(opened)).toContain('with another root');
  });

  it('P33: is not gone on from when the tree is not that of the root', async () => {
    const opened = openSealer({ store: await sealedBefore() });
    opened.log.forgeHead = (head) => ({ ...head, frontier: head.frontier.map(() => digest) });
    expect(await refusal(opened)).toContain('is not the root of its tree');
    const damaged = openSealer({ store: await sealedBefore() });
    damaged.log.forgeHead = (head) => ({ ...head, frontier: [] });
    expect(await refusal(damaged)).toContain('its head is damaged');
  });

  it('P33: is not gone on from when an older state was put in its place, validly signed as that is', async () => {
    const opened = openSealer();
    await opened.add(3);
    await opened.sealer.sealAll();
    const [older, checkpoint] = [await opened.store.head(), await opened.store.lastCheckpoint()];
    await opened.add(3);
    await opened.sealer.sealAll();
    opened.log.sealedAt.length = 0;
    opened.log.forgeHead = () => older;
    opened.log.forgeCheckpoint = () => checkpoint;
    expect(await refusal(opened)).toContain('it has 3 leaves, and this process knew it with 6');
  });

  it('P33: is not gone on from when it was written anew at the same length', async () => {
    const opened = openSealer();
    await opened.add(3);
    await opened.sealer.sealAll();
    const other = await sealedBefore(3);
    const [head, checkpoint] = [await other.head(), await other.lastCheckpoint()];
    opened.log.sealedAt.length = 0;
    opened.log.forgeHead = () => head;
    opened.log.forgeCheckpoint = () => checkpoint;
    expect(await refusal(opened)).toContain('it was written anew');
  });

  it('P33: is not gone on from when it bears another name', async () => {
    const opened = openSealer();
    await opened.add(1);
    await opened.sealer.sealAll();
    const named = SigningKey.create('elsewhere.example/audit');
    const other = openSealer({ keys: onlyKey(named) });
    await other.add(4);
    await other.sealer.sealAll();
    const [head, checkpoint] = [await other.store.head(), await other.store.lastCheckpoint()];
    const known: SealingKeys = { signing: [KEY], known: [KEY.verifierKey, named.verifierKey] };
    const later = openSealer({ store: opened.store, keys: known });
    await later.add(1);
    await later.sealer.sealAll();
    later.log.forgeHead = () => head;
    later.log.forgeCheckpoint = () => checkpoint;
    await expect(later.sealer.sealAll()).rejects.toMatchObject({
      code: 'LOG_INCONSISTENT',
      message: expect.stringContaining('called elsewhere.example/audit, and was called example.com/audit'),
    });
  });

  it('is told apart from one that another sealer moves on between two questions', async () => {
    const store = await sealedBefore();
    const [late, other] = [openSealer({ store }), openSealer({ store })];
    await late.add(2);
    let hasMoved = false;
    const { store: inner } = late;
    const pending = late.log.pending.bind(late.log);
    late.log.pending = async (limit) => {
      const answer = await pending(limit);
      if (!hasMoved) {
        hasMoved = true;
        await other.sealer.sealAll();
      }
      return answer;
    };
    await late.sealer.sealAll();
    expect(late.errors).toEqual([]);
    expect((await inner.head()).size).toBe(7);
    await expectSound(store);
  });
});

describe('the key', () => {
  const next = SigningKey.create(KEY.name);

  async function sealedWithOld(): Promise<MemoryStore> {
    const before = openSealer();
    await before.add(2);
    await before.sealer.sealAll();
    return before.store;
  }

  async function sealOne(store: MemoryStore, keys: SealingKeys): Promise<Opened> {
    const opened = openSealer({ store, keys });
    await opened.add(1);
    await opened.sealer.sealAll();
    return opened;
  }

  it('is told of with the first batch of a log, and not again while it stays', async () => {
    const { sealer, announced, store, add } = openSealer();
    await add(1);
    await sealer.sealAll();
    await add(1);
    await sealer.sealAll();
    expect(announced).toHaveLength(1);
    expect(announced[0]).toMatchObject({
      action: 'KEY_ROTATED',
      target: { type: 'SigningKey', id: KEY.verifierKey },
      metadata: { verifier: KEY.verifierKey, previous_verifier: undefined },
    });
    expect((await sealOne(store, onlyKey(KEY))).announced).toEqual([]);
  });

  it('P35: can be replaced: an event names both, and both sign while the old secret is at hand', async () => {
    const store = await sealedWithOld();
    const known = [next.verifierKey, KEY.verifierKey];
    const opened = await sealOne(store, { signing: [next, KEY], known });
    expect(opened.announced).toMatchObject([
      {
        action: 'KEY_ROTATED',
        target: { type: 'SigningKey', id: next.verifierKey },
        metadata: { verifier: next.verifierKey, previous_verifier: KEY.verifierKey },
      },
    ]);
    await expectSound(store, [KEY]);
    await expectSound(store, [next]);
    expect((await sealOne(store, onlyKey(next))).announced).toEqual([]);
  });

  it('P35: is told of once while processes with the old one and the new one work side by side', async () => {
    const store = await sealedWithOld();
    const old = openSealer({ store });
    const known = [next.verifierKey, KEY.verifierKey];
    const updated = openSealer({ store, keys: { signing: [next, KEY], known } });
    for (const { add, sealer } of [updated, old, updated, old]) {
      await add(1);
      await sealer.sealAll();
    }
    expect(updated.announced).toHaveLength(1);
    expect([...old.errors, ...updated.errors, ...old.announced]).toEqual([]);
    await expectSound(store);
  });

  it('P35: is replaced with its public half alone, and then signs alone', async () => {
    const store = await sealedWithOld();
    const known = [next.verifierKey, KEY.verifierKey];
    const opened = await sealOne(store, { signing: [next], known });
    expect(opened.announced).toHaveLength(1);
    await expectSound(store, [next]);
    const last = await store.lastCheckpoint();
    expect(openCheckpoint(last?.note ?? '', [VerifierKey.parse(KEY.verifierKey)])).toBeUndefined();
  });

  it('does not sign before it could be told of', async () => {
    const announce = vi.fn<() => Promise<void>>().mockRejectedValueOnce(new Error('no room'));
    const { sealer, store, errors, add } = openSealer({ announce });
    await add(1);
    await expect(sealer.sealAll()).rejects.toThrow('no room');
    expect(await store.lastCheckpoint()).toBeUndefined();
    await sealer.sealAll();
    expect(announce).toHaveBeenCalledTimes(2);
    expect(errors).toHaveLength(1);
    await expectSound(store);
  });
});

describe('sealing everything', () => {
  it('covers what was stored before the call, in however many batches', async () => {
    const { sealer, store, add, leaves } = openSealer({ batchSize: 10, everyMs: 60_000 });
    const entry = someEntry();
    await add(42);
    await store.append([entry]);
    await sealer.sealAll();
    expect(await leaves()).toHaveLength(43);
    expect(await store.indexOf(entry.core.id)).toBe(42);
    await expectSound(store);
  });

  it('resolves also when others seal all the while', async () => {
    const store = new MemoryStore();
    const [one, other] = [
      openSealer({ store, everyMs: 1, batchSize: 5 }),
      openSealer({ store, batchSize: 5 }),
    ];
    one.sealer.start();
    for (let n = 0; n < 20; n += 1) {
      await one.add(7);
      await other.sealer.sealAll();
      expect((await store.lag()).count).toBe(0);
    }
    await expectSound(store);
  });

  it('is done once more at the end, and nothing is begun after it', async () => {
    const { sealer, log, store, add } = openSealer({ everyMs: 60_000 });
    sealer.start();
    await add(3);
    await sealer.close();
    await expectSound(store);
    const { looks } = log;
    sealer.wake(1);
    await sleep(SEVERAL_TURNS_MS);
    expect(log.looks).toBe(looks);
  });

  it('is given up at the end when the store does not answer in time', async () => {
    const { sealer, log, errors, add } = openSealer({ everyMs: 60_000, deadlineMs: 100 });
    await add(1);
    log.failNext('hangs');
    const started = performance.now();
    await sealer.close();
    expect(performance.now() - started).toBeLessThan(1_000);
    expect(errors.map(({ code }) => code)).toEqual(['STORE_UNAVAILABLE']);
    log.recover();
  });
});
