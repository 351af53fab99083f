import { afterAll, afterEach, describe, expect, it } from 'vitest';

import { openTestTrail, removeTemporaryFolders, type TestTrail } from '../../test/test-trail.js';
import { captureOf } from './door.js';

const open: TestTrail[] = [];
afterEach(async () => {
  for (const trail of open.splice(0)) await trail.audit.close();
});
afterAll(removeTemporaryFolders);

function openTrail(options: Parameters<typeof openTestTrail>[0] = {}): TestTrail {
  const trail = openTestTrail(options);
  open.push(trail);
  return trail;
}

const contextIn = (trail: TestTrail): unknown => JSON.parse(captureOf(trail.audit).context());

describe('the context that goes with a change', () => {
  it('is the one of the caller', () => {
    const trail = openTrail();
    const actor = { type: 'user', id: '7', name: 'A Doctor' } as const;
    const context = trail.audit.run({ actor, reason: 'visit', request: { method: 'PATCH' } }, () =>
      contextIn(trail),
    );
    expect(context).toEqual({ actor, reason: 'visit', request: { method: 'PATCH' } });
  });

  it('P19: is the program outside of everything, and nobody inside a request', () => {
    const trail = openTrail();
    expect(contextIn(trail)).toEqual({ actor: { type: 'system', name: 'system' } });
    expect(trail.audit.run({ request: { method: 'GET' } }, () => contextIn(trail))).toMatchObject({
      actor: { type: 'anonymous' },
    });
  });

  it('P21: is bounded, and plain JSON whatever it holds', () => {
    const trail = openTrail();
    const cycle: Record<string, unknown> = { big: 1n, text: `'"*/ \u0000 \u{1f600} $1` };
    cycle['self'] = cycle;
    const request = { body: cycle, userAgent: 'x'.repeat(2_000_000) };
    const text = trail.audit.run({ request }, () => captureOf(trail.audit).context());
    expect(text.length).toBeLessThan(40_000);
    expect(text.slice(0, 40)).toContain('anonymous');
    expect(() => JSON.parse(text) as unknown).not.toThrow();
  });

  it('P37: holds no secret', () => {
    const trail = openTrail();
    const request = { body: { password: 'hunter2' }, query: { token: 'abc' } };
    const text = trail.audit.run({ request }, () => captureOf(trail.audit).context());
    expect(text).not.toContain('hunter2');
    expect(text).not.toContain('abc');
  });
});

describe('what an engine tells the trail', () => {
  it('of a change without its event is reported, and an AUDIT_GAP tells of it', async () => {
    const trail = openTrail();
    captureOf(trail.audit).lost(new Error('no such table: indelible_outbox'));
    expect(trail.errors).toMatchObject([{ code: 'OUTBOX_UNAVAILABLE' }]);
    await expect
      .poll(() => trail.stored('AUDIT_GAP'), { timeout: 5_000 })
      .toMatchObject([{ metadata: { reason: 'outbox', count: 1 } }]);
  });

  it('of a write that the database refused becomes an event of the context it was made in', async () => {
    const trail = openTrail();
    const capturing = captureOf(trail.audit);
    const context = trail.audit.run({ actor: { type: 'user', id: '7' } }, () => capturing.context());
    const error = Object.assign(new Error('duplicate key value'), { code: '23505' });
    capturing.failed({ op: 'INSERT', model: 'User', error, context });
    await trail.audit.flush();
    await expect
      .poll(() => trail.stored('CREATE'))
      .toMatchObject([
        {
          outcome: 'failure',
          source: 'model',
          actor: { id: '7' },
          target: { type: 'User', id: null },
          operation: 'User.create',
          error: { code: '23505', message: 'duplicate key value' },
        },
      ]);
  });

  it('as a warning is told once for each text', () => {
    const trail = openTrail();
    const capturing = captureOf(trail.audit);
    for (const text of ['one', 'two', 'one']) capturing.warn(text);
    expect(trail.errors.map(({ code, message }) => [code, message])).toEqual([
      ['NOT_CAPTURED', 'one'],
      ['NOT_CAPTURED', 'two'],
    ]);
  });

  it('refuses writes as the options say', () => {
    const some = captureOf(openTrail({ failClosed: ['Invoice', 'User.DELETE'] }).audit);
    expect([some.failsClosed('UPDATE', 'Invoice'), some.failsClosed('UPDATE', 'User')]).toEqual([
      true,
      false,
    ]);
    expect(some.failsClosed('DELETE', 'User')).toBe(true);
    expect(some.onUnsupported).toBe('record');
    expect(captureOf(openTrail({ failClosed: true }).audit).onUnsupported).toBe('throw');
  });

  it('is nothing for whoever brings no trail', () => {
    expect(() => captureOf({})).toThrow(expect.objectContaining({ code: 'INVALID_OPTIONS' }));
    expect(() => captureOf(undefined)).toThrow('createAudit');
  });
});
