import type { Role, User } from '../users/user.js';

/** Every record, or only those that are one's own. */
export type Reach = 'all' | 'own';
export type Doing = 'read' | 'create' | 'update' | 'delete';

/** Who may do what with one kind of record; whoever is not named may not. */
export type Rights = Readonly<Record<Doing, Readonly<Partial<Record<Role, Reach>>>>>;

const EVERYBODY: readonly Role[] = ['owner', 'dentist', 'hygienist', 'receptionist', 'patient'];
const TREATING: readonly Role[] = ['owner', 'dentist', 'hygienist'];
const OFFICE: readonly Role[] = ['owner', 'receptionist'];

/** What is clinical: of those who treat, and read by the patient it is about. */
export const CLINICAL = granted({ read: [TREATING, ['patient']], write: [TREATING] });
/** Money: of the office, and read by the patient it is about. */
export const MONEY = granted({ read: [OFFICE, ['patient']], write: [OFFICE] });
/** The supplies: of the office alone. */
export const OFFICE_ONLY = granted({ read: [OFFICE], write: [OFFICE] });
/** What the clinic offers: told to everybody, decided by the owner. */
export const OFFERED = granted({ read: [EVERYBODY], write: [['owner']] });
/** How the clinic is run. */
export const OWNER_ONLY = granted({ read: [['owner']], write: [['owner']] });
/** The calendar: of the owner and staff; patients see and book what is theirs, and leave the rest to the clinic. */
export const CALENDAR: Rights = {
  ...granted({ read: [[...TREATING, 'receptionist'], ['patient']], write: [[...TREATING, 'receptionist']] }),
  create: { ...all([...TREATING, 'receptionist']), patient: 'own' },
};
/** What patients say of themselves before they are treated: kept by the office, and read by those who treat. */
export const INTAKE: Rights = {
  read: { ...all([...TREATING, 'receptionist']), patient: 'own' },
  create: { ...all(OFFICE), patient: 'own' },
  update: { ...all(OFFICE), patient: 'own' },
  delete: all(OFFICE),
};
/** Who treats here: told to everybody, written by the owner, and by each of themselves. */
export const ABOUT_ONESELF: Rights = {
  ...OFFERED,
  create: { owner: 'all', dentist: 'own', hygienist: 'own' },
  update: { owner: 'all', dentist: 'own', hygienist: 'own' },
};

/** How far somebody's right reaches; undefined where they have none. */
export function reachOf(rights: Rights, doing: Doing, { role }: User): Reach | undefined {
  return rights[doing][role];
}

type Who = readonly [whole: readonly Role[], own?: readonly Role[]];

function granted({ read, write }: { readonly read: Who; readonly write: Who }): Rights {
  const writing = reaches(write);
  return { read: reaches(read), create: writing, update: writing, delete: writing };
}

function reaches([whole, own = []]: Who): Rights[Doing] {
  return { ...all(whole), ...Object.fromEntries(own.map((role) => [role, 'own' as const])) };
}

function all(roles: readonly Role[]): Partial<Record<Role, Reach>> {
  return Object.fromEntries(roles.map((role) => [role, 'all' as const]));
}
