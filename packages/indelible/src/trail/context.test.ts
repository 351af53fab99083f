import { AsyncResource } from 'node:async_hooks';
import { EventEmitter } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { Agent, request } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, afterEach, describe, expect, it } from 'vitest';

import { openTestTrail, removeTemporaryFolders, type TestTrail } from '../../test/test-trail.js';
import type { Actor } from '../event/event.js';
import { type Context, ContextStack } from './context.js';

const open: { close: () => unknown }[] = [];

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
afterAll(removeTemporaryFolders);

const user = (id: string): Actor => ({ type: 'user', id, username: `user-${id}` });

function openTrail(): TestTrail {
  const trail = openTestTrail();
  open.push({ close: () => trail.audit.close() });
  return trail;
}

/** The actors of the events of one action, in the order they were recorded. */
async function actorsOf(trail: TestTrail, action = 'READ'): Promise<(string | null)[]> {
  await trail.audit.flush();
  return (await trail.stored(action)).map(({ actor }) => actor.id ?? actor.name ?? actor.type);
}

describe('a context', () => {
  const stack = (): ContextStack => new ContextStack(() => undefined);

  it('is what was set, inside and for everything set off inside, and gone outside', async () => {
    const context = stack();
    expect(context.current()).toEqual({});
    const inside = context.run({ actor: user('1'), reason: 'check-up' }, async () => {
      await sleep(1);
      return context.current();
    });
    expect(context.current()).toEqual({});
    expect(await inside).toEqual({ actor: user('1'), reason: 'check-up' });
  });

  it('merges with the one around it and restores it', async () => {
    const context = stack();
    await context.run({ actor: user('1'), reason: 'outer', tenantId: 't' }, async () => {
      await context.run({ reason: 'inner', sessionId: 's', tenantId: undefined }, async () => {
        await sleep(1);
        expect(context.current()).toEqual({
          actor: user('1'),
          reason: 'inner',
          sessionId: 's',
          tenantId: 't',
        });
      });
      expect(context.current()).toEqual({ actor: user('1'), reason: 'outer', tenantId: 't' });
    });
  });

  it('restores the one around it when its function throws', () => {
    const context = stack();
    context.run({ reason: 'outer' }, () => {
      expect(() =>
        context.run({ reason: 'inner' }, () => {
          throw new Error('on purpose');
        }),
      ).toThrow('on purpose');
      expect(context.current()).toEqual({ reason: 'outer' });
    });
  });

  it('asks its functions each time, and passes on what they do not know', () => {
    const context = stack();
    let signedIn: Actor | undefined;
    context.run({ actor: user('outer') }, () =>
      context.run({ actor: () => signedIn }, () => {
        expect(context.current().actor).toEqual(user('outer'));
        signedIn = user('2');
        expect(context.current().actor).toEqual(user('2'));
      }),
    );
  });

  it('is not changed by what is done to the object it was given, nor by a sibling', () => {
    const context = stack();
    const given: { reason?: string } = { reason: 'as given' };
    context.run({ reason: 'outer' }, () => {
      context.run(given, () => {
        given.reason = 'changed';
        expect(context.current().reason).toBe('as given');
        context.set({ sessionId: 's' });
      });
      expect(context.current()).toEqual({ reason: 'outer' });
      expect(given).toEqual({ reason: 'changed' });
    });
  });

  it('takes what is learnt late, and says so when there is nothing to add it to', () => {
    const context = stack();
    expect(context.set({ actor: user('1') })).toBe(false);
    expect(context.current()).toEqual({});
    context.run({}, () => {
      expect(context.set({ actor: user('1') })).toBe(true);
      expect(context.current().actor).toEqual(user('1'));
    });
  });

  it.each<[string, string, Context]>([
    ['with a request', 'anonymous', { request: { path: '/' } }],
    ['that asks for an actor in vain', 'anonymous', { actor: () => undefined }],
    ['whose actor has signed out', 'anonymous', { actor: undefined }],
    ['with neither', 'system', { reason: 'nightly' }],
  ])('%s and no actor known is %s', (_, type, given) => {
    const context = stack();
    expect(context.nobody().type).toBe('system');
    context.run(given, () => context.run({ operation: 'x' }, () => expect(context.nobody().type).toBe(type)));
  });

  it('binds a function, its receiver and its arguments to the scope of now', () => {
    const context = stack();
    const bound = context.run({ reason: 'bound' }, () =>
      context.bind(function joined(this: { name: string }, a: number, b: number) {
        return `${this.name} ${a + b} ${context.current().reason}`;
      }),
    );
    context.run({ reason: 'caller' }, () => expect(bound.call({ name: 'sum' }, 1, 2)).toBe('sum 3 bound'));
    const free = context.bind(() => context.current());
    context.run({ reason: 'caller' }, () => expect(free()).toEqual({}));
  });
});

