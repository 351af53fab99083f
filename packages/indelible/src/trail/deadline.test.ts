import { describe, expect, it } from 'vitest';

import { inTime } from './deadline.js';

describe('a deadline', () => {
  it('hands on what comes in time', async () => {
    expect(await inTime(Promise.resolve(1), 50, 'it')).toBe(1);
    await expect(inTime(Promise.reject(new Error('no')), 50, 'it')).rejects.toThrow('no');
  });

  it('says who did not answer, and is deaf to what comes afterwards', async () => {
    const late = new Promise((_, reject) => setTimeout(() => reject(new Error('too late')), 20));
    await expect(inTime(late, 5, 'the store')).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: 'the store did not answer within 5 ms',
    });
    await expect(late).rejects.toThrow('too late');
  });
});
