import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, describe, expect, it } from 'vitest';

import type { Entry } from '../event/entry.js';
import { AuditError } from '../event/errors.js';
import type { AppendResult, EventWriter } from '../stores/store.js';
import type { Outbox, OutboxRow, Refusal, Relayed } from './outbox.js';
import { Relay } from './relay.js';
import { newStats } from './stats.js';

/** An outbox as a list, whose database may be told to hang. */
class ListOutbox implements Outbox {
  readonly description = 'a list';
  readonly application = { kind: 'sqlite', database: undefined } as const;
  rows: OutboxRow[] = [];
  refusals: readonly Refusal[] = [];
  looks = 0;
  hangs = false;
  claims = false;

  add(...ids: readonly string[]): void {
    const seq = String(this.rows.length + 1);
    const bodies = ids.map((id) => JSON.stringify({ core: { id } }));
    this.rows.push({ seq, at: 0, salt: '', transactionId: null, context: null, bodies });
  }

  async migrate(): Promise<void> {}

  async check(): Promise<[]> {
    return [];
  }

  put(): undefined {
    return undefined;
  }

  async countSetAside(): Promise<number> {
    return 0;
  }

  async relay(
    _: number,
    deliver: (rows: readonly OutboxRow[]) => Promise<readonly Refusal[]>,
  ): Promise<Relayed> {
    this.looks += 1;
    if (this.hangs) await new Promise(() => undefined);
    const rows = [...this.rows];
    if (this.claims) this.rows = [];
    if (rows.length > 0) this.refusals = await deliver(rows);
    this.rows = [];
    return { rows: rows.length, setAside: [] };
  }
}

/** A store that takes what it is given, but for some. */
class PickyStore implements EventWriter {
  readonly ids: string[] = [];
  isAway = false;

  async append(entries: readonly Entry[]): Promise<AppendResult> {
    if (this.isAway) throw new Error('the store is away');
    const ids = entries.map(({ core }) => core.id);
    if (ids.includes('poison')) throw new AuditError('EVENT_REFUSED', 'one of them can never be stored');
    this.ids.push(...ids);
    return { conflicts: ids.filter((id) => id === 'twice') };
  }
}

interface Bed {
  readonly relay: Relay;
  readonly outbox: ListOutbox;
  readonly store: PickyStore;
  readonly stats: ReturnType<typeof newStats>;
  readonly errors: AuditError[];
  readonly lost: string[];
}

const open: Relay[] = [];
afterEach(async () => {
  for (const relay of open.splice(0)) await relay.close();
});

function newBed(): Bed {
  const bed = { outbox: new ListOutbox(), store: new PickyStore(), stats: newStats() };
  const errors: AuditError[] = [];
  const lost: string[] = [];
  const relay = new Relay({
    ...bed,
    patienceMs: 50,
    completing: () => async (row) => row.bodies.map((body) => JSON.parse(body) as Entry),
    report: (error) => errors.push(error),
    onLost: (reason, count) => lost.push(`${reason} ${count}`),
  });
  open.push(relay);
  return { ...bed, relay, errors, lost };
}

describe('the relay', () => {
  it('P51: stores what is beside an entry that the store will never take, and refuses only its row', async () => {
    const { relay, outbox, store, stats } = newBed();
    outbox.add('1', '2');
    outbox.add('3', 'poison', '4');
    outbox.add('5');
    await relay.drain();
    expect(store.ids).toEqual(['1', '2', '3', '4', '5']);
    expect(outbox.refusals).toEqual([{ seq: '2', reason: 'one of them can never be stored' }]);
    expect(stats.stored).toBe(5);
  });

  it('P51: refuses a row that cannot be read, and stores the others', async () => {
    const { relay, outbox, store } = newBed();
    outbox.add('1');
    outbox.rows.push({ ...(outbox.rows[0] as OutboxRow), seq: '2', bodies: ['{"core":'] });
    await relay.drain();
    expect(store.ids).toEqual(['1']);
    expect(outbox.refusals).toMatchObject([{ seq: '2', reason: expect.stringContaining('cannot be read') }]);
  });

  it('tells of an entry whose id the trail holds with another body, and of the gap', async () => {
    const { relay, outbox, stats, errors, lost } = newBed();
    outbox.add('1', 'twice');
    await relay.drain();
    expect([stats.stored, stats.conflicts]).toEqual([1, 1]);
    expect(errors.map(({ code }) => code)).toEqual(['EVENT_CONFLICT']);
    expect(lost).toEqual(['conflict 1']);
  });

  it('P51: leaves everything in the outbox while the store is away', async () => {
    const { relay, outbox, store, errors } = newBed();
    outbox.add('1');
    store.isAway = true;
    await relay.drain();
    expect(outbox.rows).toHaveLength(1);
    expect(errors.map(({ code }) => code)).toEqual(['STORE_UNAVAILABLE']);
    store.isAway = false;
    await relay.drain();
    expect(store.ids).toEqual(['1']);
  });

  it('has everything in the trail when it is drained, also what a look of its own had begun to move', async () => {
    const { relay, outbox, store } = newBed();
    const append = store.append.bind(store);
    store.append = async (entries) => {
      await sleep(30);
      return append(entries);
    };
    relay.start();
    outbox.add('1');
    // As a claim does: what one look has taken, another does not see.
    outbox.claims = true;
    await expect.poll(() => outbox.rows.length, { interval: 1 }).toBe(0);
    await relay.drain();
    expect(store.ids).toEqual(['1']);
  });

  it('waits for a database that hangs no longer than its patience, also to be closed', async () => {
    const { relay, outbox, errors } = newBed();
    outbox.hangs = true;
    relay.start();
    await sleep(20);
    const began = performance.now();
    await relay.drain();
    await relay.close();
    expect(performance.now() - began).toBeLessThan(1_000);
    expect(errors[0]).toMatchObject({ code: 'OUTBOX_UNAVAILABLE', message: /did not answer/ });
  });

  it('looks seldom while nothing is written, and soon after it was woken', async () => {
    const { relay, outbox, store } = newBed();
    relay.start();
    await sleep(400);
    const idle = outbox.looks;
    expect(idle).toBeLessThan(12);
    outbox.add('1');
    relay.wake();
    await expect.poll(() => store.ids, { timeout: 200, interval: 5 }).toEqual(['1']);
  });
});
