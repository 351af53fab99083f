import { describe, expect, it } from 'vitest';

import { type Act, entryOf, times } from '../../test/acts.js';
import type { AuditEvent } from '../event/event.js';
import { readEvent } from '../event/read.js';
import { AuditError, type Detector, type Finding } from '../index.js';
import { failedLogins } from './failed-logins.js';
import { Look } from './look.js';
import { massDeletion } from './mass-deletion.js';

const FAILED: Act = { at: '2026-03-13T10:00:00Z', action: 'LOGIN_FAILED', ip: '203.0.113.9' };
const SPAN = [Date.parse('2026-03-07T12:00:00Z'), Date.parse('2026-03-14T12:00:00Z')] as const;

const ZONES = { timeZone: 'UTC', trailZone: 'UTC' };

interface Seen {
  readonly findings: readonly Finding[];
  readonly errors: readonly AuditError[];
}

async function look(detector: Detector, acts: readonly Act[], mostLookedAt?: number): Promise<Seen> {
  const events = acts
    .map((act) => readEvent({ ...entryOf(act), recordedAt: null }))
    .toSorted((one, other) => (one.id < other.id ? 1 : -1));
  async function* read(): AsyncGenerator<AuditEvent> {
    yield* events;
  }
  const errors: AuditError[] = [];
  const parts = {
    read,
    timeZone: 'UTC',
    mostLookedAt,
    report: (error: AuditError) => void errors.push(error),
  };
  const findings = await new Look(detector, { span: SPAN, ...ZONES }, parts).findings();
  return { findings, errors };
}

describe('a look', () => {
  it('that ends before it has seen everything says so, in what it found and by itself', async () => {
    const { findings } = await look(failedLogins({ low: 5 }), times(11, FAILED), 10);
    expect(findings).toMatchObject([
      { type: 'failed_logins', count: 10, isComplete: false, first: '2026-03-13T10:00:01.000Z' },
      { type: 'incomplete', severity: 'medium', count: 10, events: [], isComplete: false },
    ]);
    expect(findings[1]?.description).toContain('so many events of LOGIN_FAILED that failed_logins looked at');
    const whole = await look(failedLogins({ low: 5 }), times(10, FAILED), 10);
    expect(whole.findings.map(({ isComplete }) => isComplete)).toEqual([true]);
  });

  it('at more addresses than can be kept in mind says so, too', async () => {
    const watch = { see: () => undefined, found: () => [], isFull: true };
    const detector = { type: 'mine', actions: ['LOGIN_FAILED'], watch: () => watch };
    expect((await look(detector, [FAILED])).findings).toMatchObject([{ type: 'incomplete', count: 1 }]);
  });

  it('of a detector that throws is a finding of its own, and onError is told why', async () => {
    const detector = {
      type: 'mine',
      actions: ['LOGIN_FAILED'],
      watch: () => ({
        found: () => [],
        see: () => {
          throw new TypeError('undefined is no function');
        },
      }),
    };
    const { findings, errors } = await look(detector, [FAILED]);
    expect(findings).toMatchObject([
      { type: 'incomplete', description: expect.stringContaining('mine failed') },
    ]);
    expect(errors.map(({ message }) => message)).toEqual([
      'The detector mine failed: undefined is no function. Nothing was lost; mend it, and look again.',
    ]);
  });

  it('that cannot read the trail has no answer', async () => {
    const gone = new AuditError('STORE_UNAVAILABLE', 'The store is away');
    const detector = {
      ...failedLogins({ low: 1 }),
      during: () => {
        throw gone;
      },
    };
    await expect(look(detector, [FAILED])).rejects.toBe(gone);
  });

  it.each(['<script>alert(1)</script>', 'a"b', '\u202Egnirts', 'line\nbreak', 'x'.repeat(3_000)])(
    'quotes what somebody may have typed, such as %j',
    async (text) => {
      const deleted: Act = { at: FAILED.at, action: 'DELETE', by: text };
      const { findings } = await look(massDeletion({ high: 1 }), [deleted]);
      const { findings: others } = await look(failedLogins({ high: 1 }), [{ ...FAILED, ip: text }]);
      for (const { description } of [...findings, ...others]) {
        expect(description).toMatch(/^1 (deletions by|failed logins from) ".*"; suspicious from 1 within/);
        expect(description).not.toMatch(/[\p{Cc}\p{Cf}]/u);
        expect(description.length).toBeLessThan(200);
      }
      expect([findings.length, others.length]).toEqual([1, 1]);
    },
  );
});
