import type { User, UserType } from './user.js';

/** Whom somebody may see. */
export type Sight = 'everybody' | 'all-but-owners' | 'themselves';

/** The owner sees everybody, staff see colleagues and patients, a patient sees nobody else. */
export function sightOf(by: User): Sight {
  if (by.user_type === 'owner') return 'everybody';
  return by.user_type === 'staff' ? 'all-but-owners' : 'themselves';
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

/** Patients may close their own account. */
export function mayDeleteUser(by: User, user: User): boolean {
  return mayWriteUser(by, user.user_type) || (by.user_type === 'patient' && by.id === user.id);
}

/** Who keeps the addresses that the clinic writes to. */
export function mayVerifyEmail({ role }: User): boolean {
  return role === 'owner' || role === 'receptionist';
}

/** Who treats patients, and so writes what is clinical about them. */
function mayTreat({ role }: User): boolean {
  return role === 'owner' || role === 'dentist' || role === 'hygienist';
}

/** Patients read what is clinical about themselves. */
export function mayReadClinical(by: User, patient: number | undefined): boolean {
  return mayTreat(by) || by.id === patient;
}
