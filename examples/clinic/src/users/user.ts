import type { Actor } from 'indelible';

import type { RecordedDatabase } from '../database/recorded-database.js';
import { RecordedTable } from '../database/recorded-table.js';

const STAFF_ROLES = ['dentist', 'hygienist', 'receptionist'] as const;
export const ROLES = ['owner', ...STAFF_ROLES, 'patient'] as const;
export const USER_TYPES = ['owner', 'staff', 'patient'] as const;
export type Role = (typeof ROLES)[number];
export type UserType = (typeof USER_TYPES)[number];

export interface User {
  readonly id: number;
  readonly username: string;
  readonly email: string;
  readonly first_name: string;
  readonly last_name: string;
  readonly user_type: UserType;
  readonly role: Role;
  readonly is_active: 0 | 1;
  readonly password_hash: string;
  readonly created_at: string;
  readonly updated_at: string;
}

export type UserTable = RecordedTable<User>;

export function openUserTable(database: RecordedDatabase): UserTable {
  return new RecordedTable<User>(database, {
    name: 'User',
    table: 'users',
    order: 'id',
    describe: (user) => ({ label: fullName(user), ...subjectOf(user) }),
  });
}

/** Only a patient is somebody whose records are kept. */
function subjectOf(user: User): { subjectId?: string; subjectLabel?: string } {
  return user.user_type === 'patient' ? { subjectId: String(user.id), subjectLabel: fullName(user) } : {};
}

export function userTypeOf(role: Role): UserType {
  return role === 'owner' || role === 'patient' ? role : 'staff';
}

export function fullName(user: User): string {
  return `${user.first_name} ${user.last_name}`;
}

/** Who acts, as they are now: the trail keeps this when the account is changed or gone. */
export function actorOf(user: User): Actor {
  return {
    type: 'user',
    id: String(user.id),
    username: user.username,
    email: user.email,
    name: fullName(user),
    role: user.role,
  };
}

/** A user as the API shows them. */
export function userAnswer(user: User): object {
  const { id, username, email, first_name, last_name, user_type, role } = user;
  return { id, username, email, first_name, last_name, user_type, role, is_active: user.is_active === 1 };
}
