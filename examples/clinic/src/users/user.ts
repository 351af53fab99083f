import type { Actor } from 'indelible';
import type { Generated } from 'kysely';

import type { About, AboutAccount } from '../audit.js';
import type { Flag, Kept, Row } from '../database/tables.js';

const STAFF_ROLES = ['dentist', 'hygienist', 'receptionist'] as const;
export const ROLES = ['owner', ...STAFF_ROLES, 'patient'] as const;
export const USER_TYPES = ['owner', 'staff', 'patient'] as const;
export type Role = (typeof ROLES)[number];
export type UserType = (typeof USER_TYPES)[number];

export interface UserTable extends Kept {
  /** Names and addresses that differ in capitals alone are the same. */
  username: string;
  email: string;
  first_name: string;
  last_name: string;
  user_type: UserType;
  role: Role;
  is_active: Flag;
  email_verified: Generated<Flag>;
  /** Hidden in the trail by its name. */
  password_hash: string;
}

export type User = Row<'users'>;

type Fields<K extends keyof User> = Readonly<Record<K, unknown>>;

export function userLabel({ first_name, last_name }: Fields<'first_name' | 'last_name'>): string {
  return `${String(first_name)} ${String(last_name)}`;
}

/** Only a patient is somebody whose records are kept. */
export function userSubject({ id, user_type }: Fields<'id' | 'user_type'>): string | undefined {
  return user_type === 'patient' ? String(id) : undefined;
}

/** What an event says of somebody it is about. */
export function aboutUser(user: User): About {
  const label = userLabel(user);
  const subjectId = userSubject(user);
  return {
    target: { type: 'User', id: String(user.id), label },
    subjectId,
    subjectLabel: subjectId && label,
  };
}

export function userTypeOf(role: Role): UserType {
  return role === 'owner' || role === 'patient' ? role : 'staff';
}

/** What an event of signing in says of somebody's account. */
export function aboutAccount(user: User): AboutAccount {
  const { subjectId, subjectLabel } = aboutUser(user);
  return { user: identityOf(user), subjectId, subjectLabel };
}

/** Who acts, as they are now: the trail keeps this when the account is changed or gone. */
export function actorOf(user: User): Actor {
  return { type: 'user', ...identityOf(user) };
}

function identityOf(user: User): AboutAccount['user'] {
  const { id, username, email, role } = user;
  return { id: String(id), username, email, name: userLabel(user), role };
}

/** A user as the API shows them. */
export function userAnswer(user: User): UserAnswer {
  const { id, username, email, first_name, last_name, user_type, role } = user;
  const is_active = user.is_active === 1;
  const email_verified = user.email_verified === 1;
  return { id, username, email, first_name, last_name, user_type, role, is_active, email_verified };
}

export interface UserAnswer extends Omit<
  User,
  'is_active' | 'email_verified' | 'password_hash' | keyof Kept
> {
  readonly id: number;
  readonly is_active: boolean;
  readonly email_verified: boolean;
}
