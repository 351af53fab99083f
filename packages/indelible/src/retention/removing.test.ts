import { expect, it } from 'vitest';

import { createMemoryStore } from '../memory.js';
import { removalStoreOf } from './removing.js';

it('takes a store that can let events go, and refuses one that cannot, by its name', () => {
  const store = createMemoryStore();
  expect(removalStoreOf(store)).toBe(store);
  const own = { description: 'a bucket', get: () => Promise.resolve(undefined) };
  expect(() => removalStoreOf(own)).toThrow(/cannot let events go: a bucket/);
});
