import Database from 'better-sqlite3';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

import { passwordOf } from '../src/made-up-life/people.js';
import { Client } from './client.js';
import { openForTests } from './running-clinic.js';

const clinic = await openForTests();

const NEWCOMER = {
  username: 'newcomer',
  email: 'newcomer@clinic.example',
  first_name: 'Nora',
  last_name: 'Newcomer',
  password: 'a-long-enough-one',
};

describe('signing in', () => {
  it('answers a token that opens what the account may see', async () => {
    const { status, body } = await clinic.anybody.post('/api/login/', {
      username: 'dentist',
      password: passwordOf('dentist'),
    });
    expect(status).toBe(200);
    expect(body['user']).toMatchObject({
      username: 'dentist',
      user_type: 'staff',
      role: 'dentist',
      is_active: true,
    });
    expect(body['user']).not.toHaveProperty('password_hash');
    const [event] = await clinic.trail('action=LOGIN_SUCCESS&user=dentist');
    expect(event).toMatchObject({
      outcome: 'success',
      source: 'auth',
      actor: { type: 'user', username: 'dentist', name: 'Dana Dentist', role: 'dentist' },
      target: { type: 'User', label: 'Dana Dentist' },
      ip_address: '127.0.0.1',
      request: { method: 'POST', path: '/api/login/', route: '/api/login' },
    });
  });

  it('accepts the token as Token as well as Bearer, and no other scheme', async () => {
    const dentist = await clinic.as('dentist');
    expect((await dentist.send('GET', `/api/users/${dentist.id}`, undefined, 'Token')).status).toBe(200);
    expect((await dentist.send('GET', `/api/users/${dentist.id}`, undefined, 'bearer')).status).toBe(200);
    expect((await dentist.send('GET', `/api/users/${dentist.id}`, undefined, 'Basic')).status).toBe(401);
  });

  it('P29: refuses a wrong password and names the account that was tried', async () => {
    const { status, headers, body } = await clinic.anybody.post('/api/login/', {
      username: 'RECEPTION',
      password: 'not-hers',
    });
    expect(status).toBe(401);
    expect(headers.get('content-type')).toContain('application/problem+json');
    expect(body).toMatchObject({ status: 401, title: 'Unauthorized' });
    const [event] = await clinic.trail('action=LOGIN_FAILED');
    expect(event).toMatchObject({
      outcome: 'failure',
      actor: { type: 'anonymous', id: null },
      target: { type: 'User', label: 'Robin Reception' },
      metadata: { username: 'reception', why: 'wrong_password' },
    });
  });

  it('P29: keeps only a keyed digest of a name that nobody has, since it may be a password', async () => {
    const typed = 'my-secret-passphrase';
    const { status } = await clinic.anybody.post('/api/login/', { username: typed, password: 'x' });
    expect(status).toBe(401);
    const [event] = await clinic.trail('action=LOGIN_FAILED');
    expect(event?.metadata).toEqual({
      username_digest: expect.stringMatching(/^hmac-sha256:[0-9a-f]{64}$/),
      why: 'unknown_user',
    });
    expect(JSON.stringify(event)).not.toContain(typed);
  });

  it('refuses an account that has been deactivated, and ends its sessions', async () => {
    const owner = await clinic.as('owner');
    const crown = await clinic.anybody.signIn('crown', passwordOf('crown'));
    expect((await owner.post(`/api/users/${crown.id}/deactivate/`)).status).toBe(200);
    expect((await crown.get(`/api/users/${crown.id}/`)).status).toBe(401);
    await expect(clinic.anybody.signIn('crown', passwordOf('crown'))).rejects.toThrow('cannot sign in');
    const [event] = await clinic.trail('action=LOGIN_FAILED');
    expect(event?.metadata).toEqual({ username: 'crown', why: 'inactive' });
    expect((await owner.post(`/api/users/${crown.id}/activate/`)).body).toMatchObject({ is_active: true });
    expect((await clinic.anybody.signIn('crown', passwordOf('crown'))).id).toBe(crown.id);
  });

  it('ends a session at the logout, and by itself after twelve hours', async () => {
    const bridge = await clinic.anybody.signIn('bridge', passwordOf('bridge'));
    expect((await bridge.post('/api/logout/')).status).toBe(204);
    expect((await bridge.get('/api/appointments/')).status).toBe(401);
    const [event] = await clinic.trail('action=LOGOUT');
    expect(event).toMatchObject({ actor: { username: 'bridge' }, subject_id: String(bridge.id) });

    const again = await clinic.anybody.signIn('bridge', passwordOf('bridge'));
    const db = new Database(join(clinic.dataDir, 'clinic.db'));
    const left = db.prepare('SELECT max(expires_at) AS at FROM sessions').get() as { at: number };
    expect(Math.abs(left.at - Date.now() - 12 * 3_600_000)).toBeLessThan(60_000);
    db.prepare('UPDATE sessions SET expires_at = ? WHERE user_id = ?').run(Date.now() - 1, again.id);
    db.close();
    expect((await again.get('/api/appointments/')).status).toBe(401);
  });

  it('refuses a request without a token, and the trail shows the attempt', async () => {
    const { status, headers } = await clinic.anybody.get('/api/users/');
    expect(status).toBe(401);
    expect(headers.get('www-authenticate')).toBe('Bearer');
    const [event] = await clinic.trail('action=ACCESS_DENIED');
    expect(event).toMatchObject({
      outcome: 'denied',
      actor: { type: 'anonymous' },
      request: { method: 'GET', path: '/api/users/', status_code: 401 },
    });
  });
});

