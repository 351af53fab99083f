import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

import { afterAll, describe, expect, it } from 'vitest';

import type { Verification } from '../../src/verify/verification.js';
import { someEntry } from '../entries.js';
import { type Bed, KEY, openSqliteBed, sealEntries } from './bed.js';

const run = promisify(execFile);
const FIXTURE = fileURLToPath(new URL('./fixture-verify.ts', import.meta.url));
const DEEP = process.env['INDELIBLE_TEST_DEPTH'] === 'deep';
const EVENTS = DEEP ? 200_000 : 20_000;
const HEAP_MB = 64;
/** So long that all of them together would not fit. */
const TEXT = 'x'.repeat(DEEP ? 1_000 : 6_000);

describe('the memory that verifying takes', () => {
  const opened: Bed[] = [];
  afterAll(async () => {
    for (const bed of opened) await bed.close();
  });

  it(
    `P36: stays small over ${EVENTS} events that are larger together than the heap`,
    async () => {
      const bed = await openSqliteBed();
      opened.push(bed);
      for (let n = 0; n < EVENTS; n += 5_000) {
        const entries = Array.from({ length: Math.min(5_000, EVENTS - n) }, (_, i) =>
          someEntry({
            core: { process: { id: 'a1b2c3d4e5f60718', n: n + i + 1 } },
            payload: { reason: `${n + i}${TEXT}` },
          }),
        );
        await sealEntries(bed.store, entries, 1_000);
      }
      const { path } = bed;
      const limit = `--max-old-space-size=${HEAP_MB}`;
      const parameters = [
        limit,
        '--import',
        import.meta.resolve('tsx'),
        FIXTURE,
        path ?? '',
        KEY.verifierKey,
      ];
      const { stdout } = await run(process.execPath, parameters);
      const found = JSON.parse(stdout) as Verification & { heap: number };
      expect(found).toMatchObject({ isGood: true, proved: EVENTS, counts: { VALID: EVENTS } });
      expect(EVENTS * TEXT.length).toBeGreaterThan(HEAP_MB * 1024 * 1024);
      expect(found.heap).toBeLessThan((HEAP_MB + 16) * 1024 * 1024);
    },
    DEEP ? 300_000 : 60_000,
  );
});
