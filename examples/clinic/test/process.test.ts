import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';

import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { createClinic } from '../src/clinic.js';
import { passwordOf } from '../src/made-up-life/people.js';
import type { Client } from './client.js';
import { alter, sealedIn, verify } from './evidence.js';
import { newDataDir } from './running-clinic.js';
import { RunningProcess } from './running-process.js';
import { recordsAndEvents } from './records-and-events.js';

const ROUNDS = process.env['INDELIBLE_TEST_DEPTH'] === 'deep' ? 30 : 3;
/** Processes that start, fill and stop, on a machine that is busy with other tests. */
const SLOW = { timeout: 60_000 + ROUNDS * 20_000 };

let dataDir: string;
beforeEach(() => {
  dataDir = newDataDir();
});
afterEach(() => rmSync(dataDir, { recursive: true }));

describe('the first start', SLOW, () => {
  it('fills an empty clinic with a life whose trail is real, says what to try, and is not repeated', async () => {
    const first = await RunningProcess.start(dataDir, { CLINIC_MONTHS: '9' });
    expect(first.output()).toContain('made-up life');
    expect(first.output()).toContain('owner / owner-demo');
    const owner = await first.anybody.signIn('owner', passwordOf('owner'));
    const appointments = (await owner.get('/api/appointments/')).body['count'];
    expect(appointments).toBeGreaterThan(800);
    for (const [filter, least] of [
      ['action=CREATE&model=Appointment', 60],
      ['action=CREATE&model=DentalRecord', 15],
      ['action=CREATE&model=TreatmentPlan', 5],
      ['action=UPDATE&model=TreatmentPlanItem', 2],
      ['action=CREATE&model=Invoice', 15],
      ['action=CREATE&model=Payment', 10],
      ['action=UPDATE&model=Appointment', 30],
      ['action=APPOINTMENT_CANCELLED', 1],
      ['action=APPOINTMENT_RESCHEDULED', 1],
      ['action=ROLE_CHANGE', 1],
      ['action=LOGIN_FAILED&ip_address=203.0.113.66', 17],
      ['action=READ&ip_address=203.0.113.66&user=floss', 50],
      ['action=DELETE&ip_address=203.0.113.66&user=floss', 14],
      ['action=EXPORT&ip_address=203.0.113.66&user=floss', 12],
      ['action=CREATE&model=Document', 10],
      ['action=CLAIM_SUBMITTED', 10],
      ['action=EMAIL_VERIFIED', 2],
      ['action=READ&model=Appointment&user=dentist', 5],
      ['action=LIST&model=DentalRecord&patient_id=4', 1],
      ['action=SEARCH&model=User&role=receptionist', 3],
      ['action=EXPORT&patient_id=4', 1],
      ['action=ACCESS_DENIED&outcome=denied', 2],
    ] as const) {
      const { body } = await owner.get(`/api/audit/logs/?page_size=500&${filter}`);
      expect([filter, (body['results'] as unknown[]).length >= least]).toEqual([filter, true]);
    }
    const { body } = await owner.get('/api/audit/logs/?action=LOGIN_SUCCESS&ordering=timestamp&page_size=1');
    const [earliest] = body['results'] as { occurred_at: string }[];
    expect(Date.now() - Date.parse(earliest?.occurred_at ?? '')).toBeGreaterThan(260 * 86_400_000);
    expect(await first.end('SIGTERM')).toBe(0);

    const second = await RunningProcess.start(dataDir);
    expect(second.output()).not.toContain('made-up life');
    const again = await second.anybody.signIn('owner', passwordOf('owner'));
    expect((await again.get('/api/appointments/')).body['count']).toBe(appointments);
    expect(await second.end('SIGINT')).toBe(0);
  });
});

