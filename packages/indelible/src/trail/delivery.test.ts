import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';

import {
  openTestTrail,
  removeTemporaryFolders,
  spoolBytes,
  spoolText,
  temporaryFolder,
  type TestTrail,
  type TestTrailOptions,
  unexplained,
} from '../../test/test-trail.js';
import type { AuditError } from '../event/errors.js';

const open: TestTrail[] = [];

afterEach(async () => {
  vi.restoreAllMocks();
  for (const { audit, store } of open.splice(0)) {
    store.recover();
    await audit.close();
  }
});
afterAll(removeTemporaryFolders);

function openTrail(options: TestTrailOptions = {}): TestTrail {
  const trail = openTestTrail({ deadlineMs: 200, ...options });
  open.push(trail);
  return trail;
}

const READ = { action: 'READ', target: { type: 'Patient', id: '1' } } as const;
const EXPORT = { action: 'EXPORT', target: { type: 'Patient', id: '1' } } as const;

/** Resolves when the store has been found to be away. */
async function fallDown(
  { audit, store }: TestTrail,
  mode: 'not-persisted' | 'hangs' = 'not-persisted',
): Promise<void> {
  await audit.ready();
  await audit.flush();
  store.failAlways(mode);
}

describe('how an event is delivered', () => {
  const delivery = { LIST: 'before', Invoice: 'before', 'Invoice.READ': 'soon', Note: 'soon' } as const;

  it.each([
    ['READ', 'Patient', 'soon'],
    ['EXPORT', 'Patient', 'before'],
    ['LOGIN_FAILED', undefined, 'before'],
    ['CREATE', 'Patient', 'before'],
    ['LIST', 'Patient', 'before'],
    ['LIST', 'Note', 'soon'],
    ['DELETE', 'Note', 'soon'],
    ['LIST', 'Invoice', 'before'],
    ['READ', 'Invoice', 'soon'],
    ['export', 'Patient', 'before'],
  ])('%s of %s: %s', async (action, type, mode) => {
    const trail = openTrail({ delivery, deadlineMs: 300 });
    await fallDown(trail, 'hangs');
    const start = performance.now();
    await trail.audit.record({ action: action as 'READ', ...(type && { target: { type, id: '1' } }) });
    expect(performance.now() - start > 250 ? 'before' : 'soon').toBe(mode);
  });
});

describe('soon', () => {
  it('is in the spool file before the call returns, and in the store shortly after', async () => {
    const trail = openTrail();
    const done = trail.audit.record({ ...READ, reason: 'to be found in the file' });
    expect(spoolText(trail.dir)).toContain('to be found in the file');
    const id = await done;
    await expect.poll(async () => (await trail.stored('READ')).map((event) => event.id)).toEqual([id]);
    await trail.audit.flush();
    await expect.poll(() => spoolBytes(trail.dir)).toBe(0);
  });

  it('answers at once, whatever the store does', async () => {
    const trail = openTrail();
    await fallDown(trail, 'hangs');
    const start = performance.now();
    for (let n = 0; n < 500; n += 1) await trail.audit.record(READ);
    expect(performance.now() - start).toBeLessThan(1_000);
  });

  it('is brought to the disk itself, by and by, while the store has not taken it', async () => {
    const trail = openTrail();
    await fallDown(trail, 'hangs');
    const fdatasync = vi.spyOn(fs, 'fdatasync');
    await sleep(250);
    fdatasync.mockClear();
    await trail.audit.record(READ);
    expect(fdatasync).not.toHaveBeenCalled();
    await vi.waitFor(() => expect(fdatasync).toHaveBeenCalledTimes(1), { interval: 5 });
  });
});

