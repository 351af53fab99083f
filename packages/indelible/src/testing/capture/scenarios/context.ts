import assert from 'node:assert/strict';

import type { TestRunner } from '../../contract/contract.js';
import type { CaptureSetUp } from '../clinic-set-up.js';
import { told } from '../expectations.js';
import { IDS } from '../seed.js';
import { alone } from '../session.js';

const NASTY = 'o\'brien" */ -- /* $1 ? $$ \\ \u{1F600}';

/** In whose name a change is made. */
export function describeContext(setUp: CaptureSetUp, { it }: TestRunner): void {
  it('P21: a context of quotes, ends of comments, emoji and two megabytes breaks no statement and is not dropped', () =>
    alone(setUp, {}, async (session) => {
      const context = {
        actor: { type: 'user', id: NASTY, name: `${NASTY}\u0000` },
        reason: `${NASTY}${'x'.repeat(2 * 1024 ** 2)}`,
        request: { path: `/api/${NASTY}`, userAgent: NASTY },
      } as const;
      await session.audit.run(context, async () => {
        await session.action('updateAppointment')(IDS.first, { status: 'arrived' });
      });
      const [event, ...others] = await session.newEvents();
      assert.deepEqual(others, []);
      assert.equal(event?.actor.id, NASTY);
      assert.deepEqual(event?.changes, { status: { old: 'booked', new: 'arrived' } });
      assert.ok(event?.reason?.startsWith(NASTY));
    }));

  it('P20: the context of one request stays with it: what comes after, on the same connection, has none of it', () =>
    alone(setUp, {}, async (session) => {
      const update = session.action('updateAppointment');
      const context = { actor: { type: 'user', id: 'alice' }, reason: 'moved', tenantId: 'north' } as const;
      await session.audit.run(context, async () => {
        await update(IDS.first, { status: 'arrived' });
      });
      await update(IDS.second, { status: 'arrived' });
      const [first, second] = await session.newEvents();
      assert.deepEqual([first?.actor.id, first?.reason, first?.tenantId], ['alice', 'moved', 'north']);
      assert.deepEqual([second?.actor.id, second?.reason, second?.tenantId], [null, null, null]);
      assert.equal(second?.actor.type, 'system');
    }));

  it('P17: what is set off without being awaited keeps the context that it was set off in', () =>
    alone(setUp, {}, async (session) => {
      const update = session.action('updateAppointment');
      const people = ['alice', 'bob', 'carol'];
      const work = people.map((id, n) =>
        session.audit.run({ actor: { type: 'user', id } }, async () => {
          await new Promise((resolve) => setTimeout(resolve, people.length - n));
          await update([IDS.first, IDS.second, IDS.third][n] ?? IDS.fourth, { notes: id });
        }),
      );
      await Promise.all(work);
      const events = await session.newEvents();
      assert.equal(told(events).length, people.length);
      for (const { actor, changes } of events) assert.equal(changes?.['notes']?.new, actor.id);
    }));
}
