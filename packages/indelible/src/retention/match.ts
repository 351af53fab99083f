import { isActionName } from '../event/actions.js';
import { AuditError } from '../event/errors.js';
import { idText } from '../event/id-text.js';
import type { EventMatch } from '../stores/removal.js';

type Member = keyof EventMatch;

/** Each member, and how it is called where it is written down for good. */
const WRITTEN: Readonly<Record<Member, string>> = {
  tenantId: 'tenant_id',
  action: 'action',
  targetType: 'target_type',
  targetId: 'target_id',
  actorId: 'actor_id',
  subjectId: 'subject_id',
};
export const HOLD_MEMBERS: readonly Member[] = Object.keys(WRITTEN) as Member[];
export const POLICY_MEMBERS = ['tenantId', 'action', 'targetType'] as const;

/**
 * What was given, with ids as the trail stores them. An unknown member is refused: left out, it would make a match
 * wider than was meant.
 */
export function matchOf(given: EventMatch, members: readonly Member[]): EventMatch {
  if (typeof given !== 'object' || given === null) throw invalid(`it is ${typeof given}`, 'give an object');
  const stranger = Object.keys(given).find((name) => !members.some((one) => one === name));
  if (stranger !== undefined) throw invalid(`found ${JSON.stringify(stranger)}`, `use ${members.join(', ')}`);
  const asked = members.filter((name) => given[name] !== undefined);
  return Object.fromEntries(asked.map((name) => [name, valueOf(name, given[name])]));
}

/** True when everything that `special` matches is matched by `general` too. */
export function covers(general: EventMatch, special: EventMatch): boolean {
  return HOLD_MEMBERS.every((name) => general[name] === undefined || general[name] === special[name]);
}

/** True when no event can be matched by both. */
export function excludes(one: EventMatch, other: EventMatch): boolean {
  return HOLD_MEMBERS.some(
    (name) => one[name] !== undefined && other[name] !== undefined && one[name] !== other[name],
  );
}

export function isSame(one: EventMatch, other: EventMatch): boolean {
  return HOLD_MEMBERS.every((name) => one[name] === other[name]);
}

/** What both match; undefined when no event can be matched by both. */
export function joined(one: EventMatch, other: EventMatch): EventMatch | undefined {
  if (excludes(one, other)) return undefined;
  return Object.fromEntries(membersOf(one).concat(membersOf(other)));
}

/** A match as it is written down for good. */
export function writtenMatch(match: EventMatch): Record<string, string> {
  return Object.fromEntries(membersOf(match).map(([name, value]) => [WRITTEN[name], value]));
}

/** The match that `writtenMatch` wrote; undefined for anything else. */
export function readMatch(written: unknown): EventMatch | undefined {
  if (typeof written !== 'object' || written === null) return undefined;
  const members = Object.entries(written).map(([key, value]: [string, unknown]) => {
    const name = HOLD_MEMBERS.find((one) => WRITTEN[one] === key);
    return typeof value === 'string' && name !== undefined ? ([name, value] as const) : undefined;
  });
  return members.includes(undefined)
    ? undefined
    : Object.fromEntries(members.filter((one) => one !== undefined));
}

function membersOf(match: EventMatch): [Member, string][] {
  return HOLD_MEMBERS.flatMap((name): [Member, string][] => {
    const value = match[name];
    return value === undefined ? [] : [[name, value]];
  });
}

function valueOf(name: Member, given: unknown): string {
  if (name === 'tenantId' && given === '') return '';
  if (typeof given !== 'string' || given === '')
    throw invalid(`${name} is ${JSON.stringify(given)}`, 'give a text, or leave it out');
  if (name !== 'action') return idText(given, new Set()) ?? '';
  const action = given.toUpperCase();
  if (!isActionName(action))
    throw invalid(`action is ${JSON.stringify(given)}`, 'name an action, such as READ');
  return action;
}

function invalid(found: string, remedy: string): AuditError {
  return new AuditError('INVALID_OPTIONS', `The match cannot be used: ${found}; ${remedy}.`);
}