describe('P16: the actor', () => {
  it('P16: learnt after the context was opened is on every later event', async () => {
    const trail = openTrail();
    const { audit } = trail;
    await audit.run({ request: { id: 'r', path: '/api/patients/' } }, async () => {
      await audit.record({ action: 'READ' });
      await sleep(1);
      audit.setContext({ actor: user('7') });
      await audit.record({ action: 'READ' });
    });
    expect(await actorsOf(trail)).toEqual(['anonymous', '7']);
  });

  it('P16: is asked for when an event is written, so that sign-in may come after the middleware', async () => {
    const trail = openTrail();
    const { audit } = trail;
    const req: { user?: Actor } = {};
    await audit.run({ request: { id: 'r' }, actor: () => req.user }, async () => {
      await audit.record({ action: 'READ' });
      await sleep(1);
      req.user = user('8');
      await audit.record({ action: 'READ' });
    });
    expect(await actorsOf(trail)).toEqual(['anonymous', '8']);
  });

  it('P16: learnt deep inside a call is known to what comes after it in the same scope', async () => {
    const trail = openTrail();
    const { audit } = trail;
    const signIn = async (): Promise<void> => {
      await sleep(1);
      audit.setContext({ actor: user('9') });
    };
    await audit.run({ request: { id: 'r' } }, async () => {
      await signIn();
      setImmediate(() => void audit.record({ action: 'READ' }));
      await sleep(5);
    });
    expect(await actorsOf(trail)).toEqual(['9']);
  });
});

describe('P17: the context survives', () => {
  type Way = (record: () => Promise<void>, act: () => void) => unknown;

  const ways: Record<string, Way> = {
    'timers and ticks': async (_, act) => {
      setTimeout(act, 1);
      setImmediate(act);
      process.nextTick(act);
      queueMicrotask(act);
      await sleep(20);
    },
    'Promise.all, race and a thrown error': async (record) => {
      await Promise.all([sleep(1).then(record), record(), Promise.resolve().then(record)]);
      await Promise.race([sleep(5), sleep(1).then(record)]);
      await Promise.reject(new Error('on purpose')).catch(record);
    },
    'streams and pipelines': async (record, act) => {
      const recording = new Transform({
        transform(chunk, _, done) {
          act();
          done(null, chunk);
        },
      });
      await pipeline(Readable.from(['a', 'b', 'c']), recording, async (source) => {
        for await (const _ of source) await record();
      });
    },
    'async generators': async (record) => {
      async function* numbers(): AsyncGenerator<number> {
        for (let n = 0; n < 3; n += 1) {
          await record();
          yield n;
        }
      }
      for await (const _ of numbers()) await sleep(1);
    },
    'an emitter of one’s own': async (_, act) => {
      const emitter = new EventEmitter();
      emitter.on('event', act);
      setTimeout(() => emitter.emit('event'), 1);
      await sleep(10);
    },
    'a promise made by something that knows callbacks only': async (record) => {
      await new Promise<void>((resolve) => setTimeout(resolve, 1));
      await record();
    },
  };

  it.each(Object.entries(ways))('P17: %s', async (_, way) => {
    const trail = openTrail();
    const { audit } = trail;
    let recorded = 0;
    const record = async (): Promise<void> => {
      recorded += 1;
      await audit.record({ action: 'READ' });
    };
    await audit.run({ actor: user('1') }, async () => way(record, () => void record()));
    expect(recorded).toBeGreaterThan(0);
    expect(await actorsOf(trail)).toEqual(Array(recorded).fill('1'));
  });

  it('P17: a shared emitter, with audit.bind, and is the emitter’s own without it', async () => {
    const trail = openTrail();
    const { audit } = trail;
    const shared = new EventEmitter();
    audit.run({ actor: user('1') }, () => {
      shared.on(
        'bound',
        audit.bind(() => void audit.record({ action: 'READ' })),
      );
      shared.on('unbound', () => void audit.record({ action: 'LIST' }));
    });
    audit.run({ actor: user('2') }, () => {
      shared.emit('bound');
      shared.emit('unbound');
    });
    expect(await actorsOf(trail, 'READ')).toEqual(['1']);
    expect(await actorsOf(trail, 'LIST')).toEqual(['2']);
  });

  it('P17: a pool that calls back from elsewhere, with audit.bind', async () => {
    const trail = openTrail();
    const { audit } = trail;
    const waiting: (() => void)[] = [];
    // A pool's worker was started long ago, outside any request; its callbacks run in its own context.
    const worker = new AsyncResource('POOL');
    for (const id of ['1', '2', '3'])
      audit.run({ actor: user(id) }, () =>
        waiting.push(audit.bind(() => void audit.record({ action: 'READ' }))),
      );
    audit.run({ actor: user('other') }, () => {
      for (const callback of waiting) worker.runInAsyncScope(callback);
    });
    expect(await actorsOf(trail)).toEqual(['1', '2', '3']);
  });

  it('P17: a query that starts when it is awaited, outside', async () => {
    const trail = openTrail();
    const { audit } = trail;
    let started = 0;
    const lazy = {
      // oxlint-disable-next-line unicorn/no-thenable -- it is what query builders are
      then(resolve: (rows: string) => unknown): void {
        started += 1;
        setTimeout(() => void audit.record({ action: 'READ' }).then(() => resolve('rows')), 1);
      },
    };
    const rows = audit.run({ actor: user('1') }, () => lazy as PromiseLike<string>);
    await audit.run({ actor: user('2') }, async () => expect(await rows).toBe('rows'));
    expect(started).toBe(1);
    expect(await actorsOf(trail)).toEqual(['1']);
  });
});

