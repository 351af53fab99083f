import { setTimeout } from 'node:timers/promises';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { type ApiBed, live, openBed, requestFor } from '../../test/api/bed.js';
import { idAt, someEntry } from '../../test/entries.js';
import type { AuditEvent } from '../event/event.js';
import { readEvent } from '../event/read.js';
import { follow } from './tail/follow.js';

/** What a stream of server-sent events has said so far. */
class Heard {
  text = '';
  isOver = false;

  constructor(response: Response) {
    void this.#listen(response).catch(() => {
      this.isOver = true;
    });
  }

  get events(): { readonly id: string; readonly action: string }[] {
    return [...this.text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data ?? '') as never);
  }

  async until(test: () => boolean): Promise<void> {
    for (let tries = 0; tries < 400 && !test(); tries += 1) await setTimeout(20);
    if (!test()) throw new Error(`What was waited for did not come: ${this.text}`);
  }

  async #listen(response: Response): Promise<void> {
    const decoder = new TextDecoder();
    for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>)
      this.text += decoder.decode(piece, { stream: true });
    this.isOver = true;
  }
}

describe.each(['sqlite', 'postgres'] as const)('the tail of the trail, over %s,', (kind) => {
  let bed: ApiBed;
  beforeAll(async () => {
    bed = await openBed(kind, { maxListeners: 2 });
    await live(bed);
  });
  afterAll(() => bed.close());

  async function listen(query: string, headers: Record<string, string> = {}): Promise<[Heard, () => void]> {
    const stop = new AbortController();
    const response = await bed.api(
      requestFor(`tail/${query}`, { as: 'north', signal: stop.signal, headers }),
    );
    expect([response.status, response.headers.get('content-type')]).toEqual([
      200,
      'text/event-stream; charset=utf-8',
    ]);
    return [new Heard(response), () => stop.abort()];
  }
  async function record(action: 'READ' | 'PRINT', tenantId: string): Promise<string> {
    const target = { type: 'Patient', id: '42' };
    const id = await bed.audit.run({ tenantId }, () => bed.audit.record({ action, target }));
    await bed.audit.flush();
    return id ?? '';
  }

  it('tells of what is new under its filters, once each, in order, and of nothing older', async () => {
    const [heard, stop] = await listen('?model=Patient&action=READ');
    await heard.until(() => heard.text.startsWith('retry: 3000\n\n'));
    await setTimeout(200);
    const first = await record('READ', 'north');
    await record('PRINT', 'north');
    await record('READ', 'south');
    const second = await record('READ', 'north');
    await heard.until(() => heard.events.length >= 2);
    await setTimeout(1_300);
    expect(heard.events.map(({ id }) => id)).toEqual([first, second]);
    expect(heard.text).toContain(`id: ${first}\nevent: log\ndata: `);
    stop();
    await heard.until(() => heard.isOver);
  });

  it('goes on behind the last event that was heard', async () => {
    const heardLast = await record('READ', 'north');
    const missed = await record('READ', 'north');
    const [heard, stop] = await listen('?action=READ', { 'Last-Event-ID': heardLast });
    await heard.until(() => heard.events.length > 0);
    expect(heard.events.map(({ id }) => id)).toEqual([missed]);
    stop();
  });

  it('has room for some, whose places are free again when they leave', async () => {
    await setTimeout(50);
    const [, stop] = await listen('');
    const [, stopToo] = await listen('?action=READ');
    const third = await bed.ask('tail/?action=PRINT', { as: 'north' });
    expect([third.status, third.body['code'], third.headers.get('retry-after')]).toEqual([
      503,
      'TOO_MANY_LISTENERS',
      '30',
    ]);
    stop();
    await setTimeout(50);
    const [, stopLast] = await listen('?action=PRINT');
    stopLast();
    stopToo();
  });

  it('lets go of those who can be told nothing any more, and says why to the operator', async () => {
    let isFine = true;
    const reveals = (): boolean => {
      if (!isFine) throw new Error('the rights cannot be read');
      return true;
    };
    const other = await openBed(kind, { maxListeners: 1, reveals });
    const heard = new Heard(await other.api(requestFor('tail/?action=READ', { as: 'owner' })));
    await setTimeout(300);
    isFine = false;
    await other.audit.record({ action: 'READ' });
    await heard.until(() => heard.isOver);
    expect(heard.events).toEqual([]);
    expect(other.errors.map(String)).toEqual([expect.stringContaining('the rights cannot be read')]);
    isFine = true;
    const stop = new AbortController();
    stop.abort();
    for (const signal of [stop.signal, new AbortController().signal])
      expect((await other.api(requestFor('tail/', { as: 'owner', signal }))).status).toBe(200);
    await other.close();
  });

  it('knows of no time but now', async () => {
    for (const query of [
      'start_date=2020-01-01',
      'days=1',
      'cursor=x',
      'ordering=timestamp',
      'model=Nonsense',
    ])
      expect([query, (await bed.ask(`tail/?${query}`, { as: 'north' })).status]).toEqual([query, 400]);
  });
});

describe('following', () => {
  const entryAt = (ms: number, n: number): AuditEvent =>
    readEvent({ ...someEntry({ core: { id: idAt(new Date(ms).toISOString(), n) } }), recordedAt: null });

  it('misses none that is committed late, or comes from a clock that is behind', async () => {
    const stored: AuditEvent[] = [];
    const stop = new AbortController();
    const asked: Date[] = [];
    const events = follow({
      read: async function* read({ startDate }) {
        asked.push(startDate as Date);
        const from = (startDate as Date).getTime();
        yield* stored
          .filter(({ timestamp }) => Date.parse(timestamp) >= from)
          .toSorted((a, b) => (a.id < b.id ? -1 : 1));
      },
      after: undefined,
      signal: stop.signal,
      pace: { everyMs: 10, overlapMs: 5_000, heartbeatMs: 100_000, mostMs: 60_000 },
    });
    const old = entryAt(Date.now() - 1_000, 1);
    stored.push(old);
    const next = events.next();
    await setTimeout(30);
    const fresh = entryAt(Date.now(), 2);
    stored.push(fresh);
    expect((await next).value?.id).toBe(fresh.id);
    const late = entryAt(Date.now() - 2_000, 3);
    stored.push(late);
    expect((await events.next()).value?.id).toBe(late.id);
    const after = events.next();
    await setTimeout(50);
    stop.abort();
    expect((await after).done).toBe(true);
  });

  it('gives a sign of life where nothing happens, and ends in time to be asked for anew', async () => {
    const events = follow({
      read: async function* read() {
        yield* [];
      },
      after: undefined,
      signal: new AbortController().signal,
      pace: { everyMs: 5, overlapMs: 100, heartbeatMs: 20, mostMs: 150 },
    });
    let beats = 0;
    for await (const event of events) {
      expect(event).toBeUndefined();
      beats += 1;
    }
    expect(beats).toBeGreaterThan(1);
  });
});
