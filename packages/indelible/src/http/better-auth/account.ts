import type { AuthUser } from '../../trail/sign-in/auth-details.js';
import { type Call, type Row, textIn } from './call.js';

/** A row of better-auth's users as an account. */
export function accountOf(row: Row): AuthUser {
  return {
    id: String(row['id']),
    username: textIn(row, 'username'),
    email: textIn(row, 'email'),
    name: textIn(row, 'name'),
    role: textIn(row, 'role'),
  };
}

/** The account under the name it signs in by, which is its e-mail address where it has no other. */
export function namedAccount(row: Row): AuthUser {
  const account = accountOf(row);
  return { ...account, username: account.username ?? account.email };
}

/** What was typed as the name. */
export function attemptedName(call: Call): string | undefined {
  return textIn(call.body, nameFieldOf(call));
}

/** The user whom a name belongs to, by one question, so that the time it takes does not tell which names exist. */
export async function findByName(call: Call): Promise<Row | undefined> {
  const { context } = call;
  const [field, name] = [nameFieldOf(call), attemptedName(call)];
  if (name === undefined) return undefined;
  if (field === 'email') return (await context.internalAdapter.findUserByEmail(name.toLowerCase()))?.user;
  const where = [name, name.toLowerCase()].map((value) => ({ field, value, connector: 'OR' as const }));
  return ((await context.adapter.findOne({ model: 'user', where })) as Row | null) ?? undefined;
}

/** An endpoint looks at one of them; anything may be sent beside it. */
function nameFieldOf({ path }: Call): 'email' | 'username' | 'phoneNumber' {
  if (path === '/sign-in/username') return 'username';
  return path?.includes('/phone-number') ? 'phoneNumber' : 'email';
}

/** The user of an id: whoever is signed in, or as the database has him, or, when he is gone, his id alone. */
export async function findById(call: Call | undefined, id: unknown): Promise<AuthUser> {
  const text = String(id);
  const signedIn = call?.context.session?.user ?? call?.context.newSession?.user;
  if (signedIn?.['id'] === id) return accountOf(signedIn as Row);
  const row = await call?.context.internalAdapter.findUserById(text);
  return row ? accountOf(row) : { id: text };
}