describe('before', () => {
  it('is in the store when it resolves', async () => {
    const trail = openTrail();
    const id = await trail.audit.record(EXPORT);
    expect((await trail.stored('EXPORT')).map((event) => event.id)).toEqual([id]);
  });

  it('is synced to the local disk before it resolves, when the store is away', async () => {
    const trail = openTrail();
    await fallDown(trail);
    const calls: (() => void)[] = [];
    vi.spyOn(fs, 'fdatasync').mockImplementation((_, done) => void calls.push(() => done(null)));
    let isDone = false;
    const recorded = trail.audit.record({ ...EXPORT, reason: 'to be found' }).then(() => (isDone = true));
    await vi.waitFor(() => expect(calls.length).toBeGreaterThan(0));
    expect(spoolText(trail.dir)).toContain('to be found');
    await sleep(20);
    expect(isDone).toBe(false);
    vi.restoreAllMocks();
    for (const done of calls) done();
    await recorded;
  });

  it('takes no longer than the deadline when the store hangs, and no time at all once that is known', async () => {
    const trail = openTrail({ deadlineMs: 400 });
    await fallDown(trail, 'hangs');
    const start = performance.now();
    await trail.audit.record(EXPORT);
    expect(performance.now() - start).toBeLessThan(1_500);
    await vi.waitFor(() => expect(trail.audit.stats().storeIsUp).toBe(false), 10_000);
    const again = performance.now();
    await trail.audit.record(EXPORT);
    expect(performance.now() - again).toBeLessThan(350);
    trail.store.recover();
    await expect.poll(async () => (await trail.stored('EXPORT')).length, { timeout: 5_000 }).toBe(2);
  });

  it('is refused when neither the store nor the disk can hold it, since memory alone is not durable', async () => {
    for (const spool of [false, { maxBytes: 1, dir: temporaryFolder() }] as const) {
      const trail = openTrail({ spool });
      await fallDown(trail);
      await expect(trail.audit.record(EXPORT)).rejects.toMatchObject({ code: 'TRAIL_UNAVAILABLE' });
      expect(trail.audit.stats().refused).toBe(1);
      trail.store.recover();
    }
  });

  it('is refused when the disk cannot be made to hold it', async () => {
    const trail = openTrail();
    await fallDown(trail);
    vi.spyOn(fs, 'fdatasync').mockImplementation((_, done) =>
      done(Object.assign(new Error('input/output error'), { code: 'EIO' })),
    );
    await expect(trail.audit.record(EXPORT)).rejects.toMatchObject({ code: 'TRAIL_UNAVAILABLE' });
    expect(trail.errors.map(({ code }) => code)).toContain('SPOOL_UNAVAILABLE');
    vi.restoreAllMocks();
  });

  it('is refused in time when the disk hangs as well', async () => {
    const trail = openTrail({ deadlineMs: 100 });
    await fallDown(trail);
    vi.spyOn(fs, 'fdatasync').mockImplementation(() => undefined);
    const start = performance.now();
    await expect(trail.audit.record(EXPORT)).rejects.toMatchObject({ code: 'TRAIL_UNAVAILABLE' });
    expect(performance.now() - start).toBeLessThan(1_500);
    expect(trail.errors.map(({ code }) => code)).toContain('SPOOL_UNAVAILABLE');
  });

  it('though its answer was lost, is in the store once', async () => {
    const trail = openTrail();
    trail.store.failNext('persisted');
    const id = await trail.audit.record(EXPORT);
    await trail.audit.flush();
    await expect.poll(() => spoolBytes(trail.dir), { timeout: 3_000 }).toBe(0);
    expect((await trail.stored('EXPORT')).map((event) => event.id)).toEqual([id]);
    expect(trail.audit.stats()).toMatchObject({ conflicts: 0, storeIsUp: true });
  });
});

