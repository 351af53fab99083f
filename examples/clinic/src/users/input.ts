import { z } from 'zod';

import { Problem, type FieldError } from '../problem.js';
import { ROLES, type Role, USER_TYPES, type User, userAnswer, type UserType, userTypeOf } from './user.js';

const name = z.string().trim().min(1).max(100);
const identity = {
  username: z.string().regex(/^[\w.@+-]{1,150}$/, 'may hold letters, digits and . @ + - _ only'),
  email: z.email().max(254),
  first_name: name,
  last_name: name,
};
const password = z.string().min(8).max(200);

/** Somebody who makes an account of their own: always a patient. */
export const Registration = z.strictObject({
  ...identity,
  password,
  user_type: z.literal('patient').optional(),
  role: z.literal('patient').optional(),
});
export type Registration = z.infer<typeof Registration>;

export const NewUser = z.strictObject({
  ...identity,
  password,
  user_type: z.enum(USER_TYPES).optional(),
  role: z.enum(ROLES).optional(),
  is_active: z.boolean().default(true),
});
export type NewUser = z.infer<typeof NewUser>;

/** Shown by every GET and changed by actions of their own: accepted as they are, so that a GET can be PUT back. */
const fixed = {
  id: z.number().optional(),
  user_type: z.enum(USER_TYPES).optional(),
  role: z.enum(ROLES).optional(),
  is_active: z.boolean().optional(),
  email_verified: z.boolean().optional(),
};
export const UserReplacement = z.strictObject({ ...identity, ...fixed });
export const UserChanges = UserReplacement.partial();
export type UserChanges = z.infer<typeof UserChanges>;

export const RoleChange = z.strictObject({
  role: z.enum(ROLES),
  reason: z.string().trim().min(1).max(1000).optional(),
});
export const PasswordChange = z.strictObject({
  current_password: z.string().optional(),
  new_password: password,
});
export type PasswordChange = z.infer<typeof PasswordChange>;

/** Type and role of a new account: one follows from the other, save that staff need their role named. */
export function standing(input: Pick<NewUser, 'user_type' | 'role'>): { user_type: UserType; role: Role } {
  const role = input.role ?? (input.user_type === 'staff' ? undefined : (input.user_type ?? 'patient'));
  const userType = role && userTypeOf(role);
  if (role === undefined || userType === undefined || (input.user_type ?? userType) !== userType) {
    const message = 'must be dentist, hygienist or receptionist for staff, and the user type for others';
    throw new Problem(400, `role ${message}.`, [{ field: 'role', message }]);
  }
  return { user_type: userType, role };
}

const CHANGED_BY = {
  id: 'cannot be changed',
  user_type: 'is changed by change_role',
  role: 'is changed by change_role',
  is_active: 'is changed by activate and deactivate',
  email_verified: 'is changed by verify_email',
};

type Written = Partial<Pick<User, 'username' | 'email' | 'first_name' | 'last_name' | 'email_verified'>>;

/** What is left to write once the fixed members have been found unchanged. Another address is not verified yet. */
export function changesOf(
  { id, user_type, role, is_active, email_verified, ...changes }: UserChanges,
  user: User,
): Written {
  const now = userAnswer(user);
  const errors: FieldError[] = Object.entries({ id, user_type, role, is_active, email_verified })
    .filter(([field, given]) => given !== undefined && given !== now[field as keyof typeof now])
    .map(([field]) => ({ field, message: CHANGED_BY[field as keyof typeof CHANGED_BY] }));
  if (errors.length > 0)
    throw new Problem(400, errors.map(({ field, message }) => `${field} ${message}.`).join(' '), errors);
  const isAnother = changes.email !== undefined && changes.email !== now.email;
  return (isAnother ? { ...changes, email_verified: 0 } : changes) as Written;
}
