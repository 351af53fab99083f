import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';

import {
  openTestTrail,
  removeTemporaryFolders,
  spoolBytes,
  spoolFiles,
  type TestTrail,
  type TestTrailOptions,
  unexplained,
} from '../../test/test-trail.js';
import type { Actor } from '../event/event.js';
import { AuditError } from '../event/errors.js';

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

function reopen(trail: TestTrail, options?: TestTrailOptions): TestTrail {
  const again = trail.reopen({ deadlineMs: 200, ...options });
  open.push(again);
  return again;
}

const READ = { action: 'READ', target: { type: 'Patient', id: '1' } } as const;

describe('the start of a trail', () => {
  it('is its first event, and says in one line each what is attached', async () => {
    const trail = openTrail({ models: { Patient: {} }, failClosed: ['EXPORT'] });
    await trail.audit.record(READ);
    await trail.audit.flush();
    const [first] = await trail.stored();
    expect(first).toMatchObject({
      action: 'AUDIT_START',
      source: 'system',
      actor: { type: 'system', name: 'indelible' },
      process: { n: 1 },
    });
    const said = trail.lines.join('\n');
    for (const word of [
      'store: memory',
      `spool: ${trail.dir}`,
      'outbox: none',
      'models: Patient',
      'EXPORT before',
    ])
      expect(said).toContain(word);
    expect(said).toContain('fail closed: EXPORT');
  });

  it('says so when there is no disk', async () => {
    expect(openTrail({ spool: false }).lines.join('\n')).toContain('memory only');
  });

  it('says what the store finds unsafe', async () => {
    const trail = openTrail();
    await trail.audit.ready();
    expect(trail.lines.join('\n')).toContain('warning: The trail is kept in memory');
  });

  it('stores what an earlier life has left, without waiting for a first event', async () => {
    const trail = openTrail();
    await trail.audit.ready();
    trail.store.failAlways('not-persisted');
    const id = await trail.audit.record(READ);
    await trail.audit.close();
    expect(await trail.stored('READ')).toEqual([]);
    reopen(trail);
    await expect.poll(async () => (await trail.stored('READ')).map((event) => event.id)).toEqual([id]);
  });
});

