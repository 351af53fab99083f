import type { AuthUser } from '../../trail/sign-in/auth-details.js';
import { actorOfUser } from '../actor-of-user.js';
import type { PassportRequest, StrategyLike } from './inside.js';

/** The account that an application's own user stands for; undefined for one that has no name of any kind. */
export function accountOf(user: unknown): AuthUser | undefined {
  if (typeof user === 'string' || typeof user === 'number') return { id: String(user) };
  const actor = actorOfUser(user);
  const id = actor?.id ?? actor?.username ?? actor?.email;
  return actor && id !== undefined ? { ...actor, id } : undefined;
}

/** Whether two accounts are one: ids are counted anew in each table, so that a name or an address may tell them apart. */
export function isSameAccount(one: AuthUser, other: AuthUser): boolean {
  return one.id === other.id && isNoOther(one.username, other.username) && isNoOther(one.email, other.email);
}

function isNoOther(one: string | null | undefined, other: string | null | undefined): boolean {
  return (one ?? other) === (other ?? one);
}

/** What was typed into the field that a strategy reads the name from. */
export function nameIn(
  { body, query }: PassportRequest,
  strategy: StrategyLike | undefined,
): string | undefined {
  const own = strategy && Reflect.get(strategy, '_usernameField');
  const field = typeof own === 'string' ? own : 'username';
  const given = memberOf(body, field) ?? memberOf(query, field);
  return typeof given === 'string' && given !== '' ? given : undefined;
}

/** A word that the application's own check gave as the reason; its messages may hold what was typed. */
export function whyIn(challenge: unknown): string | undefined {
  const why = memberOf(challenge, 'why');
  return typeof why === 'string' && /^\w{1,60}$/.test(why) ? why : undefined;
}

function memberOf(given: unknown, name: string): unknown {
  return typeof given === 'object' && given !== null ? Reflect.get(given, name) : undefined;
}
