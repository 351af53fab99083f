import { setTimeout as sleep } from 'node:timers/promises';

import { type KitAnswer, KitRefusal, type KitRoute } from '../http-binding.js';
import type { Desk } from './desk.js';

const TEXT = { 'Content-Type': 'text/plain; charset=utf-8' };
const LIVE = { 'Content-Type': 'text/event-stream' };
const BIG_CHUNKS = 64;

/** Routes for every way there is to answer. */
export function answerRoutes({ signals }: Desk): readonly KitRoute[] {
  return [
    { method: 'GET', path: '/api/health', handler: () => ({ json: { isWell: true } }) },
    { method: 'GET', path: '/pages/about', handler: () => ({ headers: TEXT, text: 'about us' }) },
    {
      method: 'GET',
      path: '/api/statuses/:code',
      handler: ({ params }) => withStatus(Number(params['code'])),
    },
    { method: 'GET', path: '/api/throws', handler: () => throwIt(new Error('the drill is broken')) },
    {
      method: 'GET',
      path: '/api/refusals/:code',
      handler: ({ params }) => throwIt(new KitRefusal(Number(params['code']), 'refused by the kit')),
    },
    { method: 'POST', path: '/api/echoes', handler: ({ body }) => ({ json: { body } }) },
    { method: 'GET', path: '/api/big', handler: () => ({ headers: TEXT, stream: big }) },
    {
      method: 'GET',
      path: '/api/slow',
      handler: async () => {
        signals.give('slow');
        await signals.given('go on');
        return { json: { isSlow: true } };
      },
    },
    {
      method: 'GET',
      path: '/api/exports/broken',
      reading: { kind: 'export', model: 'Patient' },
      handler: () => ({ headers: TEXT, stream: breaking }),
    },
    { method: 'GET', path: '/api/breaks', handler: () => ({ headers: TEXT, stream: breaking }) },
    { method: 'GET', path: '/api/live', handler: () => ({ headers: LIVE, stream: () => endless(signals) }) },
    { method: 'GET', path: '/api/steps', handler: () => ({ headers: TEXT, stream: () => steps(signals) }) },
    {
      method: 'GET',
      path: '/api/endless',
      handler: () => ({ headers: TEXT, stream: () => endless(signals) }),
    },
  ];
}

function withStatus(status: number): KitAnswer {
  if (status === 204 || status === 304) return { status };
  if (status === 302) return { status, headers: { ...TEXT, Location: '/pages/about' }, text: 'over there' };
  return { status, json: { status } };
}

function throwIt(error: Error): never {
  throw error;
}

/** A megabyte of characters of two, three and four bytes, in chunks that no packet fits. */
async function* big(): AsyncIterable<string> {
  for (let n = 0; n < BIG_CHUNKS; n += 1) yield `${n}: ${'åß€🦷'.repeat(1_500)}\n`;
}

/** The second step is made when the test says so. */
async function* steps(signals: Desk['signals']): AsyncIterable<string> {
  yield 'first\n';
  await signals.given('go on');
  yield 'second\n';
}

async function* endless(signals: Desk['signals']): AsyncIterable<string> {
  while (!signals.isGiven('closing')) {
    yield 'and on\n';
    await sleep(2);
  }
}

async function* breaking(): AsyncIterable<string> {
  yield 'so far so good\n';
  await sleep(1);
  throw new Error('the drill is broken');
}