describe('fail closed', () => {
  it.each(['not-persisted', 'persisted', 'hangs'] as const)(
    'refuses what it names, in time and with a code, when the store fails: %s',
    async (mode) => {
      const trail = openTrail({ failClosed: ['Patient.READ'], deadlineMs: 100 });
      await trail.audit.ready();
      trail.store.failAlways(mode);
      const start = performance.now();
      await expect(trail.audit.record(READ)).rejects.toMatchObject({ code: 'TRAIL_UNAVAILABLE' });
      expect(performance.now() - start).toBeLessThan(1_500);
      await expect(trail.audit.record({ ...READ, target: { type: 'Invoice', id: '1' } })).resolves.toBeTypeOf(
        'string',
      );
      trail.store.recover();
    },
  );

  it('rejects the start when it is set for everything and the store cannot be looked at', async () => {
    const { audit, errors } = openTrail({ failClosed: true, away: 'not-persisted' });
    await expect(audit.ready()).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    expect(errors.map(({ code }) => code)).toContain('STORE_UNAVAILABLE');
  });

  it('does not reject the start otherwise, and tells', async () => {
    const { audit, errors } = openTrail({ failClosed: ['EXPORT'], away: 'hangs' });
    await audit.ready();
    expect(errors.map(({ code }) => code)).toContain('STORE_UNAVAILABLE');
  });

  it('ends no program whose author does not wait for the answer', async () => {
    const unhandled = vi.fn<(cause: unknown) => void>();
    process.on('unhandledRejection', unhandled);
    const trail = openTrail({ failClosed: true });
    await trail.audit.ready();
    trail.store.failAlways('not-persisted');
    void trail.audit.record(READ);
    void trail.audit.record(EXPORT);
    await expect.poll(() => trail.audit.stats().refused).toBe(2);
    await sleep(20);
    process.off('unhandledRejection', unhandled);
    expect(unhandled).not.toHaveBeenCalled();
    expect(trail.errors.filter(({ code }) => code === 'TRAIL_UNAVAILABLE')).toHaveLength(2);
  });
});

