import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

import {
  openTestTrail,
  removeTemporaryFolders,
  type TestTrail,
  type TestTrailOptions,
} from '../../../test/test-trail.js';
import type { AuditEvent, Actor } from '../../event/event.js';
import type { LooseInput } from '../../event/input.js';
import { watchingOf } from '../door.js';

const open: TestTrail[] = [];

beforeEach(() => {
  vi.useFakeTimers({
    toFake: ['setTimeout', 'clearTimeout', 'performance', 'Date'],
    now: Date.parse('2026-05-04T10:00:00Z'),
  });
});
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

const USER: Actor = { type: 'user', id: 'u1' };

interface Typed {
  readonly actor?: Actor;
  readonly model?: string;
  readonly ids?: readonly string[];
  readonly path?: string;
  readonly fields?: Partial<LooseInput>;
}

function search({ audit }: TestTrail, text: string, typed: Typed = {}): Promise<void> | undefined {
  const { actor = USER, model = 'Patient', ids = [], path = '/api/patients', fields } = typed;
  return audit.run({ actor, request: { ip: '192.0.2.1', path, query: { q: text } }, tenantId: 'north' }, () =>
    watchingOf(audit).recordSearch({
      text,
      event: {
        action: 'SEARCH',
        source: 'read',
        target: { type: model },
        subjects: ids,
        metadata: { search: text, count: ids.length, ids },
        request: { statusCode: 200 },
        ...fields,
      },
    }),
  );
}

function type(trail: TestTrail, ...texts: string[]): void {
  for (const text of texts) {
    void search(trail, text, { ids: [text] });
    vi.advanceTimersByTime(300);
  }
}

async function told(trail: TestTrail): Promise<AuditEvent[]> {
  await trail.audit.flush();
  return trail.stored('SEARCH');
}

const textsOf = (events: readonly AuditEvent[]): unknown[] =>
  events.map(({ metadata }) => metadata?.['search']);

