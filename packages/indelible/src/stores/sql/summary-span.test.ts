import { describe, expect, it } from 'vitest';

import { floorId } from '../../event/id.js';
import { dayBounds } from '../../trail/days.js';
import type { EventConditions } from '../query.js';
import { type Span, spanOf } from './summary-span.js';

const id = (time: string): string => floorId(Date.parse(time));
const at = (time: string): number => Date.parse(time);

function spanIn(zone: string, last: string, days: number, where: EventConditions = {}): Span | undefined {
  return spanOf({ tenantId: '', where, dayBounds: dayBounds(last, days, zone), top: 1 });
}

describe('the span of a summary', () => {
  it('is all whole days of UTC when the question goes by them', () => {
    const span = spanIn('UTC', '2026-03-14', 2);
    const range = [at('2026-03-13T00:00Z'), at('2026-03-15T00:00Z')];
    expect(span).toMatchObject({ daysOfUtc: range, edges: [] });
    expect(span?.days).toEqual([
      [at('2026-03-13T00:00Z'), at('2026-03-14T00:00Z')],
      [at('2026-03-14T00:00Z'), at('2026-03-15T00:00Z')],
    ]);
  });

  it('has less than a day before and behind the whole days of UTC elsewhere', () => {
    expect(spanIn('Asia/Kolkata', '2026-03-14', 3)).toMatchObject({
      daysOfUtc: [at('2026-03-12T00:00Z'), at('2026-03-14T00:00Z')],
      edges: [
        [id('2026-03-11T18:30Z'), id('2026-03-12T00:00Z')],
        [id('2026-03-14T00:00Z'), id('2026-03-14T18:30Z')],
      ],
    });
  });

  it('is one edge when no day of UTC lies in it whole', () => {
    const span = spanIn('Asia/Kathmandu', '2026-03-14', 1);
    expect(span?.edges).toEqual([[id('2026-03-13T18:15Z'), id('2026-03-14T18:15Z')]]);
    const [first, end] = span?.daysOfUtc ?? [];
    expect(first).toBe(end);
  });

  it('is narrowed by the times of a question, as far as they are whole quarters of an hour', () => {
    const fromId = id('2026-03-13T10:15Z');
    expect(spanIn('UTC', '2026-03-14', 2, { fromId, toId: id('2026-03-14T09:00Z') })).toMatchObject({
      ids: [fromId, id('2026-03-14T09:00Z')],
      days: [
        [at('2026-03-13T10:15Z'), at('2026-03-14T00:00Z')],
        [at('2026-03-14T00:00Z'), at('2026-03-14T09:00Z')],
      ],
    });
    for (const where of [
      { fromId: id('2026-03-13T10:16Z') },
      { toId: id('2026-03-13T10:14:59.999Z') },
      { fromId: fromId.replace('-0000-0000-', '-7000-8000-') },
    ])
      expect(spanIn('UTC', '2026-03-14', 2, where)).toBeUndefined();
  });

  it('is empty when the times of a question leave nothing of its days', () => {
    const span = spanIn('UTC', '2026-03-14', 2, { fromId: id('2026-04-01T00:00Z') });
    expect(span).toMatchObject({ edges: [], daysOfUtc: [at('2026-04-01T00:00Z'), at('2026-04-01T00:00Z')] });
  });

  it('has nothing to do with conditions that are not asked for, and is none with one that is', () => {
    expect(spanIn('UTC', '2026-03-14', 1, { role: undefined, actions: undefined })).toBeDefined();
    for (const where of [
      { role: 'dentist' },
      { actions: [] },
      { actorText: '' },
      { source: 'auth' as const },
    ])
      expect(spanIn('UTC', '2026-03-14', 1, where)).toBeUndefined();
  });
});
