import assert from 'node:assert/strict';

import type { AuditEvent } from '../../../event/event.js';
import type { TestRunner } from '../../contract/contract.js';
import type { CaptureSetUp } from '../clinic-set-up.js';
import { told } from '../expectations.js';
import { IDS } from '../seed.js';
import { alone, type CaptureSession } from '../session.js';

const RECORDS = [IDS.first, IDS.second, IDS.third, IDS.fourth];
const ACTORS = 25;
const USUAL_CHANGES = 500;

/** Many people at once, on few records and few connections. */
export function describeContention(setUp: CaptureSetUp, { it }: TestRunner): void {
  const { changes = USUAL_CHANGES, database } = setUp;
  for (const poolSize of database === 'postgres' ? [1, 10] : [1]) {
    const connections = poolSize === 1 ? 'one connection' : `${poolSize} connections`;
    it(`P10 P17: of ${changes} changes that ${ACTORS} people make at once over ${connections}, each names who made it and what it replaced`, () =>
      alone(setUp, { poolSize }, async (session) => {
        await changeTogether(session, changes / ACTORS);
        const events = await session.newEvents();
        assert.equal(events.length, changes);
        assert.deepEqual(events.filter(isForeign).length, 0);
        for (const id of RECORDS) expectChain(events.filter(({ target }) => target?.id === id));
      }));
  }

  it('P11: a transaction that fails to serialize and is tried again is told once', () =>
    alone(setUp, { poolSize: 3 }, async (session) => {
      if (session.captured.lacks.serializable !== undefined) return;
      const meeting = new Meeting(2);
      await Promise.all(['one', 'two'].map((notes) => untilSerialized(session, notes, meeting)));
      const events = await session.newEvents();
      assert.deepEqual(told(events), ['UPDATE Appointment', 'UPDATE Appointment']);
      expectChain(events);
    }));
}

async function changeTogether(session: CaptureSession, each: number): Promise<void> {
  const update = session.action('updateAppointment');
  const people = Array.from({ length: ACTORS }, (_, n) => `person-${n}`);
  const work = async (id: string, n: number): Promise<void> => {
    for (let i = 0; i < each; i += 1)
      await update(RECORDS[(n + i) % RECORDS.length] ?? IDS.first, { notes: `${id} ${i}` });
  };
  await Promise.all(
    people.map((id, n) => session.audit.run({ actor: { type: 'user', id } }, () => work(id, n))),
  );
}

/** True for a change that is told under another name than that of who made it. */
function isForeign({ actor, changes }: AuditEvent): boolean {
  return String(changes?.['notes']?.new).split(' ')[0] !== actor.id;
}

/** Every change replaces what another one wrote, from the seed on, without a fork. */
function expectChain(events: readonly AuditEvent[]): void {
  const byOld = new Map(events.map(({ changes }) => [changes?.['notes']?.old, changes?.['notes']?.new]));
  assert.equal(byOld.size, events.length, 'two changes say that they replaced the same value');
  let length = 0;
  for (let value = byOld.get('seeded'); value !== undefined; value = byOld.get(value)) length += 1;
  assert.equal(length, events.length);
}

/** Both read before either writes, so that one of them must fail the first time. */
async function untilSerialized(session: CaptureSession, notes: string, meeting: Meeting): Promise<void> {
  const attempt = (): Promise<unknown> =>
    session.captured.transaction({
      isolation: 'serializable',
      end: 'commit',
      steps: [
        (tx) => tx.actions.findAppointment?.(IDS.first),
        () => meeting.arrive(),
        (tx) => tx.actions.updateAppointment?.(IDS.first, { notes }),
      ],
    });
  try {
    await attempt();
  } catch {
    // The database's own rule: what could not be serialized is tried again.
    await attempt();
  }
}

/** Holds everybody until all have come. */
class Meeting {
  #missing: number;
  readonly #all: Promise<void>;
  #begin: () => void = () => undefined;

  constructor(size: number) {
    this.#missing = size;
    this.#all = new Promise((resolve) => {
      this.#begin = resolve;
    });
  }

  arrive(): Promise<void> {
    this.#missing -= 1;
    if (this.#missing <= 0) this.#begin();
    return this.#all;
  }
}
