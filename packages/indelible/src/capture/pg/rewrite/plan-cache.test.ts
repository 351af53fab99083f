import { describe, expect, it } from 'vitest';

import type { Passed } from '../plan.js';
import { PlanCache } from './plan-cache.js';

const PLAN: Passed = { kind: 'passed', definesTables: false };

function text(at: number): string {
  return `SELECT ${at}`.padEnd(50);
}

describe('the plans that are remembered', () => {
  it('are those of the statements seen last', () => {
    const cache = new PlanCache(1_000);
    for (let at = 0; at < 100; at += 1) {
      cache.set(text(at), PLAN);
      cache.get(text(0));
    }
    expect(cache.get(text(0))).toBe(PLAN);
    expect(cache.get(text(99))).toBe(PLAN);
    expect(cache.get(text(1))).toBeUndefined();
    const held = Array.from({ length: 100 }, (_, at) => cache.get(text(at))).filter(Boolean);
    expect(held).toHaveLength(20);
  });

  it('are not pushed out by a single long statement', () => {
    const cache = new PlanCache(1_000);
    cache.set(text(1), PLAN);
    cache.set('x'.repeat(900), PLAN);
    expect(cache.get('x'.repeat(900))).toBeUndefined();
    expect(cache.get(text(1))).toBe(PLAN);
  });
});
