import { expect, it } from 'vitest';

import { createMemoryStore } from '../memory.js';
import { requireRetention } from './removing.js';

it('takes a store that can let events go, and refuses one that cannot, by its name', () => {
  expect(() => requireRetention(createMemoryStore())).not.toThrow();
  expect(() => requireRetention({ description: 'a bucket' })).toThrow(/cannot let events go: a bucket/);
});