describe('a token', () => {
  it('is refreshed: the new one goes on with the session, and the old one ends', async () => {
    const old = await clinic.anybody.signIn('floss', passwordOf('floss'));
    const { status, headers, body } = await old.post('/api/token/refresh/');
    expect([status, body['user']]).toMatchObject([200, { username: 'floss' }]);
    expect((await old.get('/api/appointments/')).status).toBe(401);
    expect((await old.post('/api/token/refresh/')).status).toBe(401);
    const fresh = new Client(old.url, String(body['token']), old.id);
    expect((await fresh.get('/api/appointments/')).status).toBe(200);

    const [signIn] = await clinic.trail(`action=LOGIN_SUCCESS&user_id=${old.id}`);
    expect(await clinic.toldOf(headers)).toMatchObject([
      {
        action: 'TOKEN_REFRESH',
        outcome: 'success',
        actor: { name: 'Flora Floss' },
        target: { type: 'User', id: String(old.id) },
        sessionId: signIn?.['session_id'],
      },
    ]);
    const [denied] = await clinic.trail('action=ACCESS_DENIED');
    expect(denied).toMatchObject({ target: null, metadata: { attempted: 'TOKEN_REFRESH' } });
  });

  it('is refreshed once, though it is sent twice at the same time', async () => {
    const old = await clinic.anybody.signIn('floss', passwordOf('floss'));
    const both = await Promise.all([old.post('/api/token/refresh/'), old.post('/api/token/refresh/')]);
    expect(both.map(({ status }) => String(status)).sort()).toEqual(['200', '401']);
  });
});

