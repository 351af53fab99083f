import { EventEmitter } from 'node:events';
import { setImmediate as immediately, setTimeout as sleep } from 'node:timers/promises';

import type { KitAnswer, KitRequest, KitRoute } from '../http-binding.js';
import type { Desk } from './desk.js';

const TEXT = { 'Content-Type': 'text/plain; charset=utf-8' };

/** Routes that record from wherever their work has got to; each event names the way in `metadata.way`. */
export function contextRoutes(desk: Desk): readonly KitRoute[] {
  return [
    { method: 'GET', path: '/api/late', handler: () => late(desk) },
    { method: 'GET', path: '/api/ways/timers', handler: () => timers(desk) },
    { method: 'GET', path: '/api/ways/all', handler: () => together(desk) },
    { method: 'GET', path: '/api/ways/emitters', handler: (request) => emitters(desk, request) },
    { method: 'GET', path: '/api/ways/closed', handler: (request) => closed(desk, request) },
    {
      method: 'GET',
      path: '/api/ways/stream',
      handler: () => ({ headers: TEXT, stream: () => streamed(desk) }),
    },
    { method: 'GET', path: '/api/ways/after', handler: () => after(desk) },
    { method: 'POST', path: '/api/ways/body', handler: (request) => bodied(desk, request) },
    { method: 'GET', path: '/api/ways/wait', handler: (request) => waited(desk, request) },
  ];
}

/** Records by `way`; the target tells which request was meant. */
function note({ audit }: Desk, way: string, id = 'x'): Promise<string | undefined> {
  return audit.record({ action: 'DISCLOSURE', target: { type: 'Way', id }, metadata: { way } });
}

/** Only the handler knows who asks. */
async function late({ audit }: Desk): Promise<KitAnswer> {
  await audit.record({ action: 'DISCLOSURE', target: { type: 'Way', id: 'early' } });
  await sleep(1);
  audit.setContext({ actor: { type: 'user', id: 'late-ann' } });
  await audit.record({ action: 'DISCLOSURE', target: { type: 'Way', id: 'late' } });
  return { json: { isLate: true } };
}

async function timers(desk: Desk): Promise<KitAnswer> {
  await sleep(1);
  await note(desk, 'timer');
  await immediately();
  await note(desk, 'immediate');
  await new Promise<void>((resolve) => process.nextTick(resolve));
  await note(desk, 'next tick');
  await new Promise<void>((resolve) => queueMicrotask(resolve));
  await note(desk, 'microtask');
  return { json: {} };
}

async function together(desk: Desk): Promise<KitAnswer> {
  await Promise.all([3, 1, 2].map((ms) => sleep(ms).then(() => note(desk, `after ${ms}`))));
  return { json: {} };
}

/** An emitter of the handler's own, and where there are any those of Node's request and answer. */
async function emitters(desk: Desk, { node }: KitRequest): Promise<KitAnswer> {
  const own = new EventEmitter();
  own.once('rings', () => void note(desk, 'own emitter'));
  setTimeout(() => own.emit('rings'), 1);
  await sleep(3);
  node?.request.once('close', () => void note(desk, 'request closed'));
  node?.response.once('finish', () => void note(desk, 'answer finished'));
  node?.response.once('close', () => void note(desk, 'answer closed'));
  return { json: { hasNode: node !== undefined } };
}

/** Is given up by whoever asked for it. */
async function closed(desk: Desk, { node }: KitRequest): Promise<KitAnswer> {
  if (node !== undefined) desk.signals.give('has node');
  node?.response.once('close', () => void note(desk, 'answer closed'));
  desk.signals.give('slow');
  await desk.signals.given('go on');
  return { json: {} };
}

async function* streamed(desk: Desk): AsyncIterable<string> {
  for (const step of ['first', 'second', 'third']) {
    await note(desk, `${step} chunk`);
    yield `${step}\n`;
    await sleep(1);
  }
}

/** Work that goes on when the answer has long left. */
function after(desk: Desk): KitAnswer {
  void desk.signals.given('answered').then(() => note(desk, 'after the answer'));
  setTimeout(() => void note(desk, 'timer after the answer'), 5);
  return { json: {} };
}

async function bodied(desk: Desk, { body }: KitRequest): Promise<KitAnswer> {
  await note(desk, 'body', String((body as { readonly id?: unknown } | undefined)?.id));
  return { json: {} };
}

/** Waits as long as it is told, in several ways, and records in whose name it believes to act. */
async function waited(desk: Desk, { query, user }: KitRequest): Promise<KitAnswer> {
  const [first = 0, second = 0] = query.getAll('ms').map(Number);
  await sleep(first);
  await Promise.all([sleep(second), immediately()]);
  await note(desk, 'wait', `${user?.id} ${query.get('n')}`);
  return { json: {} };
}