describe('the end of the process', SLOW, () => {
  it('by SIGTERM leaves nothing on its way: every event is in the trail, and the stop too', async () => {
    const running = await RunningProcess.start(dataDir);
    const dentist = await running.anybody.signIn('dentist', passwordOf('dentist'));
    const writing = Array.from({ length: 20 }, async (_, i) => {
      await dentist.patch(`/api/appointments/${i + 1}/`, { notes: `${i}` });
      await dentist.post('/api/treatment-plans/', planOf(dentist, `Plan ${i}`));
    });
    await Promise.all(writing);
    expect((await dentist.delete('/api/treatment-plans/1/')).status).toBe(204);
    expect(await running.end('SIGTERM')).toBe(0);
    const { waiting, records, events, actions } = recordsAndEvents(dataDir);
    expect(waiting).toBe(0);
    expect(new Set([...records.keys()].map((name) => name.split(' ')[0])).size).toBe(18);
    expect(events).toEqual(records);
    expect(actions.at(-1)).toBe('AUDIT_STOP');
  });

  it('leaves a trail that is sealed to its last event, anchored, and verified by the command line', async () => {
    const running = await RunningProcess.start(dataDir);
    const dentist = await running.anybody.signIn('dentist', passwordOf('dentist'));
    await dentist.patch('/api/appointments/1/', { notes: 'Likes jazz.' });
    expect(await running.end('SIGTERM')).toBe(0);
    const { status, stdout, stderr } = verify(dataDir);
    expect(`${stdout}${stderr}`).toContain('CONSISTENT');
    expect(status).toBe(0);
    const anchored = readFileSync(join(dataDir, 'checkpoints.txt'), 'utf8');
    expect(anchored).toContain(`clinic.example/audit\n${sealedIn(dataDir)}\n`);
    alter(dataDir);
    expect(verify(dataDir).status).toBe(1);
  });

  it(`by kill -9 in the middle of writing parts no change from its event (${ROUNDS} rounds)`, async () => {
    let answered = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const running = await RunningProcess.start(dataDir);
      const dentist = await running.anybody.signIn('dentist', passwordOf('dentist'));
      const writers = Array.from({ length: 8 }, (_, i) => write(dentist, `${round}.${i}`));
      const after = Math.round(50 + Math.random() * 500);
      await setTimeout(after);
      expect(await running.end('SIGKILL')).toBe('SIGKILL');
      const acknowledged = (await Promise.all(writers)).flat();
      answered += acknowledged.length;

      // A new life relays what the old one had committed and not yet delivered.
      const clinic = await createClinic({ dataDir, log: () => undefined });
      await clinic.close();
      const { waiting, records, events } = recordsAndEvents(dataDir);
      expect(waiting).toBe(0);
      expect(events, `killed after ${after} ms`).toEqual(records);
      expect(acknowledged.filter(([name, status]) => records.get(name)?.['status'] !== status)).toEqual([]);
    }
    expect(answered).toBeGreaterThan(ROUNDS);
  });
});

type Acknowledged = readonly [record: string, status: string];

/** Completes appointments and plans until the clinic is gone; answers those whose change it acknowledged. */
async function write(by: Client, name: string): Promise<Acknowledged[]> {
  const acknowledged: Acknowledged[] = [];
  for (;;) {
    try {
      const booking = { patient: 4, date: '2030-01-01', time: '08:00', type: name };
      const { body: booked } = await by.post('/api/appointments/', booking);
      const { body: done } = await by.post(`/api/appointments/${String(booked['id'])}/complete/`, {});
      acknowledged.push([`Appointment ${String(done['id'])}`, 'completed']);
      const { body: plan } = await by.post('/api/treatment-plans/', planOf(by, name));
      const path = `/api/treatment-plans/${String(plan['id'])}/`;
      const { body: completed } = await by.patch(path, { status: 'completed' });
      for (const { id } of completed['items'] as { id: number }[])
        acknowledged.push([`TreatmentPlanItem ${id}`, 'done']);
    } catch {
      // The clinic has been killed: what was not answered may be there or not, but never by halves.
      return acknowledged;
    }
  }
}

function planOf(dentist: Client, title: string): object {
  const items = ['Preparation', 'Crown'].map((service) => ({ service, tooth: 36, price: 39_000 }));
  return { patient: 4, dentist: dentist.id, title, items };
}