describe('P15: with the trail down', () => {
  it('P15: a fail-closed action is refused, anything else is spooled and counted, and nothing vanishes', async () => {
    const trail = openTrail({ failClosed: ['EXPORT'] });
    const { audit, store, errors } = trail;
    const acknowledged: string[] = [];
    const refused: string[] = [];
    const act = async (n: number): Promise<void> => {
      const action = n % 10 === 0 ? 'EXPORT' : n % 3 === 0 ? 'LOGIN_FAILED' : 'READ';
      try {
        acknowledged.push((await audit.record({ ...READ, action })) ?? '');
      } catch (error) {
        refused.push(`${action} ${(error as AuditError).code}`);
      }
    };

    await fallDown(trail);
    for (let n = 0; n < 100; n += 1) await act(n);
    expect(refused).toEqual(Array(10).fill('EXPORT TRAIL_UNAVAILABLE'));
    expect(audit.stats()).toMatchObject({ refused: 10, waiting: 90, dropped: 0, storeIsUp: false });
    expect(errors.map(({ code }) => code)).toContain('STORE_UNAVAILABLE');

    store.recover();
    await expect.poll(() => audit.stats().waiting, { timeout: 5_000 }).toBe(0);
    for (let n = 0; n < 20; n += 1) await act(n);
    await audit.flush();

    const events = await trail.stored();
    const ids = events.map(({ id }) => id);
    expect(ids.filter((id) => acknowledged.includes(id))).toHaveLength(acknowledged.length);
    expect(new Set(ids).size).toBe(ids.length);
    const gaps = events.filter(({ action }) => action === 'AUDIT_GAP');
    expect(gaps.map(({ metadata }) => metadata)).toMatchObject([{ reason: 'refused', count: 10 }]);
    expect(gaps[0]).toMatchObject({ outcome: 'error', source: 'system', actor: { name: 'indelible' } });
    const processId = events[0]?.process?.id ?? '';
    expect(unexplained(events, processId, audit.stats().recorded)).toEqual([]);
    await expect.poll(() => spoolBytes(trail.dir)).toBe(0);
  });

  it('P15: what found no room on disk or in memory is told by one event, with count and numbers', async () => {
    const trail = openTrail({ spool: false, bufferSize: 50 });
    const { audit, store } = trail;
    await fallDown(trail);
    for (let n = 0; n < 200; n += 1) await audit.record(READ);
    await sleep(50);
    const { dropped } = audit.stats();
    expect(dropped).toBeGreaterThan(100);
    expect(trail.errors.filter(({ code }) => code === 'EVENTS_DROPPED')).toHaveLength(1);

    store.recover();
    await expect.poll(() => audit.stats().waiting, { timeout: 5_000 }).toBe(0);
    await audit.flush();
    const events = await trail.stored();
    const gaps = events.filter(({ action }) => action === 'AUDIT_GAP');
    expect(gaps.map(({ metadata }) => metadata)).toMatchObject([{ reason: 'no_room', count: dropped }]);
    const processId = events[0]?.process?.id ?? '';
    expect(unexplained(events, processId, audit.stats().recorded)).toEqual([]);
    expect(events.filter(({ action }) => action === 'READ')).toHaveLength(200 - dropped);
  });

  it('P15: a second outage is told too', async () => {
    const trail = openTrail({ spool: false, bufferSize: 20 });
    const { audit, store } = trail;
    for (const round of [1, 2]) {
      await fallDown(trail);
      for (let n = 0; n < 50; n += 1) await audit.record(READ);
      store.recover();
      await expect.poll(async () => (await trail.stored('AUDIT_GAP')).length, { timeout: 5_000 }).toBe(round);
    }
    expect(trail.errors.filter(({ code }) => code === 'EVENTS_DROPPED')).toHaveLength(2);
  });

  it('P15: a loss that cannot be told at first, for want of room, is told later', async () => {
    const trail = openTrail({ spool: false, bufferSize: 5, deadlineMs: 500 });
    const { audit, store } = trail;
    await fallDown(trail, 'hangs');
    // Two batches of five hang with the store and five wait behind them: there is no room for the AUDIT_GAP either.
    for (let n = 0; n < 60; n += 1) {
      if (n % 20 === 0) await sleep(60);
      await audit.record(READ);
    }
    await expect.poll(() => audit.stats().dropped, { timeout: 2_000 }).toBe(46);
    store.recover();
    await expect.poll(async () => (await trail.stored('AUDIT_GAP')).length, { timeout: 5_000 }).toBe(1);
    const events = await trail.stored();
    expect(events.at(-1)?.metadata).toMatchObject({ reason: 'no_room', count: 46 });
    expect(unexplained(events, events[0]?.process?.id ?? '', audit.stats().recorded)).toEqual([]);
  });

  it('P15: a refusal is told even when nothing else comes to try the store with', async () => {
    const trail = openTrail({ failClosed: true });
    await fallDown(trail);
    await expect(trail.audit.record(READ)).rejects.toMatchObject({ code: 'TRAIL_UNAVAILABLE' });
    trail.store.recover();
    await expect.poll(async () => (await trail.stored('AUDIT_GAP')).length, { timeout: 5_000 }).toBe(1);
    expect(trail.audit.stats().storeIsUp).toBe(true);
  });

  it('P15: 50,000 events while the store hangs take bounded memory, and all arrive afterwards', async () => {
    const trail = openTrail({ bufferSize: 1_000, deadlineMs: 100 });
    const { audit, store } = trail;
    await fallDown(trail, 'hangs');
    const note = 'x'.repeat(1_500);
    globalThis.gc?.();
    const before = process.memoryUsage().heapUsed;
    for (let n = 0; n < 50_000; n += 1) {
      await audit.record({ ...READ, metadata: { n, note } });
      if (n % 500 === 0) await sleep(0);
    }
    const grown = process.memoryUsage().heapUsed - before;
    const bytes = spoolBytes(trail.dir);
    console.info(
      `50,000 events: ${Math.round(bytes / 2 ** 20)} MB on disk, ${Math.round(grown / 2 ** 20)} MB more in memory`,
    );
    expect(bytes).toBeGreaterThan(75 * 2 ** 20);
    expect(grown).toBeLessThan(60 * 2 ** 20);
    expect(audit.stats()).toMatchObject({ waiting: 50_000, dropped: 0 });
    store.recover();
    await expect.poll(() => audit.stats().waiting, { timeout: 20_000 }).toBe(0);
    const events = await trail.stored('READ');
    expect(new Set(events.map(({ metadata }) => metadata?.['n'])).size).toBe(50_000);
    await expect.poll(() => spoolBytes(trail.dir)).toBe(0);
  });
});

describe('the names of models and actions', () => {
  it.each(['constructor', '__proto__', 'toString'])('such as %s lose no event', async (name) => {
    const trail = openTrail();
    await trail.audit.record({ action: 'READ', target: { type: name, id: '1' } });
    await trail.audit.record({ action: name as 'READ' });
    await trail.audit.flush();
    expect(await trail.stored()).toHaveLength(3);
  });
});