describe('over a server', () => {
  /** A handler as an adapter makes it: a context per request, whose actor is learnt from the request later. */
  async function serve(
    { audit }: TestTrail,
    handle: (req: IncomingMessage, res: ServerResponse) => Promise<void>,
  ): Promise<Server> {
    const server = createServer((req, res) => {
      void audit.run({ request: { id: String(req.headers['x-id']), path: req.url } }, () => handle(req, res));
    });
    open.push({ close: () => [server.closeAllConnections(), server.close()] });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return server;
  }

  const portOf = (server: Server): number => (server.address() as AddressInfo).port;

  function ask(
    server: Server,
    headers: Record<string, string>,
    options: { agent?: Agent; body?: string },
  ): Promise<string> {
    return new Promise((resolve, reject) => {
      const { agent, body = '' } = options;
      const sent = request(
        { port: portOf(server), host: '127.0.0.1', method: 'POST', headers, agent },
        (res) => {
          let text = '';
          res.on('data', (chunk: Buffer) => (text += chunk.toString()));
          res.on('end', () => resolve(text));
        },
      );
      sent.on('error', reject);
      sent.end(body);
    });
  }

  const jitter = (): Promise<void> => sleep(Math.random() * 4);

  it('P17: 1,000 interleaved requests never swap actors, nor does the work after their responses', async () => {
    const trail = openTrail();
    const { audit } = trail;
    let after = 0;
    const server = await serve(trail, async (req, res) => {
      const id = String(req.headers['x-id']);
      let body = '';
      for await (const chunk of req) {
        body += String(chunk);
        await jitter();
      }
      audit.setContext({ actor: user(id) });
      await Promise.all([jitter().then(() => audit.record({ action: 'READ', metadata: { id } })), jitter()]);
      res.end(body);
      setTimeout(() => {
        void audit.record({ action: 'PRINT', metadata: { id } });
        after += 1;
      }, Math.random() * 20);
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 20 });
    open.push({ close: () => agent.destroy() });
    const ids = Array.from({ length: 1_000 }, (_, n) => String(n));
    const answers = await Promise.all(
      ids.map((id) => ask(server, { 'x-id': id }, { agent, body: `${id}-`.repeat(2_000) })),
    );
    expect(answers).toEqual(ids.map((id) => `${id}-`.repeat(2_000)));
    await expect.poll(() => after).toBe(1_000);
    await audit.flush();
    for (const action of ['READ', 'PRINT']) {
      const events = await trail.stored(action);
      expect(events).toHaveLength(1_000);
      const swapped = events.filter(
        ({ actor, metadata, request: info }) => actor.id !== metadata?.['id'] || info?.id !== actor.id,
      );
      expect(swapped).toEqual([]);
    }
  });

  it('P17: callbacks on the request and the response, whose emit was bound', async () => {
    const trail = openTrail();
    const { audit } = trail;
    const record = (at: string) => (): void => void audit.record({ action: 'READ', metadata: { at } });
    const server = await serve(trail, async (req, res) => {
      audit.setContext({ actor: user(String(req.headers['x-id'])) });
      // Node runs what a socket sets off outside the context of the handler; this is what an adapter does about it.
      req.emit = audit.bind(req.emit.bind(req));
      res.emit = audit.bind(res.emit.bind(res));
      req.once('data', record('data')).once('end', record('end')).once('close', record('close'));
      res.once('finish', record('finish'));
      req.once('end', () => res.end());
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 2 });
    open.push({ close: () => agent.destroy() });
    const ids = Array.from({ length: 20 }, (_, n) => String(n));
    await Promise.all(ids.map((id) => ask(server, { 'x-id': id }, { agent, body: 'x'.repeat(200_000) })));
    await expect.poll(() => audit.stats().recorded).toBe(1 + 20 * 4);
    await audit.flush();
    const events = await trail.stored('READ');
    expect(events).toHaveLength(80);
    expect(events.filter(({ actor, request: info }) => actor.id === null || actor.id !== info?.id)).toEqual(
      [],
    );
  });

  it('P18: the next request on the same connection without sign-in is anonymous', async () => {
    const trail = openTrail();
    const { audit } = trail;
    const server = await serve(trail, async (req, res) => {
      await jitter();
      if (req.headers['x-user']) audit.setContext({ actor: user(String(req.headers['x-user'])) });
      await audit.record({ action: 'READ' });
      req.resume();
      res.end();
    });
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    open.push({ close: () => agent.destroy() });
    for (const name of ['1', undefined, '2', undefined])
      await ask(server, { 'x-id': 'r', ...(name && { 'x-user': name }) }, { agent });
    expect(await actorsOf(trail)).toEqual(['1', 'anonymous', '2', 'anonymous']);
  });

  it('P18: nor is a request known that was sent down the connection before the answer to the one before', async () => {
    const trail = openTrail();
    const { audit } = trail;
    const server = await serve(trail, async (req, res) => {
      const name = /user=(\w+)/.exec(req.url ?? '')?.[1];
      if (name) audit.setContext({ actor: user(name) });
      for await (const _ of req) await jitter();
      await jitter();
      await audit.record({ action: 'READ', metadata: { name: name ?? 'anonymous' } });
      res.end('x'.repeat(100_000));
    });
    const socket = connect(portOf(server), '127.0.0.1');
    open.push({ close: () => socket.destroy() });
    let answers = 0;
    socket.on('data', (chunk) => (answers += chunk.toString('latin1').split('HTTP/1.1 200').length - 1));
    const paths = Array.from({ length: 40 }, (_, n) => (n % 2 === 0 ? `/?user=u${n}` : '/'));
    socket.write(
      paths.map((path) => `POST ${path} HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc`).join(''),
    );
    await expect.poll(() => answers, { timeout: 10_000 }).toBe(40);
    await audit.flush();
    const events = await trail.stored('READ');
    expect(events).toHaveLength(40);
    expect(events.filter(({ actor, metadata }) => (actor.id ?? actor.type) !== metadata?.['name'])).toEqual(
      [],
    );
  });
});

