import { describe, expect, it } from 'vitest';

import { idAt, someEntries, someEntry } from '../../test/entries.js';
import type { Entry } from '../event/entry.js';
import { floorId } from '../event/id.js';
import type { StoredEntry } from '../event/read.js';
import { createMemoryStore } from '../memory.js';
import type { Tally, TallyKind } from './seal-log.js';
import { addDays, dayBounds, startOfDay } from '../trail/days.js';
import { quarterOf, talliesOf } from './tallies.js';

const QUARTER_MS = 15 * 60_000;

function stored(entry: Entry): StoredEntry {
  return { ...entry, recordedAt: '2026-03-14T12:00:00.000Z' };
}

function counted(tallies: readonly Tally[], kind: TallyKind): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const tally of tallies) {
    if (tally.kind === kind) sums[tally.value] = (sums[tally.value] ?? 0) + tally.count;
  }
  return sums;
}

describe('the tallies', () => {
  it('count an event under all that a summary tells', () => {
    const core = {
      id: idAt('2026-03-14T09:44:59.999Z'),
      tenant_id: 'clinic-1',
      target: { type: 'Patient', id: '42' },
      subject_id: '42',
    };
    const tallies = talliesOf([stored(someEntry({ core, search: { role: 'doctor' } }))]);
    const same = { quarter: '2026-03-14T00:00:00.000Z', tenantId: 'clinic-1', count: 1 };
    expect(tallies).toEqual([
      { ...same, quarter: '2026-03-14T09:30:00.000Z', kind: 'total', value: '' },
      { ...same, kind: 'action', value: 'READ' },
      { ...same, kind: 'outcome', value: 'success' },
      { ...same, kind: 'model', value: 'Patient' },
      { ...same, kind: 'role', value: 'doctor' },
      { ...same, kind: 'actor', value: 'u1' },
    ]);
  });

  it('keep tenants and quarters of an hour apart', () => {
    const at = (time: string, tenant?: string): StoredEntry =>
      stored(someEntry({ core: { id: idAt(time), tenant_id: tenant } }));
    const tallies = talliesOf([
      at('2026-03-14T09:44:59.999Z'),
      at('2026-03-14T09:45:00.000Z'),
      at('2026-03-14T09:46:00.000Z'),
      at('2026-03-14T09:46:00.000Z', 'a'),
    ]);
    expect(
      tallies
        .filter(({ kind }) => kind === 'total')
        .map(({ quarter, tenantId, count }) => [quarter.slice(11, 16), tenantId, count]),
    ).toEqual([
      ['09:30', '', 1],
      ['09:45', '', 2],
      ['09:45', 'a', 1],
    ]);
  });

  it('keep what events are by days of UTC, and tenants apart', () => {
    const at = (time: string, tenant?: string): StoredEntry =>
      stored(someEntry({ core: { id: idAt(time), tenant_id: tenant }, search: { role: 'doctor' } }));
    const tallies = talliesOf([
      at('2026-03-13T23:59:59.999Z'),
      at('2026-03-14T00:00:00.000Z'),
      at('2026-03-14T23:59:59.999Z'),
      at('2026-03-14T23:59:59.999Z', 'a'),
    ]);
    for (const [kind, value] of [
      ['action', 'READ'],
      ['role', 'doctor'],
      ['actor', 'u1'],
    ])
      expect(tallies.filter((tally) => tally.kind === kind)).toEqual([
        { quarter: '2026-03-13T00:00:00.000Z', tenantId: '', kind, value, count: 1 },
        { quarter: '2026-03-14T00:00:00.000Z', tenantId: '', kind, value, count: 2 },
        { quarter: '2026-03-14T00:00:00.000Z', tenantId: 'a', kind, value, count: 1 },
      ]);
    expect(tallies.filter(({ kind }) => kind === 'total')).toHaveLength(4);
  });

  it('keep events of a moment that no text can name in the last day that there is', () => {
    const core = { id: 'ffffffff-ffff-7fff-bfff-ffffffffffff' };
    const [total, action] = talliesOf([stored(someEntry({ core }))]);
    expect([total?.quarter, action?.quarter]).toEqual([
      '9999-12-31T23:45:00.000Z',
      '9999-12-31T00:00:00.000Z',
    ]);
  });

  it('count an event of many people as one', () => {
    const entry = someEntry({ core: { subject_id: '1' }, search: { subjects: ['1', '2', '3', '2'] } });
    const tallies = talliesOf([stored(entry)]);
    expect(counted(tallies, 'total')).toEqual({ '': 1 });
    expect(counted(tallies, 'action')).toEqual({ READ: 1 });
  });

  it('count what a summary counts, an event that tells of many as one', async () => {
    const entries = someEntries(300, (n) => ({
      core: {
        id: idAt('2026-03-14T09:00:00Z', n),
        action: n % 3 === 0 ? 'UPDATE' : 'LOGIN_FAILED',
        outcome: n % 7 === 0 ? 'failure' : 'success',
        actor: n % 2 === 0 ? { type: 'user', id: `u${n % 5}` } : { type: 'anonymous' },
        target: n % 4 === 0 ? undefined : { type: `Model${n % 6}` },
        count: n % 10 === 0 ? 250 : undefined,
      },
      search: n % 5 === 0 ? {} : { role: `role${n % 4}` },
    }));
    const store = createMemoryStore();
    await store.append(entries);
    const bounds = dayBounds('2026-03-14', 1, 'UTC');
    const summary = await store.summarize({ tenantId: '', where: {}, dayBounds: bounds, top: 100 });
    const tallies = talliesOf(entries.map(stored));
    expect(summary.total).toBe(300);
    expect(counted(tallies, 'total')).toEqual({ '': summary.total });
    expect(counted(tallies, 'action')).toEqual(summary.byAction);
    expect(counted(tallies, 'outcome')).toEqual(summary.byOutcome);
    expect(counted(tallies, 'model')).toEqual(summary.byModel);
    expect(counted(tallies, 'role')).toEqual(summary.byRole);
    const byActor = Object.fromEntries(summary.byActor.map(({ id, count }) => [id, count]));
    expect(counted(tallies, 'actor')).toEqual(byActor);
  });

  it('find nothing to count of what was erased but what its core says', () => {
    const erased = { ...stored(someEntry({ search: { role: 'doctor' } })), payload: null, search: {} };
    expect(counted(talliesOf([erased]), 'role')).toEqual({});
    expect(counted(talliesOf([erased]), 'action')).toEqual({ READ: 1 });
  });
});

describe('a quarter of an hour', () => {
  it('is one of UTC, and the days of every zone begin where one does: also in Kathmandu and on Chatham', () => {
    const zones = [...Intl.supportedValuesOf('timeZone'), 'Asia/Kathmandu', 'Pacific/Chatham'];
    expect(zones.length).toBeGreaterThan(300);
    const days = [0, 91, 182, 273].map((day) => addDays('2026-01-01', day));
    const split = zones.filter((zone) => days.some((day) => startOfDay(day, zone) % QUARTER_MS !== 0));
    expect(split).toEqual([]);
    const midnight = startOfDay('2026-03-14', 'Asia/Kathmandu');
    expect(quarterOf(floorId(midnight))).toBe('2026-03-13T18:15:00.000Z');
    expect(quarterOf(floorId(midnight - 1))).toBe('2026-03-13T18:00:00.000Z');
  });

  it('can be written for an id of any moment', () => {
    expect(quarterOf(floorId(0))).toBe('1970-01-01T00:00:00.000Z');
    expect(quarterOf('ffffffff-ffff-7fff-bfff-ffffffffffff')).toBe('9999-12-31T23:45:00.000Z');
  });
});
