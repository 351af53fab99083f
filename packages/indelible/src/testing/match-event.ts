import type { AuditEvent } from '../event/event.js';

/**
 * An event as a test describes it: an action alone, or any members, compared as deep as they go. In place of
 * a value may stand what the runner offers for one, such as `expect.any(String)`.
 */
export type ExpectedEvent = string | DeepPartial<AuditEvent>;

type DeepPartial<T> =
  | AsymmetricMatcher
  | (T extends readonly unknown[]
      ? T
      : T extends object
        ? { readonly [K in keyof T]?: DeepPartial<T[K]> | undefined }
        : T);

/** The members of an asymmetric matcher that are used here; those of Vitest and of Jest have them. */
interface AsymmetricMatcher {
  asymmetricMatch(value: unknown): boolean;
}

/** True when every member that is described is there and alike. */
export function matchesEvent(event: AuditEvent, expected: ExpectedEvent): boolean {
  return typeof expected === 'string' ? event.action === expected : includes(event, expected);
}

/** One line an event, for the message of a test that failed. */
export function describeEvents(events: readonly AuditEvent[]): string {
  if (events.length === 0) return '  nothing was recorded';
  return events.map((event) => `  ${describe(event)}`).join('\n');
}

export function describeExpected(expected: ExpectedEvent): string {
  if (typeof expected === 'string') return expected;
  const text = JSON.stringify(expected, told);
  return text === '{}' ? 'any event' : text;
}

function told(_key: string, value: unknown): unknown {
  return isAsymmetric(value) ? String(value) : value;
}

function describe({ action, outcome, actor, target, changedFields }: AuditEvent): string {
  const who = actor.username ?? actor.name ?? actor.id ?? actor.type;
  const what = target ? ` ${target.type} ${target.id ?? ''}`.trimEnd() : '';
  const fields = changedFields.length > 0 ? ` (${changedFields.join(', ')})` : '';
  return `${action}${what} by ${who}: ${outcome}${fields}`;
}

function includes(value: unknown, expected: unknown): boolean {
  if (isAsymmetric(expected)) return expected.asymmetricMatch(value);
  if (typeof expected !== 'object' || expected === null) return Object.is(value, expected);
  if (typeof value !== 'object' || value === null || Array.isArray(value) !== Array.isArray(expected))
    return false;
  if (Array.isArray(expected) && (value as readonly unknown[]).length !== expected.length) return false;
  return Object.entries(expected).every(([key, member]) => includes(Reflect.get(value, key), member));
}

function isAsymmetric(value: unknown): value is AsymmetricMatcher {
  return typeof value === 'object' && value !== null && 'asymmetricMatch' in value;
}