describe('P19: outside any request', () => {
  it('P19: a job records as the system under the job’s name', async () => {
    const trail = openTrail();
    const { audit } = trail;
    await audit.run({ actor: { type: 'system', name: 'nightly-reminders' } }, async () => {
      await sleep(1);
      await audit.record({ action: 'EXPORT', target: { type: 'Patient' } });
    });
    const [event] = await trail.stored('EXPORT');
    expect(event?.actor).toMatchObject({ type: 'system', name: 'nightly-reminders' });
  });

  it('P19: a command, a seed or a script that opened no context records as the system, and is never off', async () => {
    const trail = openTrail();
    expect(await trail.audit.record({ action: 'CREATE', target: { type: 'User', id: '1' } })).toBeTypeOf(
      'string',
    );
    const [event] = await trail.stored('CREATE');
    expect(event?.actor).toMatchObject({ type: 'system', name: 'system' });
  });
});

describe('a function of the context that throws', () => {
  it('is told and costs what it would have given, not the event', async () => {
    const trail = openTrail();
    const { audit } = trail;
    const broken = (): never => {
      throw new Error('session store away');
    };
    await audit.run({ actor: broken, tenantId: 't1', reason: () => 'visit' }, async () => {
      await audit.record({ action: 'READ', target: { type: 'Patient', id: '1' } });
    });
    await audit.flush();
    const [event] = await trail.stored('READ');
    expect(event).toMatchObject({ tenantId: 't1', reason: 'visit', actor: { type: 'anonymous' } });
    expect(trail.errors.map(({ message }) => message)).toEqual([
      'A function of the context failed: session store away',
    ]);
  });
});
