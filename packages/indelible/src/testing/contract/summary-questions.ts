import type { Entry } from '../../event/entry.js';
import { floorId, timeOf } from '../../event/id.js';
import type { EventConditions, SummaryQuery } from '../../stores/query.js';
import { dayBounds } from '../../trail/days.js';
import { type Chance, idsAt, sample } from './sample.js';

const TENANTS = ['', 'acme', 'zeta'];
/** Whole hours, half ones and quarters from UTC; clocks that are put on and back, one of them by half an hour. */
const ZONES = [
  'UTC',
  'Europe/Berlin',
  'America/New_York',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Australia/Lord_Howe',
  'Pacific/Chatham',
  'America/St_Johns',
];
/** Clocks are put on or back on the 8th and the 29th of March, and on the 5th of April. */
const DAYS = Array.from({ length: 38 }, (_, n) => Date.parse('2026-03-03T00:00:00Z') + n * 86_400_000);
const DAY_MS = 86_400_000;
const QUARTER_MS = 900_000;

/** All of those days in all tenants, as they begin on an island half an hour off. */
export const MONTHS: SummaryQuery = {
  tenantId: null,
  where: {},
  dayBounds: dayBounds('2026-04-12', 45, 'Australia/Lord_Howe'),
  top: 5,
};

/** An event of any moment of those days, often of the first or the last of a quarter of an hour. */
export function someEvent(chance: Chance): Entry {
  const within = chance.below(DAY_MS);
  const onEdge = within - (within % QUARTER_MS) - chance.below(2);
  const moment = chance.pick(DAYS) + chance.pick([within, onEdge]);
  const model = chance.pick([undefined, 'Patient', 'Invoice', '__proto__']);
  return sample({
    core: {
      id: idsAt(() => moment)(),
      tenant_id: chance.pick(TENANTS) || undefined,
      action: chance.pick(['READ', 'READ', 'UPDATE', 'LOGIN_FAILED']),
      outcome: chance.pick(['success', 'success', 'denied']),
      actor: chance.pick([{ type: 'anonymous' }, { type: 'user', id: `u${chance.below(12)}` }] as const),
      target: model === undefined ? undefined : { type: model },
      subject_id: chance.pick([undefined, `s${chance.below(5)}`]),
      count: chance.pick([undefined, 250]),
    },
    search: {
      role: chance.pick([undefined, 'dentist', 'owner']),
      subjects: chance.pick([undefined, ['s1', 's2']]),
    },
  });
}

/** Some days as the clocks of some place have them, of one tenant or of all. */
export function someQuestion(chance: Chance): SummaryQuery {
  const last = new Date(chance.pick(DAYS)).toISOString().slice(0, 10);
  return {
    tenantId: chance.pick([null, ...TENANTS]),
    where: chance.below(3) > 0 ? {} : someConditions(chance),
    dayBounds: dayBounds(last, chance.pick([1, 2, 3, 30]), chance.pick(ZONES)),
    top: 1 + chance.below(15),
  };
}

/** Conditions that tallies know nothing of, and times that begin or end with a quarter of an hour, or do not. */
function someConditions(chance: Chance): EventConditions {
  const [from, to] = [0, 0].map(() => chance.pick(DAYS) + chance.below(96) * QUARTER_MS) as [number, number];
  const [fromId, toId] = [floorId(Math.min(from, to)), floorId(Math.max(from, to))];
  return chance.pick<EventConditions>([
    { outcome: 'denied' },
    { subjectId: 's1' },
    { role: undefined, fromId, toId },
    { fromId: floorId(timeOf(fromId) + 1) },
    { toId: floorId(timeOf(toId) - 1) },
  ]);
}
