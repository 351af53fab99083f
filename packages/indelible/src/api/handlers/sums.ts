import { floorId } from '../../event/id.js';
import { storedId } from '../../trail/filter-values.js';
import type { LogStats, LogSummary } from '../answers.js';
import type { Call } from '../call.js';
import { filterOf } from '../parameters.js';

const DAY_MS = 86_400_000;
const RECENT_DAYS = 30;

export async function stats(call: Call): Promise<LogStats> {
  const { timeZone } = filterOf(call.given, call.route.parameters ?? []);
  const { tenantId } = call;
  const [total, recent] = await Promise.all([
    allEvents(call),
    call.api.trail.summarize({ days: RECENT_DAYS, timeZone, tenantId }),
  ]);
  return {
    total_logs: total,
    recent_logs_30_days: recent.total,
    actions_by_type: recent.byAction,
    actions_by_role: recent.byRole,
  };
}

export async function summary(call: Call): Promise<LogSummary> {
  const { timeZone, days = RECENT_DAYS } = filterOf(call.given, call.route.parameters ?? []);
  const { tenantId } = call;
  const sums = await call.api.trail.summarize({ days, timeZone, tenantId });
  return {
    days,
    total_logs: sums.total,
    actions_by_type: sums.byAction,
    actions_by_role: sums.byRole,
    by_model: sums.byModel,
    by_actor: sums.byActor.map(({ id, count }) => ({ actor_id: id, count })),
    by_outcome: sums.byOutcome,
    per_day: sums.perDay,
  };
}

/** From the roll-ups, which are kept by whole days: all of them in one, beyond any clock that runs ahead. */
export async function allEvents({ api, tenantId }: Call): Promise<number> {
  const end = (Math.floor(Date.now() / DAY_MS) + 366) * DAY_MS;
  const { total } = await api.serving.store.summarize({
    tenantId: tenantId === null ? null : (storedId(tenantId) ?? ''),
    where: {},
    dayBounds: [floorId(0), floorId(end)],
    top: 0,
  });
  return total;
}
