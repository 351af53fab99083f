import type { NewUser } from '../users/input.js';
import type { Role } from '../users/user.js';

/** People who exist nowhere: every name says so, and every password is the name with `-demo`. */
const PEOPLE: readonly (readonly [username: string, name: string, role: Role])[] = [
  ['owner', 'Orla Owner', 'owner'],
  ['dentist', 'Dana Dentist', 'dentist'],
  ['reception', 'Robin Reception', 'receptionist'],
  ['patient', 'Pat Patient', 'patient'],
  ['molar', 'Max Molar', 'dentist'],
  ['floss', 'Flora Floss', 'hygienist'],
  ['incisor', 'Ina Incisor', 'patient'],
  ['canine', 'Carlo Canine', 'patient'],
  ['bicuspid', 'Bess Bicuspid', 'patient'],
  ['wisdom', 'Wanda Wisdom', 'patient'],
  ['bridge', 'Bruno Bridge', 'patient'],
  ['crown', 'Cara Crown', 'patient'],
];

/** The accounts that a visitor is told about. */
export const DEMO_ACCOUNTS = ['owner', 'dentist', 'reception', 'patient'] as const;

export function passwordOf(username: string): string {
  return `${username}-demo`;
}

const FIRST = ['Ada', 'Ben', 'Cleo', 'Dov', 'Eda', 'Finn', 'Gita', 'Hugo', 'Iris', 'Jon', 'Kaja', 'Levi'];
const LAST = ['Enamel', 'Dentine', 'Gum', 'Pulp', 'Root', 'Plaque', 'Bracket', 'Inlay', 'Retainer', 'Veneer'];

/** Further patients, who have never signed in: they have no password. */
export function morePatients(count: number): Omit<NewUser, 'password'>[] {
  return Array.from({ length: count }, (_, at) => {
    const first_name = FIRST[at % FIRST.length] ?? '';
    const last_name = LAST[Math.floor(at / FIRST.length) % LAST.length] ?? '';
    const username = `${first_name}.${last_name}${at >= FIRST.length * LAST.length ? at : ''}`.toLowerCase();
    const email = `${username}@clinic.example`;
    return { username, email, first_name, last_name, role: 'patient', is_active: true };
  });
}

export function madeUpPeople(): NewUser[] {
  return PEOPLE.map(([username, name, role]) => {
    const [first_name = '', last_name = ''] = name.split(' ');
    const email = `${username}@clinic.example`;
    return { username, email, first_name, last_name, role, is_active: true, password: passwordOf(username) };
  });
}