describe('the end of a trail', () => {
  it('brings everything into the store, and is its last event, with the numbers', async () => {
    const trail = openTrail();
    for (let n = 0; n < 1_200; n += 1) void trail.audit.record(READ);
    await trail.audit.close();
    const events = await trail.stored();
    expect(events).toHaveLength(1_202);
    const last = events.at(-1);
    expect(last).toMatchObject({ action: 'AUDIT_STOP', source: 'system', process: { n: 1_202 } });
    expect(last?.metadata).toMatchObject({
      process: last?.process?.id,
      last_n: 1_202,
      recorded: 1_201,
      stored: 1_201,
      waiting: 0,
      dropped: 0,
      refused: 0,
    });
    expect(spoolFiles(trail.dir)).toEqual([]);
  });

  it('leaves in the spool what cannot be stored, for the next start', async () => {
    const trail = openTrail();
    await trail.audit.flush();
    trail.store.failAlways('not-persisted');
    for (let n = 0; n < 20; n += 1) await trail.audit.record(READ);
    await trail.audit.close();
    expect(spoolBytes(trail.dir)).toBeGreaterThan(0);
    const again = reopen(trail);
    await expect.poll(async () => (await trail.stored('READ')).length).toBe(20);
    await again.audit.close();
    const events = await trail.stored();
    expect(events.map(({ action }) => action).filter((action) => action.startsWith('AUDIT_'))).toEqual([
      'AUDIT_START',
      'AUDIT_STOP',
      'AUDIT_START',
      'AUDIT_STOP',
    ]);
    expect(events.find(({ action }) => action === 'AUDIT_STOP')?.metadata).toMatchObject({ waiting: 20 });
    expect(spoolFiles(trail.dir)).toEqual([]);
  });

  it('tells of what is lost because there was neither store nor disk', async () => {
    const trail = openTrail({ spool: false });
    await trail.audit.flush();
    trail.store.failAlways('not-persisted');
    for (let n = 0; n < 5; n += 1) await trail.audit.record(READ);
    await trail.audit.close();
    expect(trail.errors.at(-1)).toMatchObject({ code: 'EVENTS_DROPPED' });
    expect(trail.errors.at(-1)?.message).toContain('6 events are lost');
    expect(trail.audit.stats().dropped).toBe(6);
  });

  it('tells of open gaps before it stops', async () => {
    const trail = openTrail({ failClosed: true });
    await trail.audit.flush();
    trail.store.failNext('not-persisted');
    await expect(trail.audit.record(READ)).rejects.toMatchObject({ code: 'TRAIL_UNAVAILABLE' });
    await trail.audit.close();
    const events = await trail.stored();
    expect(events.map(({ action }) => action)).toEqual(['AUDIT_START', 'AUDIT_GAP', 'AUDIT_STOP']);
    expect(unexplained(events, events[0]?.process?.id ?? '', 4)).toEqual([]);
  });

  it('waits for those who are still waiting for their own event', async () => {
    const trail = openTrail();
    await trail.audit.flush();
    trail.store.failAlways('not-persisted');
    const waiting = Array.from({ length: 10 }, () => trail.audit.record({ ...READ, action: 'EXPORT' }));
    await trail.audit.close();
    const ids = await Promise.all(waiting);
    const again = reopen(trail);
    await again.audit.close();
    expect(new Set((await trail.stored('EXPORT')).map(({ id }) => id))).toEqual(new Set(ids));
  });

  it('lets those who wait come to their end, also when the disk fails them on the way', async () => {
    const trail = openTrail();
    await trail.audit.flush();
    trail.store.failAlways('not-persisted');
    await trail.audit.record({ ...READ, action: 'EXPORT' });
    vi.spyOn(fs, 'fdatasync').mockImplementation(
      (_, done) => void setTimeout(() => done(new Error('input/output error')), 100),
    );
    const waiting = trail.audit.record({ ...READ, action: 'EXPORT' });
    trail.store.recover();
    await trail.audit.close();
    await expect(waiting).resolves.toBeTypeOf('string');
    const stop = (await trail.stored('AUDIT_STOP'))[0];
    expect(stop?.metadata).toMatchObject({ refused: 0 });
  });

  it('does not hang with a store that hangs', async () => {
    const trail = openTrail({ deadlineMs: 50 });
    await trail.audit.flush();
    trail.store.failAlways('hangs');
    trail.store.close = () => new Promise(() => undefined);
    await trail.audit.record(READ);
    const start = performance.now();
    await trail.audit.close();
    expect(performance.now() - start).toBeLessThan(2_000);
    expect(spoolBytes(trail.dir)).toBeGreaterThan(0);
  });

  it('comes once, whoever asks for it', async () => {
    const trail = openTrail();
    await Promise.all([trail.audit.close(), trail.audit.close()]);
    await trail.audit.close();
    expect(await trail.stored('AUDIT_STOP')).toHaveLength(1);
  });

  it('is told to whoever records afterwards', async () => {
    const trail = openTrail();
    const closing = trail.audit.close();
    await expect(trail.audit.record(READ)).rejects.toMatchObject({ code: 'CLOSED' });
    expect(() => trail.audit.recordSync(READ, { query: () => undefined })).toThrow(AuditError);
    await closing;
    await expect(trail.audit.record(READ)).rejects.toMatchObject({ code: 'CLOSED' });
    await expect(trail.audit.impersonate({ type: 'user', id: '2' }, () => 1)).rejects.toMatchObject({
      code: 'CLOSED',
    });
    expect(trail.errors.map(({ code }) => code)).toEqual(['CLOSED', 'CLOSED', 'CLOSED']);
    expect((await trail.stored()).map(({ action }) => action)).toEqual(['AUDIT_START', 'AUDIT_STOP']);
  });
});

describe('P23: impersonation', () => {
  const boss: Actor = { type: 'user', id: '1', username: 'owner', role: 'owner' };
  const person = { type: 'user', id: '9', username: 'patient', name: 'Ada Lovelace' } as const;
  const both = {
    id: '1',
    username: 'owner',
    role: 'owner',
    onBehalfOf: { type: 'user', id: '9', username: 'patient' },
  };

  it('P23: shows both identities on every kind of event, and records its start and stop', async () => {
    const trail = openTrail();
    const { audit } = trail;
    const answer = await audit.run({ actor: boss, reason: 'outer' }, async () => {
      const inside = await audit.impersonate(
        person,
        async () => {
          await sleep(1);
          await audit.record(READ);
          await audit.record({ ...READ, action: 'EXPORT' });
          await audit.record({ action: 'UPDATE', target: READ.target, before: { a: 1 }, after: { a: 2 } });
          await audit.record({ action: 'ACCESS_DENIED', outcome: 'denied', target: READ.target });
          return 'done';
        },
        'support call 17',
      );
      await audit.record({ ...READ, action: 'LIST' });
      return inside;
    });
    expect(answer).toBe('done');
    await audit.flush();
    const events = (await trail.stored()).filter(({ action }) => action !== 'AUDIT_START');
    expect(events.map(({ action }) => action)).toEqual([
      'IMPERSONATION_START',
      'READ',
      'EXPORT',
      'UPDATE',
      'ACCESS_DENIED',
      'IMPERSONATION_STOP',
      'LIST',
    ]);
    for (const { actor, reason } of events.slice(0, 6)) {
      expect(actor).toMatchObject(both);
      expect(reason).toBe('support call 17');
    }
    expect(events[0]?.target).toEqual({ type: 'User', id: '9', label: 'Ada Lovelace' });
    expect(events[6]).toMatchObject({ actor: { id: '1', onBehalfOf: null }, reason: 'outer' });
  });

  it('P23: records its stop when the work throws, and hands the error on', async () => {
    const trail = openTrail();
    const work = (): never => {
      throw new Error('on purpose');
    };
    await trail.audit.run({ actor: boss }, () =>
      expect(trail.audit.impersonate(person, work)).rejects.toThrow('on purpose'),
    );
    await trail.audit.flush();
    expect(await trail.stored('IMPERSONATION_STOP')).toMatchObject([{ actor: both }]);
  });

  it('P23: does not begin when its start is refused, and never hides an error behind a refused stop', async () => {
    const trail = openTrail({ failClosed: ['User'], deadlineMs: 50 });
    await trail.audit.flush();
    const work = vi.fn<() => never>(() => {
      trail.store.failAlways('not-persisted');
      throw new Error('on purpose');
    });
    trail.store.failNext('not-persisted');
    await expect(trail.audit.impersonate(person, work)).rejects.toMatchObject({ code: 'TRAIL_UNAVAILABLE' });
    expect(work).not.toHaveBeenCalled();
    await expect(trail.audit.impersonate(person, work)).rejects.toThrow('on purpose');
    expect(trail.errors.filter(({ code }) => code === 'TRAIL_UNAVAILABLE')).toHaveLength(2);
  });

  it('P23: by somebody who has not signed in is not taken for the program’s own doing', async () => {
    const trail = openTrail();
    const { audit } = trail;
    await audit.run({ request: { id: 'r' } }, () => audit.impersonate(person, () => audit.record(READ)));
    await audit.impersonate(person, () => audit.record({ ...READ, action: 'LIST' }));
    await audit.flush();
    expect((await trail.stored('READ'))[0]?.actor.type).toBe('anonymous');
    expect((await trail.stored('LIST'))[0]?.actor.type).toBe('system');
  });
});

