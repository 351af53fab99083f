import { describe, expect, it } from 'vitest';
import { parsePatch } from './patch.js';

const HEADER = 'Sabotage: nothing is synced\nTest: src/spool.test.ts\nTitle: syncs before it answers\n';
const DIFF = 'diff --git a/a.ts b/a.ts\n--- a/a.ts\n+++ b/a.ts\n@@ -1 +1 @@\n-Title: no header\n+b\n';

describe('the header of a sabotage patch', () => {
  it('says what is broken and which test must notice', () => {
    expect(parsePatch('sabotage/fsync.patch', `${HEADER}\n${DIFF}`)).toEqual({
      name: 'fsync',
      path: 'sabotage/fsync.patch',
      sabotage: 'nothing is synced',
      test: 'src/spool.test.ts',
      title: 'syncs before it answers',
    });
  });

  it('must be complete, and is not taken from the diff', () => {
    const text = HEADER.replace(/^Title.*\n/m, '') + DIFF;
    expect(() => parsePatch('sabotage/fsync.patch', text)).toThrow(
      'sabotage/fsync.patch has no line `Title: ...`',
    );
  });
});
