import type { TrailSummary } from '../../trail/reader.js';
import type { Call } from '../call.js';
import { allEvents } from '../handlers/sums.js';
import { filterOf } from '../parameters.js';
import { wirePerson } from '../wire.js';
import type { StatisticsAnswer } from './answers.js';
import { findingAnswer, findingsOf } from './findings.js';
import { Lately } from './lately.js';

const [WEEK, MONTH] = [7, 30];
const TOP = 10;
/** Of the newest events of the month: to count more would keep whoever looks waiting. */
const AMONG = 200_000;
/** Of which one is likely to have been given a name. */
const LOOKED_AT = 5;
const FRESH_MS = 30_000;

/** The figures of the dashboard, each viewer's own tenant apart. */
export class Statistics {
  readonly #lately = new Lately<StatisticsAnswer>(FRESH_MS);

  readonly handle = (call: Call): Promise<StatisticsAnswer> => {
    const { timeZone = '' } = filterOf(call.given, call.route.parameters ?? []);
    return this.#lately.of(JSON.stringify([call.tenantId, timeZone]), () => statistics(call));
  };
}

async function statistics(call: Call): Promise<StatisticsAnswer> {
  const { timeZone } = filterOf(call.given, call.route.parameters ?? []);
  const { tenantId, api } = call;
  const sums = (days: number): Promise<TrailSummary> => api.trail.summarize({ days, timeZone, tenantId });
  const [total, month, week, findings] = await Promise.all([
    allEvents(call),
    sums(MONTH),
    sums(WEEK),
    findingsOf(call),
  ]);
  return {
    total_logs: total,
    logs_today: month.perDay.at(-1)?.count ?? 0,
    logs_this_week: week.total,
    logs_this_month: month.total,
    by_action_type: Object.entries(month.byAction).map(([action, count]) => ({
      action,
      count,
      percent: Math.round((count / month.total) * 1_000) / 10,
    })),
    failed_logins_week: week.byAction['LOGIN_FAILED'] ?? 0,
    top_users: await topUsers(call, month),
    ...(await topPatients(call, timeZone)),
    suspicious_activity: findings.map(findingAnswer),
    as_of: new Date().toISOString(),
  };
}

async function topUsers(call: Call, { byActor }: TrailSummary): Promise<StatisticsAnswer['top_users']> {
  const { trail } = call.api;
  const users = await Promise.all(
    byActor.slice(0, TOP).map(async ({ id, count }) => {
      const { events } = await trail.activity(id, { tenantId: call.tenantId, pageSize: 1 });
      return events[0] ? { actor: wirePerson(events[0].actor), count } : [];
    }),
  );
  return users.flat();
}

async function topPatients(
  call: Call,
  timeZone: string | undefined,
): Promise<Pick<StatisticsAnswer, 'top_patients' | 'top_patients_is_exact'>> {
  const { tenantId, api } = call;
  const { values, isAll } = await api.serving.reader.facets(
    { tenantId, timeZone, days: MONTH },
    { facets: ['subjectId'], among: AMONG, top: TOP },
  );
  const patients = (values.subjectId ?? []).map(async ({ value, count }) => ({
    subject_id: value,
    label: await labelOf(call, value),
    count,
  }));
  return { top_patients: await Promise.all(patients), top_patients_is_exact: isAll };
}

/** How the person was called last. */
async function labelOf(call: Call, subjectId: string): Promise<string | null> {
  const { events } = await call.api.trail.subject(subjectId, {
    tenantId: call.tenantId,
    pageSize: LOOKED_AT,
  });
  const named = events.find((event) => event.subjectId === subjectId && event.subjectLabel !== null);
  const own = events.find(({ target }) => target?.id === subjectId && target.label !== null);
  return named?.subjectLabel ?? own?.target?.label ?? null;
}