describe('the cookie of a sign-in', () => {
  const own = { Origin: clinic.anybody.url };

  async function signIn(): Promise<string> {
    const { headers } = await clinic.anybody.post('/api/login/', {
      username: 'molar',
      password: passwordOf('molar'),
    });
    const [cookie = ''] = headers.getSetCookie();
    expect(cookie).toMatch(/^clinic_session=[\w-]{43}; Max-Age=43200; Path=\/; .*HttpOnly; SameSite=Lax$/);
    return cookie.split(';')[0] ?? '';
  }

  function ask(path: string, method: string, headers: Record<string, string>): Promise<Response> {
    return fetch(`${clinic.anybody.url}${path}`, { method, headers });
  }

  it('opens what the token opens, until the logout takes it back', async () => {
    const Cookie = await signIn();
    expect((await ask('/api/appointments/', 'GET', { Cookie })).status).toBe(200);
    const out = await ask('/api/logout/', 'POST', { Cookie, ...own });
    expect(out.status).toBe(204);
    expect(out.headers.getSetCookie()[0]).toMatch(/^clinic_session=; .*Expires=Thu, 01 Jan 1970/);
    expect((await ask('/api/appointments/', 'GET', { Cookie })).status).toBe(401);
  });

  it('changes nothing for a page of another site, and the trail shows the attempt', async () => {
    const Cookie = await signIn();
    for (const headers of [{}, { Origin: 'https://elsewhere.example' }, { Origin: 'null' }]) {
      const answer = await ask('/api/appointments/1/complete/', 'POST', { Cookie, ...headers });
      expect(answer.status).toBe(403);
      expect(await clinic.toldOf(answer.headers)).toMatchObject([
        { action: 'ACCESS_DENIED', actor: { username: 'molar' } },
      ]);
    }
    expect((await ask('/api/appointments/999999/complete/', 'POST', { Cookie, ...own })).status).toBe(404);
  });

  it('counts for nothing beside a token, be that good or not', async () => {
    const Cookie = await signIn();
    const Authorization = 'Bearer not-a-token-that-anybody-has';
    expect((await ask('/api/appointments/', 'GET', { Cookie, Authorization })).status).toBe(401);
    const token = (await clinic.as('molar')).token ?? '';
    const both = { Cookie, Authorization: `Token ${token}` };
    expect((await ask('/api/appointments/999999/complete/', 'POST', both)).status).toBe(404);
  });
});

describe('registering', () => {
  it('makes a patient, who is signed in at once', async () => {
    const { status, body } = await clinic.anybody.post('/api/register/', NEWCOMER);
    expect(status).toBe(201);
    expect(body['user']).toMatchObject({ username: 'newcomer', user_type: 'patient', role: 'patient' });
    const { id } = body['user'] as { id: number };
    const events = await clinic.trail(`object_id=${id}&model=User`);
    expect(events.map(({ action, actor }) => [action, actor.type])).toEqual([
      ['LOGIN_SUCCESS', 'user'],
      ['CREATE', 'anonymous'],
    ]);
    expect(events[1]).toMatchObject({
      subject_id: String(id),
      before: null,
      after: { username: 'newcomer', password_hash: '[redacted]' },
    });
  });

  it('cannot be used to become anything else', async () => {
    const more = { ...NEWCOMER, username: 'climber', email: 'climber@clinic.example' };
    for (const forbidden of [{ role: 'owner' }, { user_type: 'staff' }, { is_active: true }, { id: 1 }]) {
      const { status, body } = await clinic.anybody.post('/api/register/', { ...more, ...forbidden });
      expect(status).toBe(400);
      expect(body['errors']).toMatchObject([{ field: Object.keys(forbidden)[0] }]);
    }
  });

  it('refuses a name that is taken, and the trail shows the failure', async () => {
    const taken = { ...NEWCOMER, username: 'Dentist', email: 'another@clinic.example' };
    const { status, body } = await clinic.anybody.post('/api/register/', taken);
    expect(status).toBe(409);
    expect(body['errors']).toEqual([{ field: 'username', message: 'is taken' }]);
    const refused = await clinic.trail('action=CREATE&outcome=failure');
    expect(refused).toMatchObject([
      {
        target: { type: 'User', id: null },
        operation: 'User.create',
        actor: { type: 'anonymous' },
        request: { path: '/api/register/' },
        error: { code: 'SQLITE_CONSTRAINT_UNIQUE' },
      },
    ]);
  });

  it('names every field that is wrong', async () => {
    const { status, body } = await clinic.anybody.post('/api/register/', {
      username: 'a b',
      password: 'short',
    });
    expect(status).toBe(400);
    const fields = (body['errors'] as { field: string }[]).map(({ field }) => field);
    expect(fields.sort()).toEqual(['email', 'first_name', 'last_name', 'password', 'username']);
  });
});
