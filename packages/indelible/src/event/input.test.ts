import { describe, expect, it } from 'vitest';

import { readInput } from './input.js';

function throwing(): never {
  throw new Error('no');
}

describe('readInput', () => {
  it('takes the members of an event, and of its actor, target and request', () => {
    const given = {
      action: 'READ',
      actor: { type: 'user', id: '1', onBehalfOf: { type: 'user', id: '2' } },
      target: { type: 'Patient', id: '42', label: 'Jane' },
      request: { method: 'GET', query: { a: 1 } },
      metadata: { a: 1 },
      count: 2,
    };
    expect(readInput(given)).toEqual({ input: given, isWhole: true });
  });

  it('BAD-INPUT: takes neither an id, nor a time of recording, nor a place in the log, nor anything else', () => {
    const given = {
      action: 'READ',
      id: 'mine',
      recordedAt: 'x',
      recorded_at: 'x',
      leafIndex: 1,
      leafHash: 'x',
      process: {},
      timestamp: 5,
      isWhole: false,
      erased: true,
      flags: ['x'],
      salt: '00',
      v: 9,
    };
    expect(readInput(given)).toEqual({ input: { action: 'READ' }, isWhole: true });
    expect(readInput({ action: 'READ', actor: { type: 'user', admin: true } }).input.actor).toEqual({
      type: 'user',
    });
  });

  it('leaves away what is null or undefined', () => {
    expect(readInput({ action: 'READ', actor: null, reason: null, tenantId: undefined })).toEqual({
      input: { action: 'READ' },
      isWhole: true,
    });
  });

  it('takes a text alone for the action', () => {
    expect(readInput('READ')).toEqual({ input: { action: 'READ' }, isWhole: true });
  });

  it.each([undefined, null, 5, true, 1n, Symbol('s'), throwing])(
    'BAD-INPUT: takes nothing from %o, and says so',
    (given) => {
      expect(readInput(given)).toEqual({ input: {}, isWhole: false });
    },
  );

  it('BAD-INPUT: loses to a throwing getter that member only, and says so', () => {
    const given = {
      action: 'READ',
      get reason(): never {
        return throwing();
      },
      actor: {
        type: 'user',
        get id(): never {
          return throwing();
        },
      },
    };
    expect(readInput(given)).toEqual({ input: { action: 'READ', actor: { type: 'user' } }, isWhole: false });
  });

  it('BAD-INPUT: survives proxies that throw and proxies that were revoked', () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    for (const given of [proxy, new Proxy({}, { get: throwing }), new Proxy([], { get: throwing })])
      expect(readInput(given)).toEqual({ input: {}, isWhole: false });
    expect(readInput({ action: 'READ', actor: proxy, target: new Proxy({}, { get: throwing }) })).toEqual({
      input: { action: 'READ' },
      isWhole: false,
    });
  });

  it('BAD-INPUT: takes an actor, target or request without members for none', () => {
    const given = { action: 'READ', actor: {}, target: { id: null }, request: { other: 1 } };
    expect(readInput(given)).toEqual({ input: { action: 'READ' }, isWhole: true });
  });

  it('BAD-INPUT: takes no actor, target or request from what is no object, and says so', () => {
    expect(readInput({ action: 'READ', actor: 'jane', target: 42, request: true })).toEqual({
      input: { action: 'READ' },
      isWhole: false,
    });
    expect(readInput({ action: 'READ', actor: { type: 'user', onBehalfOf: 'x' } })).toEqual({
      input: { action: 'READ', actor: { type: 'user' } },
      isWhole: false,
    });
  });

  it('reads every member once', () => {
    let reads = 0;
    readInput(
      new Proxy(
        { action: 'READ' },
        {
          get: (target, key) => {
            if (key === 'action') reads += 1;
            return Reflect.get(target, key) as unknown;
          },
        },
      ),
    );
    expect(reads).toBe(1);
  });
});
