import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { idAt, someEntry } from '../../test/entries.js';
import { openSqliteAudit, type SqliteAudit } from '../../test/sqlite-audit.js';
import { removeTemporaryFolders } from '../../test/test-trail.js';
import type { Entry } from '../event/entry.js';
import type { AuditEvent, Json, Outcome } from '../event/event.js';
import { readEvent } from '../event/read.js';
import { type RecordState, StateTracker } from './state.js';

interface Act {
  readonly id?: string;
  readonly before?: { readonly [field: string]: Json };
  readonly after?: { readonly [field: string]: Json };
  readonly outcome?: Outcome;
  readonly flags?: readonly string[];
  readonly tenant?: string;
  readonly target?: { readonly type: string; readonly id: string };
}

const APPOINTMENT = { type: 'Appointment', id: '91' };

/** An event as the recorder stores it: absent sides are absent. */
function entry(action: string, act: Act = {}): Entry {
  const { id, before, after, outcome = 'success', flags, tenant, target = APPOINTMENT } = act;
  return someEntry({
    core: { ...(id && { id }), action, outcome, target, tenant_id: tenant },
    payload: { ...(before && { before }), ...(after && { after }), ...(flags && { flags }) },
  });
}

function event(action: string, act: Act = {}): AuditEvent {
  return readEvent({ ...entry(action, act), recordedAt: null });
}

function erased(action: string): AuditEvent {
  return readEvent({ ...entry(action), payload: null, salt: null, recordedAt: null });
}

function afterAllOf(...events: readonly AuditEvent[]): RecordState {
  const tracker = new StateTracker();
  for (const one of events) tracker.follow(one);
  return tracker.state;
}

const CREATED = event('CREATE', { after: { status: 'booked', room: 1 } });
const COMPLETED = event('UPDATE', { before: { status: 'booked' }, after: { status: 'completed' } });
const DELETED = event('DELETE', { before: { status: 'completed', room: 1 } });

