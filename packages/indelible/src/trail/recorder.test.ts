import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';

import {
  openTestTrail,
  removeTemporaryFolders,
  type TestTrail,
  type TestTrailOptions,
} from '../../test/test-trail.js';
import type { Entry } from '../event/entry.js';
import type { AuditEvent } from '../index.js';
import type { SqlConnection } from '../stores/store.js';
import type { Outbox, Relayed } from './outbox.js';

const open: TestTrail[] = [];

afterEach(async () => {
  vi.useRealTimers();
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
const UPDATE = { action: 'UPDATE', target: { type: 'Patient', id: '1' } } as const;
const NOBODY: SqlConnection = { query: () => undefined };

/** An outbox as a list: what is put is there at once; nothing is relayed. */
class ListOutbox implements Outbox {
  readonly description = 'a list';
  readonly application = { kind: 'sqlite', database: undefined } as const;
  readonly entries: Entry[] = [];
  readonly #answer: () => unknown;

  constructor(answer: () => unknown = () => undefined) {
    this.#answer = answer;
  }

  async migrate(): Promise<void> {}

  put(_: SqlConnection, entries: readonly Entry[]): unknown {
    const answer = this.#answer();
    this.entries.push(...entries);
    return answer;
  }

  async check(): Promise<[]> {
    return [];
  }

  async relay(): Promise<Relayed> {
    return { rows: 0, setAside: [] };
  }

  async countSetAside(): Promise<number> {
    return 0;
  }
}

const failing = (): never => {
  throw new Error('no such table: indelible_outbox');
};

describe('the numbers of a process', () => {
  it('run from 1 without a hole over every event it delivers, in the order of their ids', async () => {
    const trail = openTrail();
    const calls = Array.from({ length: 500 }, (_, n) =>
      trail.audit.record({ ...READ, action: n % 3 === 0 ? 'EXPORT' : 'READ' }),
    );
    await Promise.all(calls);
    await trail.audit.close();
    const events = await trail.stored();
    expect(events.map(({ process }) => process?.n)).toEqual(Array.from({ length: 502 }, (_, n) => n + 1));
    expect(new Set(events.map(({ process }) => process?.id)).size).toBe(1);
  });

  it('are spent neither on an update that changed nothing nor on what a transaction vouches for', async () => {
    const outbox = new ListOutbox();
    const { audit } = openTrail({ outbox });
    expect(await audit.record({ ...UPDATE, before: { name: 'a' }, after: { name: 'a' } })).toBeUndefined();
    await audit.record({ ...UPDATE, before: { name: 'a' }, after: { name: 'b' } }, NOBODY);
    await audit.record(READ);
    expect(outbox.entries.map(({ core }) => core.process)).toEqual([undefined]);
    expect(audit.stats().recorded).toBe(3);
    const id = await audit.record({ ...READ, action: 'EXPORT' });
    expect((await audit.get(id ?? ''))?.process?.n).toBe(3);
  });

  it('are those of each process by itself', async () => {
    const trail = openTrail();
    await trail.audit.close();
    const again = trail.reopen();
    open.push(again);
    await again.audit.close();
    const events = await trail.stored('AUDIT_START');
    expect(events.map(({ process }) => process?.n)).toEqual([1, 1]);
    expect(new Set(events.map(({ process }) => process?.id)).size).toBe(2);
  });
});

describe('P26: two genuine acts in one millisecond', () => {
  it('P26: both survive to the store, though they are the same in every word', async () => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-05-04T10:00:00Z') });
    const trail = openTrail();
    const edit = {
      ...UPDATE,
      before: { name: 'a' },
      after: { name: 'b' },
      actor: { type: 'user', id: '7' },
    } as const;
    const ids = await Promise.all([
      trail.audit.record(edit),
      trail.audit.record(edit),
      trail.audit.record({ ...READ, actor: edit.actor }),
      trail.audit.record({ ...READ, actor: edit.actor }),
    ]);
    vi.useRealTimers();
    await trail.audit.flush();
    const events = (await trail.stored()).filter(({ actor }) => actor.id === '7');
    expect(events).toHaveLength(4);
    expect(new Set(events.map(({ id }) => id))).toEqual(new Set(ids));
    expect(new Set(ids).size).toBe(4);
    expect(new Set(events.map(({ timestamp }) => timestamp)).size).toBe(1);
  });
});

describe('an event with a connection', () => {
  it('goes into the outbox by that connection before the call returns', () => {
    const outbox = new ListOutbox();
    const { audit } = openTrail({ outbox });
    void audit.record(READ, NOBODY);
    expect(outbox.entries).toHaveLength(1);
    const id = audit.recordSync(READ, NOBODY);
    expect(outbox.entries[1]?.core.id).toBe(id);
  });

  it('is in the outbox when record resolves, if the connection takes its time', async () => {
    let isWritten = false;
    const outbox = new ListOutbox(() => sleep(20).then(() => (isWritten = true)));
    const { audit } = openTrail({ outbox });
    await audit.record(READ, NOBODY);
    expect(isWritten).toBe(true);
  });

  it('knows a promise of any make', async () => {
    let isWritten = false;
    const thenable = {
      // oxlint-disable-next-line unicorn/no-thenable -- some drivers answer with promises of their own
      then: (resolve: (value: unknown) => void) => void sleep(10).then(() => resolve((isWritten = true))),
    };
    const { audit } = openTrail({ outbox: new ListOutbox(() => thenable) });
    await audit.record(READ, NOBODY);
    expect(isWritten).toBe(true);
  });

  it('is refused at once by recordSync where the connection does not answer at once', async () => {
    const { audit } = openTrail({ outbox: new ListOutbox(() => Promise.reject(new Error('later'))) });
    expect(() => audit.recordSync(READ, NOBODY)).toThrow(expect.objectContaining({ code: 'NO_CONNECTION' }));
    await sleep(5);
  });

  it('is refused, and told, when the trail has no outbox', async () => {
    const { audit, errors } = openTrail();
    await expect(audit.record(READ, NOBODY)).rejects.toMatchObject({ code: 'NO_OUTBOX' });
    expect(() => audit.recordSync(READ, NOBODY)).toThrow(expect.objectContaining({ code: 'NO_OUTBOX' }));
    expect(errors.map(({ code }) => code)).toEqual(['NO_OUTBOX']);
  });

  it.each([
    ['throws', failing],
    ['rejects', () => Promise.reject(new Error('no such table: indelible_outbox'))],
  ])('lets the change go on when the outbox %s, and an AUDIT_GAP tells of it', async (_, answer) => {
    const trail = openTrail({ outbox: new ListOutbox(answer) });
    await trail.audit.record(READ, NOBODY);
    await trail.audit.record(READ, NOBODY);
    expect(trail.errors.map(({ code }) => code)).toEqual(['OUTBOX_UNAVAILABLE', 'OUTBOX_UNAVAILABLE']);
    await expect
      .poll(async () => trail.stored('AUDIT_GAP'), { timeout: 3_000 })
      .toMatchObject([{ metadata: { reason: 'outbox', count: 2 } }]);
  });

  it('is refused with its change when the outbox fails and fail closed is set', async () => {
    const { audit, errors } = openTrail({ outbox: new ListOutbox(failing), failClosed: ['Patient'] });
    await expect(audit.record(READ, NOBODY)).rejects.toMatchObject({ code: 'OUTBOX_UNAVAILABLE' });
    expect(() => audit.recordSync(READ, NOBODY)).toThrow('indelible_outbox');
    expect(audit.stats().refused).toBe(2);
    expect(errors).toHaveLength(1);
  });
});

describe('what surrounds an event', () => {
  it('is filled in from the context, and what the event says itself goes before', async () => {
    const trail = openTrail();
    const { audit } = trail;
    await audit.run(
      {
        actor: { type: 'user', id: '1', name: 'Ada' },
        tenantId: 't',
        request: { id: 'r', method: 'GET', path: '/a', ip: '10.0.0.1' },
        reason: 'of the context',
        sessionId: 's',
        traceId: 'trace',
        transactionId: 'tx',
        operation: 'Patient.find',
      },
      () => audit.record({ ...READ, reason: 'of the event', request: { statusCode: 200, path: '/b' } }),
    );
    await audit.flush();
    const [event] = await trail.stored('READ');
    expect(event).toMatchObject({
      actor: { type: 'user', id: '1', name: 'Ada' },
      tenantId: 't',
      request: { id: 'r', method: 'GET', path: '/b', ip: '10.0.0.1', statusCode: 200 },
      reason: 'of the event',
      sessionId: 's',
      traceId: 'trace',
      transactionId: 'tx',
      operation: 'Patient.find',
    });
  });

  it('never makes record throw, nor an event of no account', async () => {
    const trail = openTrail();
    const hostile = new Proxy(
      {},
      {
        get: () => {
          throw new Error('hands off');
        },
      },
    );
    const given: unknown[] = [undefined, null, 7, 'READ', [], hostile, { action: 7, target: hostile }];
    for (const input of given) expect(await trail.audit.record(input as typeof READ)).toBeTypeOf('string');
    await trail.audit.flush();
    const events: AuditEvent[] = await trail.stored();
    expect(events).toHaveLength(1 + given.length);
  });
});

describe('a clock that is set back', () => {
  it('is told, and loses no event', async () => {
    const trail = openTrail();
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2030-01-01T00:00:00Z') });
    await trail.audit.record(READ);
    vi.setSystemTime(Date.parse('2029-01-01T00:00:00Z'));
    await trail.audit.record(READ);
    vi.useRealTimers();
    await trail.audit.flush();
    expect(trail.errors.map(({ code }) => code)).toContain('CLOCK_JUMPED');
    expect(await trail.stored('READ')).toHaveLength(2);
  });
});