describe('what somebody types into a search', () => {
  it('is one search two seconds after the last key, the last one, with everything that was shown', async () => {
    const trail = openTrail();
    type(trail, 'a', 'an', 'ann', 'anna', 'ann');
    vi.advanceTimersByTime(1_699);
    expect(trail.audit.stats()).toMatchObject({ recorded: 1, folded: 4 });
    vi.advanceTimersByTime(1);
    expect(trail.audit.stats().recorded).toBe(2);
    const events = await told(trail);
    expect(events).toHaveLength(1);
    expect(events[0]).toMatchObject({
      actor: USER,
      tenantId: 'north',
      subjects: ['a', 'an', 'ann', 'anna'],
      request: { ip: '192.0.2.1', path: '/api/patients', query: { q: 'ann' }, statusCode: 200 },
      metadata: { search: 'ann', searches: 5, ids: ['a', 'an', 'ann', 'anna'], count: 1 },
      occurredAt: '2026-05-04T10:00:01.200Z',
      timestamp: '2026-05-04T10:00:03.200Z',
      count: 1,
    });
  });

  it('is told at once when something else is searched for', async () => {
    const trail = openTrail();
    type(trail, 'an', 'anna', 'bo');
    expect(trail.audit.stats().recorded).toBe(2);
    expect(textsOf(await told(trail))).toEqual(['anna', 'bo']);
  });

  it('is told after ten seconds at the latest', async () => {
    const trail = openTrail();
    for (let n = 0; n < 12; n += 1) {
      void search(trail, 'a'.repeat(n + 1));
      vi.advanceTimersByTime(1_000);
    }
    expect(textsOf(await told(trail))).toEqual(['a'.repeat(10), 'a'.repeat(12)]);
  });

  it('is not one with what he searches for more than two seconds later', async () => {
    const trail = openTrail();
    type(trail, 'an');
    vi.advanceTimersByTime(2_000);
    type(trail, 'anna');
    const events = await told(trail);
    expect(textsOf(events)).toEqual(['an', 'anna']);
    expect(events.map(({ metadata }) => metadata?.['searches'])).toEqual([undefined, undefined]);
  });

  it('is another search for each person, address, model and tenant', async () => {
    const trail = openTrail();
    void search(trail, 'an');
    void search(trail, 'ann', { actor: { type: 'user', id: 'u2' } });
    void search(trail, 'anna', { model: 'Invoice' });
    void search(trail, 'annab', { actor: { type: 'anonymous' } });
    void search(trail, 'annabe', { fields: { tenantId: 'south' } });
    expect(textsOf(await told(trail))).toEqual(['an', 'ann', 'anna', 'annab', 'annabe']);
  });

  it.each(['username', 'email', 'name'] as const)(
    'P30: is another search for each %s, where nobody has an id',
    async (by) => {
      const trail = openTrail();
      for (const [text, who] of [
        ['smi', 'anna'],
        ['smit', 'bob'],
        ['smith', 'anna'],
      ] as const)
        void search(trail, text, { actor: { type: 'user', [by]: who } });
      const events = await told(trail);
      expect(events.map(({ actor, metadata }) => [actor[by], metadata?.['search']])).toEqual([
        ['anna', 'smith'],
        ['bob', 'smit'],
      ]);
    },
  );

  it('does not run together past an empty box', async () => {
    const trail = openTrail();
    type(trail, 'anna', '', 'bob');
    expect(textsOf(await told(trail))).toEqual(['anna', '', 'bob']);
  });

  it('is told at once for whom nothing tells apart from others', async () => {
    const trail = openTrail();
    const { audit } = trail;
    const event = { action: 'SEARCH', target: { type: 'Patient' } } as const;
    for (const text of ['a', 'an']) void watchingOf(audit).recordSearch({ text, event });
    expect(audit.stats().recorded).toBe(3);
  });

  it('names five hundred records at most, and is told before there are more', async () => {
    const trail = openTrail();
    const ids = (from: number): string[] => Array.from({ length: 200 }, (_, n) => `p${from + n}`);
    void search(trail, 'a', { ids: ids(0) });
    void search(trail, 'an', { ids: ids(200) });
    void search(trail, 'ann', { ids: ids(400) });
    const events = await told(trail);
    expect(events.map(({ subjects }) => subjects.length)).toEqual([400, 200]);
    const shownIds = events.map(({ metadata }) => (metadata?.['ids'] ?? []) as unknown[]);
    expect(shownIds.map((all) => all.length)).toEqual([400, 200]);
  });

  it('is told when the trail ends', async () => {
    const trail = openTrail();
    type(trail, 'an', 'anna');
    await trail.audit.close();
    expect(textsOf(await trail.stored('SEARCH'))).toEqual(['anna']);
    expect((await trail.stored()).at(-1)?.action).toBe('AUDIT_STOP');
  });

  it('stands alone where a search must be durable before its answer', async () => {
    const trail = openTrail({ delivery: { SEARCH: 'before' } });
    for (const text of ['a', 'an', 'ann']) await search(trail, text);
    expect(textsOf(await trail.stored('SEARCH'))).toEqual(['a', 'an', 'ann']);
  });

  it('is held back of a thousand people at a time, and of any others not', async () => {
    const trail = openTrail({ spool: false });
    for (let n = 0; n < 1_100; n += 1) void search(trail, 'anna', { actor: { type: 'user', id: `u${n}` } });
    expect(trail.audit.stats().recorded).toBe(101);
    expect(await told(trail)).toHaveLength(1_100);
  });

  it('throws nothing into a request, whatever the search is', async () => {
    const trail = openTrail();
    const throwing = new Proxy({}, { get: () => fail() });
    void search(trail, 'a', { fields: { metadata: throwing } });
    void search(trail, 'an', { fields: { subjects: throwing as unknown as string[] } });
    void search(trail, 'ann', { fields: { metadata: { ids: throwing } } });
    void search(trail, 'anna'.repeat(1e6));
    expect(await told(trail)).toHaveLength(2);
    expect(trail.errors.map(({ code }) => code)).toEqual(['TRAIL_UNAVAILABLE']);
  });
});

function fail(): never {
  throw new Error('hostile');
}
