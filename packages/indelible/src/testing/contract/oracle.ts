import type { Entry } from '../../event/entry.js';
import type { EventConditions, EventQuery } from '../../stores/query.js';

type Test = (entry: Entry, asked: never) => boolean;

/** What each condition means, one by one and without any index. */
const CONDITIONS: Record<keyof EventConditions, Test> = {
  actorId: ({ core }, asked) => core.actor.id === asked,
  actorText: ({ search }, asked) => search.actorText !== undefined && search.actorText.includes(asked),
  actions: ({ core }, asked: readonly string[]) => asked.includes(core.action),
  targetType: ({ core }, asked) => core.target?.type === asked,
  targetId: ({ core }, asked) => core.target?.id === asked,
  subjectId: ({ core, search }, asked) =>
    core.subject_id === asked || (search.subjects?.includes(asked) ?? false),
  role: ({ search }, asked) => search.role === asked,
  outcome: ({ core }, asked) => core.outcome === asked,
  source: ({ core }, asked) => core.source === asked,
  ip: ({ search }, asked) => search.ip === asked,
  fromId: ({ core }, asked: string) => core.id >= asked,
  toId: ({ core }, asked: string) => core.id < asked,
};

/** The ids that a question's whole answer holds, in its order. */
export function answerTo(query: EventQuery, entries: readonly Entry[]): string[] {
  const found = entries.filter((entry) => isAnswer(query, entry));
  found.sort(
    (a, b) => byCodePoints(valueOf(query, a), valueOf(query, b)) || (a.core.id < b.core.id ? -1 : 1),
  );
  const ids = found.map(({ core }) => core.id);
  return query.order.descending ? ids.toReversed() : ids;
}

function isAnswer({ tenantId, where, search }: EventQuery, entry: Entry): boolean {
  if (tenantId !== null && (entry.core.tenant_id ?? '') !== tenantId) return false;
  const holds = Object.entries(where).every(
    ([name, asked]) =>
      asked === undefined || CONDITIONS[name as keyof EventConditions](entry, asked as never),
  );
  return holds && (search === undefined || isFound(search, entry));
}

function isFound({ text, exact }: NonNullable<EventQuery['search']>, { core, search }: Entry): boolean {
  const whole = [core.id, core.actor.id, core.target?.id, core.subject_id, search.ip];
  const parts = [search.actorText, search.text];
  return whole.includes(exact) || parts.some((part) => part?.includes(text));
}

function valueOf({ order }: EventQuery, { core, search }: Entry): string {
  if (order.column === 'timestamp') return core.id;
  return order.column === 'action' ? core.action : (search.actorText ?? '');
}

function byCodePoints(a: string, b: string): number {
  const [left, right] = [[...a], [...b]];
  const at = left.findIndex((character, i) => character !== right[i]);
  if (at === -1) return left.length - right.length;
  return (left[at]?.codePointAt(0) ?? 0) - (right[at]?.codePointAt(0) ?? -1);
}
