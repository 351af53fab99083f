import type { KitAnswer, KitRequest, KitRoute } from '../http-binding.js';
import type { Desk } from './desk.js';

/** Signing in and out. */
export function signInRoutes(desk: Desk): readonly KitRoute[] {
  return [
    { method: 'POST', path: '/api/login', handler: (request) => signIn(desk, request) },
    { method: 'POST', path: '/api/logout', handler: () => signOut(desk) },
  ];
}

async function signIn({ audit }: Desk, { body }: KitRequest): Promise<KitAnswer> {
  const { name, password } = body as { readonly name: string; readonly password: string };
  if (password !== 'open sesame') {
    await audit.record({ action: 'LOGIN_FAILED', source: 'auth', outcome: 'failure' });
    return { status: 401, json: { detail: 'Wrong name or password.' } };
  }
  audit.setContext({ actor: { type: 'user', id: name } });
  await audit.record({ action: 'LOGIN_SUCCESS', source: 'auth' });
  return { json: { name } };
}

async function signOut({ audit }: Desk): Promise<KitAnswer> {
  await audit.record({ action: 'LOGOUT', source: 'auth' });
  return { status: 204 };
}