describe('what the events of a record add up to', () => {
  it('is nothing before the first of them', () => {
    expect(new StateTracker().state).toEqual({
      exists: false,
      fields: null,
      isComplete: true,
      lastEventId: null,
    });
  });

  it('is the whole record once it was created', () => {
    expect(afterAllOf(CREATED)).toEqual({
      exists: true,
      fields: { status: 'booked', room: 1 },
      isComplete: true,
      lastEventId: CREATED.id,
    });
  });

  it('follows every update in the fields it names, and in no other', () => {
    expect(afterAllOf(CREATED, COMPLETED)).toEqual({
      exists: true,
      fields: { status: 'completed', room: 1 },
      isComplete: true,
      lastEventId: COMPLETED.id,
    });
  });

  it('is gone after a delete, and that is known for certain', () => {
    expect(afterAllOf(CREATED, COMPLETED, DELETED)).toEqual({
      exists: false,
      fields: null,
      isComplete: true,
      lastEventId: DELETED.id,
    });
  });

  it('P9: begins a new life, with nothing of the old one, when the key is used again', () => {
    const again = event('CREATE', { after: { status: 'booked' } });
    expect(afterAllOf(CREATED, COMPLETED, DELETED, again)).toMatchObject({
      exists: true,
      fields: { status: 'booked' },
      isComplete: true,
    });
  });

  it.each(['SNAPSHOT', 'RESTORE'])('stands on a %s as on a create', (action) => {
    const base = event(action, { after: { status: 'old', room: 2 } });
    expect(afterAllOf(base, COMPLETED)).toMatchObject({
      fields: { status: 'completed', room: 2 },
      isComplete: true,
    });
  });

  it('is whole again with a snapshot, though the trail began in the middle', () => {
    const base = event('SNAPSHOT', { after: { status: 'completed' } });
    expect(afterAllOf(COMPLETED, base)).toMatchObject({ fields: { status: 'completed' }, isComplete: true });
  });

  it('comes back with a restore, and takes a revert for an update', () => {
    const restored = event('RESTORE', { after: { status: 'completed', room: 1 } });
    const reverted = event('REVERT', { before: { status: 'completed' }, after: { status: 'booked' } });
    expect(afterAllOf(CREATED, DELETED, restored, reverted)).toMatchObject({
      exists: true,
      fields: { status: 'booked', room: 1 },
      isComplete: true,
      lastEventId: reverted.id,
    });
  });

  it('keeps the other fields over a restore of a record that was there, which names only what differs', () => {
    const restored = event('RESTORE', { before: { status: 'completed' }, after: { status: 'booked' } });
    expect(afterAllOf(CREATED, restored)).toMatchObject({ fields: { status: 'booked', room: 1 } });
  });

  it('follows actions of the application that say what they changed', () => {
    const confirmed = event('CONFIRMED', { before: { status: 'booked' }, after: { status: 'confirmed' } });
    expect(afterAllOf(CREATED, confirmed)).toMatchObject({
      fields: { status: 'confirmed', room: 1 },
      isComplete: true,
      lastEventId: confirmed.id,
    });
  });

  it.each(['READ', 'EXPORT', 'ACCESS_DENIED', 'CONFIRMED'])(
    'is not touched by a %s that changed nothing',
    (action) => {
      expect(afterAllOf(CREATED, event(action))).toMatchObject({
        fields: { status: 'booked', room: 1 },
        lastEventId: CREATED.id,
      });
    },
  );

  it.each<[string, Outcome]>([
    ['CREATE', 'failure'],
    ['UPDATE', 'denied'],
    ['DELETE', 'error'],
    ['DELETE', 'denied'],
  ])('is not touched by a %s with the outcome %s', (action, outcome) => {
    const failed = event(action, { outcome, after: { status: 'never' } });
    expect(afterAllOf(CREATED, failed)).toEqual(afterAllOf(CREATED));
    expect(afterAllOf(failed)).toEqual(new StateTracker().state);
  });

  it('keeps null apart from absent, and a field by any name', () => {
    const odd = event('CREATE', { after: JSON.parse('{"__proto__": 1, "constructor": null}') as {} });
    const { fields } = afterAllOf(odd, event('UPDATE', { before: { room: 1 }, after: { room: null } }));
    expect(Object.entries(fields ?? {})).toEqual([
      ['__proto__', 1],
      ['constructor', null],
      ['room', null],
    ]);
    expect(Object.getPrototypeOf(fields)).toBe(Object.prototype);
  });
});

describe('what the trail cannot vouch for is marked incomplete:', () => {
  it('a life whose beginning it has not seen', () => {
    expect(afterAllOf(COMPLETED)).toEqual({
      exists: true,
      fields: { status: 'completed' },
      isComplete: false,
      lastEventId: COMPLETED.id,
    });
  });

  it('a life that went on after its end', () => {
    expect(afterAllOf(CREATED, DELETED, COMPLETED)).toMatchObject({ exists: true, isComplete: false });
  });

  it('a record that was created under an event since erased', () => {
    expect(afterAllOf(erased('CREATE'))).toMatchObject({ exists: true, fields: {}, isComplete: false });
    expect(afterAllOf(erased('CREATE'), COMPLETED)).toMatchObject({
      exists: true,
      fields: { status: 'completed' },
      isComplete: false,
    });
  });

  it('a record that was updated under an event since erased, whose older values are kept', () => {
    const state = afterAllOf(CREATED, erased('UPDATE'));
    expect(state).toMatchObject({ exists: true, fields: { status: 'booked', room: 1 }, isComplete: false });
    expect(state.lastEventId).not.toBe(CREATED.id);
  });

  it.each(['CREATE', 'UPDATE'])('a record with a field that was cut from a %s', (action) => {
    const cut = event(action, { after: { notes: 'the begin…' }, flags: ['not_restorable', 'truncated'] });
    expect(afterAllOf(CREATED, cut)).toMatchObject({ exists: true, isComplete: false });
  });

  it.each(['CREATE', 'SNAPSHOT', 'RESTORE', 'UPDATE', 'REVERT'])(
    'a %s recorded without its fields',
    (action) => {
      expect(afterAllOf(event(action))).toMatchObject({ exists: true, fields: {}, isComplete: false });
    },
  );

  it('but not a record whose erased event was its delete, nor what came to be after that', () => {
    expect(afterAllOf(CREATED, erased('DELETE'))).toMatchObject({ exists: false, isComplete: true });
    expect(afterAllOf(erased('CREATE'), DELETED, CREATED)).toMatchObject({ isComplete: true });
  });

  it('a record whose event somebody has spoilt in the database', () => {
    const spoilt = readEvent({ ...entry('UPDATE'), payload: '{"after":', recordedAt: null });
    expect(afterAllOf(CREATED, spoilt)).toMatchObject({ exists: true, isComplete: false });
  });
});

