import { type Actor, ACTOR_TYPES, type ActorType } from '../event/event.js';
import { idText, isFields } from '../reads/shown.js';

/** The actor that an application's own user stands for, by the names most of them have; undefined for no user. */
export function actorOfUser(user: unknown): Actor | undefined {
  if (!isFields(user)) return undefined;
  const id = idText(user['id'] ?? user['sub'] ?? user['userId'] ?? user['user_id'] ?? user['_id']);
  const username = textOf(user['username'] ?? user['preferred_username'] ?? user['login']);
  const email = textOf(user['email']);
  if (id === undefined && username === undefined && email === undefined) return undefined;
  return {
    type: isActorType(user['type']) ? user['type'] : 'user',
    id,
    username,
    email,
    name: textOf(user['name'] ?? user['displayName'] ?? user['fullName']),
    role: roleOf(user['role'] ?? user['roles']),
  };
}

function isActorType(type: unknown): type is ActorType {
  return ACTOR_TYPES.some((known) => known === type);
}

function roleOf(role: unknown): string | undefined {
  return Array.isArray(role) ? textOf(role.filter((one) => typeof one === 'string').join(' ')) : textOf(role);
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
