import type { Conditions } from '../database/recorded-table.js';
import type { User, UserType } from './user.js';

/** The owner sees everybody, staff see colleagues and patients, a patient sees nobody else. */
export function readableUsers(by: User): Conditions<User> {
  if (by.user_type === 'owner') return {};
  return by.user_type === 'staff' ? { user_type: ['staff', 'patient'] } : { id: by.id };
}

export function mayReadUser(by: User, user: User): boolean {
  return (
    by.id === user.id || by.user_type === 'owner' || (by.user_type === 'staff' && user.user_type !== 'owner')
  );
}

/** Staff look after patients; only the owner decides about staff. */
export function mayWriteUser(by: User, userType: UserType): boolean {
  return by.user_type === 'owner' || (by.user_type === 'staff' && userType === 'patient');
}