describe('stateAt', () => {
  const OLD = { type: 'Appointment', id: 'older than the trail' };
  const BORN = '2026-03-01T10:00:00.000Z';
  const MOVED = '2026-03-02T10:00:00.000Z';
  const GONE = '2026-03-03T10:00:00.000Z';
  const AGAIN = '2026-03-04T10:00:00.000Z';
  let trail: SqliteAudit;

  beforeAll(async () => {
    trail = openSqliteAudit({ timeZone: 'Europe/Berlin' });
    const life = (tenant: string, room: number): Entry[] => [
      entry('CREATE', { tenant, id: idAt(BORN), after: { room, status: 'booked' } }),
      entry('UPDATE', { tenant, id: idAt(MOVED, 1), before: { room }, after: { room: room + 1 } }),
      entry('UPDATE', { tenant, id: idAt(MOVED, 2), before: { room: room + 1 }, after: { room: room + 2 } }),
      entry('DELETE', { tenant, id: idAt(GONE), before: { room: room + 2, status: 'booked' } }),
      entry('CREATE', { tenant, id: idAt(AGAIN), after: { room: 99 } }),
    ];
    await trail.append(life('north', 1));
    await trail.append(
      life('south', 51).map((one, n) => ({
        ...one,
        core: { ...one.core, id: idAt(`2026-03-0${n + 1}T12:00:00Z`) },
      })),
    );
    const older = { target: OLD, tenant: 'north' };
    await trail.append([
      entry('READ', { ...older, id: idAt('2026-03-01T00:00:00Z') }),
      entry('CREATE', { ...older, id: idAt('2026-03-01T01:00:00Z'), outcome: 'failure' }),
      entry('UPDATE', { ...older, id: idAt('2026-03-02T00:00:00Z'), after: { room: 3 } }),
      entry('SNAPSHOT', { ...older, id: idAt('2026-03-03T00:00:00Z'), after: { room: 3, status: 'booked' } }),
      entry('UPDATE', {
        ...older,
        target: { type: 'Patient', id: APPOINTMENT.id },
        id: idAt('2026-03-02T11:00:00Z'),
        after: { name: 'somebody else' },
      }),
    ]);
  });
  afterAll(async () => {
    await trail.close();
    removeTemporaryFolders();
  });

  const at = (
    time: string | Date,
    target = APPOINTMENT,
    tenantId: string | null = 'north',
  ): Promise<RecordState> => trail.audit.stateAt(target, time, { tenantId });

  it.each<[string, string, boolean, object | null]>([
    ['before it was created', '2026-03-01T09:59:59.999Z', false, null],
    ['in the millisecond it was created', BORN, true, { room: 1, status: 'booked' }],
    ['a millisecond before an update', '2026-03-02T09:59:59.999Z', true, { room: 1, status: 'booked' }],
    ['in the millisecond of two updates', MOVED, true, { room: 3, status: 'booked' }],
    ['in another zone', '2026-03-02T15:30:00+05:30', true, { room: 3, status: 'booked' }],
    ['in the millisecond it was deleted', GONE, false, null],
    ['while it was gone', '2026-03-04T09:59:59.999Z', false, null],
    ['in its second life', AGAIN, true, { room: 99 }],
    ['long after', '9999-12-31T23:59:59Z', true, { room: 99 }],
  ])('knows how a record stood %s', async (_, time, exists, fields) => {
    expect(await at(time)).toMatchObject({ exists, fields, isComplete: true });
    expect(await at(new Date(time))).toMatchObject({ exists, fields, isComplete: true });
  });

  it('takes a day for its first moment in the zone of the trail', async () => {
    await trail.append([
      entry('CREATE', {
        id: idAt('2026-03-13T23:00:00.000Z'),
        tenant: 'north',
        target: { type: 'Appointment', id: 'midnight' },
        after: { room: 7 },
      }),
    ]);
    const target = { type: 'Appointment', id: 'midnight' };
    expect(await at('2026-03-14', target)).toMatchObject({ exists: true });
    expect(await at('2026-03-13', target)).toMatchObject({ exists: false });
  });

  it('does not claim that a record was not there because the trail is younger', async () => {
    const unknown = { exists: false, fields: null, isComplete: false, lastEventId: null };
    expect(await at('2026-03-01T12:00:00Z', OLD)).toEqual(unknown);
    expect(await at('2026-03-02T00:00:00Z', OLD)).toMatchObject({ fields: { room: 3 }, isComplete: false });
    expect(await at('2026-03-03T00:00:00Z', OLD)).toMatchObject({
      fields: { room: 3, status: 'booked' },
      isComplete: true,
    });
    expect(await at(AGAIN, { type: 'Appointment', id: 'nobody ever heard of it' })).toEqual(unknown);
  });

  it('P47: is of one tenant, and refuses to make one record of two', async () => {
    expect(await at(BORN.replace('10:', '12:'), APPOINTMENT, 'south')).toMatchObject({
      fields: { room: 51 },
    });
    const ours = await trail.audit.run({ tenantId: 'north' }, () => trail.audit.stateAt(APPOINTMENT, BORN));
    expect(ours).toMatchObject({ fields: { room: 1 } });
    expect(await at(AGAIN, APPOINTMENT, 'east')).toMatchObject({ exists: false, lastEventId: null });
    await expect(at(AGAIN, APPOINTMENT, null)).rejects.toMatchObject({
      code: 'INVALID_FILTER',
      message: 'Appointment 91 is a record of more than one tenant; give the tenantId of one.',
    });
    expect(await at('2026-03-02T00:00:00Z', OLD, null)).toMatchObject({ fields: { room: 3 } });
  });

  it.each<[string, unknown, RegExp]>([
    ['no time', undefined, /^The filter time is missing; give a Date/],
    ['an empty one', '', /^The filter time is missing/],
    ['null', null, /^The filter time is null; give a date such as/],
    ['an invalid date', new Date('never'), /^The filter time is an invalid date/],
    ['a day there is not', '2026-02-30', /^The filter time is "2026-02-30"/],
    ['a time that could be anywhere', '2026-03-14T10:00:00', /^The filter time is /],
    ['a year', '2026', /^The filter time is /],
    ['a number', 0, /^The filter time is 0/],
  ])('BAD-INPUT: refuses %s for a moment', async (_, time, message) => {
    await expect(at(time as string)).rejects.toMatchObject({
      code: 'INVALID_FILTER',
      message: expect.stringMatching(message),
    });
  });

  it.each<[string, unknown, RegExp]>([
    ['no record', undefined, /^The filter target\.type is missing/],
    ['null', null, /^The filter target\.type is missing/],
    ['a record without a type', { id: '91' }, /^The filter target\.type is missing/],
    ['a record of an empty type', { type: '', id: '91' }, /^The filter target\.type is missing/],
    ['a record without an id', { type: 'Appointment' }, /^The filter target\.id is missing/],
    ['a record with an empty id', { type: 'Appointment', id: '' }, /^The filter target\.id is missing/],
    ['an id that is no text', { type: 'Appointment', id: 91 }, /^The filter target\.id is 91; give a text/],
  ])('BAD-INPUT: refuses %s, for which other records would be taken', async (_, target, message) => {
    const refused = { code: 'INVALID_FILTER', message: expect.stringMatching(message) };
    const asked = target as typeof APPOINTMENT;
    await expect(trail.audit.stateAt(asked, BORN)).rejects.toMatchObject(refused);
    await expect(trail.audit.history(asked)).rejects.toMatchObject(refused);
  });
});