describe('being told', () => {
  it.each<[string, () => void]>([
    [
      'throws',
      () => {
        throw new Error('logger away');
      },
    ],
    ['rejects', () => Promise.reject(new Error('logger away'))],
  ])('by a log and an onError that %s breaks nothing', async (_, broken) => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const trail = openTrail({
      log: broken,
      onError: broken,
      failClosed: ['EXPORT'],
    });
    await trail.audit.ready();
    trail.store.failAlways('not-persisted');
    await trail.audit.record(READ);
    await expect(trail.audit.record({ ...READ, action: 'EXPORT' })).rejects.toMatchObject({
      code: 'TRAIL_UNAVAILABLE',
    });
    trail.store.recover();
    await trail.audit.close();
    expect((await trail.stored()).map(({ action }) => action)).toEqual([
      'AUDIT_START',
      'READ',
      'AUDIT_GAP',
      'AUDIT_STOP',
    ]);
    expect(said).toHaveBeenCalledWith(expect.stringContaining('onError failed'), expect.any(Error));
    expect(said).toHaveBeenCalledWith(expect.stringContaining('log failed'), expect.any(Error));
  });

  it('in words on standard error by default', async () => {
    const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
    const trail = openTestTrail();
    open.push(trail);
    const loud = reopen(trail, { onError: undefined, away: 'not-persisted' });
    await loud.audit.ready();
    expect(said).toHaveBeenCalledWith(expect.stringMatching(/^indelible: STORE_UNAVAILABLE: .+/));
  });
});

describe('an event lost from the spool', () => {
  it('is told by an AUDIT_GAP, when its line was damaged', async () => {
    const trail = openTrail();
    await trail.audit.flush();
    trail.store.failAlways('not-persisted');
    for (let n = 0; n < 3; n += 1) await trail.audit.record({ ...READ, reason: 'visit' });
    await trail.audit.close();
    const [file = ''] = spoolFiles(trail.dir);
    fs.writeFileSync(file, fs.readFileSync(file, 'utf8').replace('visit', 'ViSit'));
    const again = reopen(trail);
    await expect.poll(async () => (await trail.stored('READ')).length).toBe(2);
    await again.audit.close();
    expect(await trail.stored('AUDIT_GAP')).toMatchObject([{ metadata: { reason: 'damaged', count: 1 } }]);
    expect(again.errors.map(({ code }) => code)).toEqual(['SPOOL_DAMAGED']);
  });
});

describe('the account of a trail', () => {
  it('adds up: what was recorded is stored, waits, was dropped or was refused', async () => {
    const trail = openTrail({ failClosed: ['EXPORT'], spool: false, bufferSize: 100 });
    const { audit, store } = trail;
    for (let round = 0; round < 60; round += 1) {
      if (round % 7 === 0) store.failNext(round % 2 === 0 ? 'persisted' : 'not-persisted', 2);
      for (let n = 0; n < 15; n += 1) void audit.record(n === 0 ? { ...READ, action: 'EXPORT' } : READ);
      await sleep(5);
    }
    await sleep(300);
    await audit.flush();
    await audit.close();
    const { recorded, stored, waiting, dropped, refused } = audit.stats();
    expect(stored + waiting + dropped + refused).toBe(recorded);
    const events = await trail.stored();
    expect(unexplained(events, events[0]?.process?.id ?? '', recorded)).toEqual([]);
    expect(events.at(-1)).toMatchObject({ action: 'AUDIT_STOP', process: { n: recorded } });
  });
});
