import assert from 'node:assert/strict';

import type { TestRunner } from '../../contract/contract.js';
import type { CaptureSetUp } from '../clinic-set-up.js';
import { told } from '../expectations.js';
import { failureOf } from '../scenario.js';
import { appointment, fresh, IDS } from '../seed.js';
import { alone, type CaptureSession } from '../session.js';
import { readTruth } from '../truth.js';

const PATIENCE_MS = 10_000;
const PAUSE_MS = 50;

/** What becomes of changes when their events cannot be written. */
export function describeOutages(setUp: CaptureSetUp, { it }: TestRunner): void {
  it('P15: without an outbox the change goes on, which is reported and told as a gap', () =>
    alone(setUp, {}, async (session) => {
      await breakOutbox(session);
      await session.action('createAppointment')(appointment(1));
      await session.captured.transaction({
        end: 'commit',
        steps: [
          (tx) => tx.actions.updateAppointment?.(IDS.first, { status: 'arrived' }),
          (tx) => tx.actions.updateAppointment?.(fresh(1), { status: 'arrived' }),
        ],
      });
      assert.equal((await readTruth(session.home.query)).length, 3);
      await mendOutbox(session);
      await expectGap(session);
      assert.ok(session.takeErrors().some(({ code }) => code === 'OUTBOX_UNAVAILABLE'));
      await session.action('updateAppointment')(IDS.second, { status: 'arrived' });
      assert.deepEqual(told(await session.newEvents()).at(-1), 'UPDATE Appointment');
    }));

  it('P15: without an outbox a change that fails closed is refused, alone and in a transaction', () =>
    alone(setUp, { failClosed: true }, async (session) => {
      await breakOutbox(session);
      await assertRefused(() => session.action('createAppointment')(appointment(1)));
      await assertRefused(() =>
        session.captured.transaction({
          end: 'commit',
          steps: [(tx) => tx.actions.updateAppointment?.(IDS.first, { status: 'arrived' })],
        }),
      );
      assert.deepEqual(await readTruth(session.home.query), []);
      await mendOutbox(session);
      await session.action('updateAppointment')(IDS.second, { status: 'arrived' });
      assert.deepEqual(told(await session.newEvents()), ['UPDATE Appointment']);
    }));

  if (setUp.database !== 'postgres') return;
  it('a write that cannot be taken apart is refused where that is asked for', () =>
    alone(setUp, { onUnsupported: 'throw' }, async (session) => {
      await assertRefused(() => session.action('rawWrite')('TRUNCATE visit_log', []));
      const [row] = await session.home.query('SELECT count(*)::int AS count FROM visit_log');
      assert.deepEqual(row, { count: 2 });
      assert.deepEqual(told(await session.newEvents()), []);
    }));
}

async function assertRefused(act: () => unknown): Promise<void> {
  const failure = await failureOf(act);
  assert.ok(failure instanceof Error, 'it was not refused');
}

async function breakOutbox({ home }: CaptureSession): Promise<void> {
  await home.query('ALTER TABLE indelible_outbox RENAME TO indelible_outbox_away');
}

async function mendOutbox({ home }: CaptureSession): Promise<void> {
  await home.query('ALTER TABLE indelible_outbox_away RENAME TO indelible_outbox');
}

/** Losses are gathered for a moment before an event tells of them. */
async function expectGap(session: CaptureSession): Promise<void> {
  for (let waited = 0; waited < PATIENCE_MS; waited += PAUSE_MS) {
    const events = await session.newEvents();
    if (events.some(({ action }) => action === 'AUDIT_GAP')) return;
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  assert.fail('no AUDIT_GAP told of what was lost');
}
