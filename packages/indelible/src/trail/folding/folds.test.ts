import { describe, expect, it } from 'vitest';

import type { LooseInput } from '../../event/input.js';
import { newStats } from '../stats.js';
import { FLOOD } from './floods.js';
import { Folds } from './folds.js';

describe('folds that are open', () => {
  it('P30: are ten thousand parts at most; what comes for more of them is told by its key alone', async () => {
    const told: LooseInput[] = [];
    const folds = new Folds(FLOOD, { tell: (event) => told.push(event), stats: newStats() });
    const add = (n: number): void => {
      const event = { action: 'LOGIN_FAILED', actor: { type: 'anonymous' }, isWhole: true } as const;
      folds.add({ key: `${n % 3}`, part: `t${n}`, parts: 50_000 }, event.action, event, 1);
    };
    for (let n = 0; n < 12_000; n += 1) add(n);
    await folds.flush();
    expect(told).toHaveLength(10_003);
    expect(told.reduce((sum, { count = 0 }) => sum + count, 0)).toBe(12_000);
  });
});
