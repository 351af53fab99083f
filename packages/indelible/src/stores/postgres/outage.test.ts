import { createServer, connect as connectSocket, type Server, type Socket } from 'node:net';
import { once } from 'node:events';

import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';

import { someEntries, someEntry } from '../../../test/entries.js';
import { connect, openTrail, type PostgresTrail } from '../../../test/postgres-trail.js';
import { type OwnServer, startPostgres } from '../../../test/servers/postgres.js';
import { createPostgresStore } from '../../postgres.js';
import type { EventQuery } from '../query.js';
import type { Store } from '../store.js';

const NEWEST: EventQuery = {
  tenantId: '',
  where: {},
  order: { column: 'timestamp', descending: true },
  limit: 50,
};

describe('a server that goes away', () => {
  let server: OwnServer;
  let trail: PostgresTrail;

  beforeAll(async () => {
    server = await startPostgres();
    // No role exists on this server yet: both migrations want to make them.
    const others = await Promise.all([1, 2].map(() => openTrail(server, { roles: true, monthsAhead: 1 })));
    await Promise.all(others.map((other) => other.close()));
    trail = await openTrail(server, { roles: true });
  });
  afterAll(async () => {
    await trail.store.close();
    await server.close();
  });

  it('keeps what an append resolved for through a crash', async () => {
    const few = someEntries(3);
    const many = someEntries(500, () => ({ search: { subjects: ['p1'] } }));
    await Promise.all([trail.store.append(few), trail.store.append(many)]);
    await server.stop('immediate');
    await server.start();
    expect(await trail.store.count(NEWEST, 5_000)).toBe(503);
    expect(await trail.store.count({ ...NEWEST, where: { subjectId: 'p1' } }, 5_000)).toBe(500);
  });

  it('makes every operation say so, and works again when it is back', async () => {
    await trail.store.append([someEntry()]);
    await server.stop('fast');
    const unavailable = { code: 'STORE_UNAVAILABLE', message: expect.stringContaining('ECONNREFUSED') };
    await expect(trail.store.append([someEntry()])).rejects.toMatchObject(unavailable);
    await expect(trail.store.append(someEntries(100))).rejects.toMatchObject(unavailable);
    await expect(trail.store.find(NEWEST)).rejects.toMatchObject(unavailable);
    await expect(trail.store.count(NEWEST, 100)).rejects.toMatchObject(unavailable);
    await expect(trail.store.check()).rejects.toMatchObject(unavailable);
    await expect(trail.store.migrate()).rejects.toMatchObject(unavailable);
    await server.start();
    const entries = someEntries(100);
    expect(await trail.store.append(entries)).toEqual({ conflicts: [] });
    expect((await trail.store.find(NEWEST)).entries).toHaveLength(50);
  });

  it.each([1, 5_000])(
    'rejects an append of %i that it breaks off, which can then be repeated',
    async (size) => {
      const entries = someEntries(size);
      const blocked = await connect(trail.url);
      await blocked.query('BEGIN; LOCK TABLE indelible_event');
      const appended = trail.store.append(entries).catch((error: unknown) => error);
      await new Promise((resolve) => setTimeout(resolve, 200));
      await server.stop('immediate');
      expect(await appended).toMatchObject({ code: 'STORE_UNAVAILABLE' });
      await server.start();
      await blocked.end();
      expect(await trail.store.append(entries)).toEqual({ conflicts: [] });
      expect(await trail.store.get(entries.at(-1)?.core.id ?? '', '')).toBeDefined();
    },
  );
});

describe('a connection that fails', () => {
  let server: OwnServer;
  let trail: PostgresTrail;
  let wire: Wire;

  beforeAll(async () => {
    server = await startPostgres();
    trail = await openTrail(server);
    wire = await Wire.to(Number(new URL(trail.url).port));
  });
  afterAll(async () => {
    wire.close();
    await trail.close();
    await server.close();
  });

  function storeOverWire(): Store {
    const url = new URL(trail.url);
    url.port = String(wire.port);
    const store = createPostgresStore({
      connectionString: url.href,
      writeTimeoutMs: 2_000,
      readTimeoutMs: 300,
      connectTimeoutMs: 500,
    });
    onTestFinished(() => store.close());
    return store;
  }

  it.each([0, 100, 300_000, 2_000_000])(
    'after %i bytes of an append is reported, and the append can be repeated',
    async (bytes) => {
      const store = storeOverWire();
      await store.append([someEntry()]);
      const entries = someEntries(3_000, () => ({ payload: { text: 'x'.repeat(1_000) } }));
      wire.breakAfter(bytes);
      await expect(store.append(entries)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
      wire.breakAfter(Infinity);
      expect(await store.append(entries)).toEqual({ conflicts: [] });
    },
  );

  it('by going silent is given up at the deadline, and the next append goes over another', async () => {
    const store = storeOverWire();
    await store.append([someEntry()]);
    wire.cut = true;
    for (const entries of [
      [someEntry()],
      someEntries(5_000, () => ({ payload: { text: 'x'.repeat(1_000) } })),
    ]) {
      const started = performance.now();
      await expect(store.append(entries)).rejects.toMatchObject({
        code: 'STORE_UNAVAILABLE',
        message: expect.stringContaining('no answer within'),
      });
      expect(performance.now() - started).toBeLessThan(4_000);
    }
    await expect(store.find(NEWEST)).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' });
    wire.cut = false;
    expect(await store.append([someEntry()])).toEqual({ conflicts: [] });
  });
});

/** A line to a server that can be made to swallow everything, as a router does that has forgotten a connection. */
class Wire {
  cut = false;
  #left = Infinity;
  readonly #sockets: Socket[] = [];
  readonly #listener: Server;

  private constructor(target: number) {
    this.#listener = createServer((near) => {
      const far = connectSocket(target, '127.0.0.1');
      for (const [from, to] of [
        [near, far],
        [far, near],
      ] as const) {
        from.on('data', (data) => this.#pass(data, from, to));
        from.on('error', () => undefined);
        from.on('close', () => to.destroy());
      }
      this.#sockets.push(near, far);
    });
  }

  static async to(target: number): Promise<Wire> {
    const wire = new Wire(target);
    await once(wire.#listener.listen(0, '127.0.0.1'), 'listening');
    return wire;
  }

  get port(): number {
    const address = this.#listener.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  /** Lets so many bytes through before it breaks. */
  breakAfter(bytes: number): void {
    this.#left = bytes;
  }

  #pass(data: Buffer, from: Socket, to: Socket): void {
    if (this.cut) return;
    this.#left -= data.length;
    if (this.#left < 0) from.resetAndDestroy();
    else to.write(data);
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#listener.close();
  }
}
