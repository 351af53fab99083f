import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';

import Database from 'better-sqlite3';
import { betterAuth, type BetterAuthOptions } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { admin, genericOAuth, twoFactor, username } from 'better-auth/plugins';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';

import {
  openTestTrail,
  removeTemporaryFolders,
  temporaryFolder,
  type TestTrail,
  type TestTrailOptions,
} from '../../test/test-trail.js';
import { auditBetterAuth } from '../better-auth.js';
import type { AuditEvent } from '../event/event.js';

const ORIGIN = 'http://localhost:3000';
const PASSWORD = 'a good long password';
const ANNA = { name: 'Anna Example', email: 'anna@example.org', password: PASSWORD };

/** A browser: it keeps cookies. */
class Browser {
  readonly #handler: (request: Request) => Promise<Response>;
  readonly #cookies = new Map<string, string>();

  constructor(handler: (request: Request) => Promise<Response>) {
    this.#handler = handler;
  }

  get cookies(): string[] {
    return [...this.#cookies.keys()];
  }

  async send(method: string, url: string, body?: object): Promise<Response> {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await this.#handler(
      new Request(new URL(url, ORIGIN), {
        method,
        headers: { 'content-type': 'application/json', 'user-agent': 'a browser', origin: ORIGIN, cookie },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      }),
    );
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (value === '' || /max-age=0/i.test(line)) this.#cookies.delete(name);
      else this.#cookies.set(name, value);
    }
    return response;
  }

  post(endpoint: string, body: object = {}): Promise<Response> {
    return this.send('POST', `/api/auth${endpoint}`, body);
  }
}

interface Bed {
  readonly trail: TestTrail;
  readonly browser: Browser;
  readonly db: Database.Database;
  /** What better-auth would have sent by mail. */
  readonly links: string[];
  readonly newBrowser: () => Browser;
  readonly signUp: (person?: object) => Promise<string>;
  /** The events told since the last look, without those of the start. */
  readonly told: () => Promise<AuditEvent[]>;
}

const open: { readonly trail: TestTrail; readonly db: Database.Database }[] = [];

afterEach(async () => {
  for (const { trail, db } of open.splice(0)) {
    trail.store.recover();
    await trail.audit.close();
    db.close();
  }
});
afterAll(removeTemporaryFolders);

type OtherPlugins = NonNullable<BetterAuthOptions['plugins']>;

async function openBed(
  options: Partial<BetterAuthOptions> = {},
  trailOptions: TestTrailOptions = {},
  others: OtherPlugins = [],
): Promise<Bed> {
  const trail = openTestTrail({ deadlineMs: 200, ...trailOptions });
  const db = new Database(path.join(temporaryFolder(), 'auth.db'));
  open.push({ trail, db });
  const links: string[] = [];
  const config = {
    database: db,
    baseURL: ORIGIN,
    secret: 'a secret for these tests, long enough',
    telemetry: { enabled: false },
    logger: { disabled: true },
    rateLimit: { enabled: false },
    emailAndPassword: {
      enabled: true,
      sendResetPassword: async ({ token }: { token: string }) => void links.push(token),
    },
    emailVerification: { sendVerificationEmail: async ({ url }: { url: string }) => void links.push(url) },
    ...options,
    plugins: [...others, auditBetterAuth(trail.audit)],
  } satisfies BetterAuthOptions;
  const { runMigrations } = await getMigrations(config);
  await runMigrations();
  const auth = betterAuth(config);
  const newBrowser = (): Browser => new Browser((request) => auth.handler(request));
  const browser = newBrowser();
  let seen = 0;
  const told = async (): Promise<AuditEvent[]> => {
    await trail.audit.flush();
    const all = (await trail.stored()).filter(({ action }) => !action.startsWith('AUDIT_'));
    return all.slice(seen, (seen = all.length));
  };
  const signUp = async (person: object = ANNA): Promise<string> => {
    const response = await browser.post('/sign-up/email', person);
    expect(response.status).toBe(200);
    const { user } = (await response.json()) as { user: { id: string } };
    return user.id;
  };
  return { trail, browser, db, links, newBrowser, signUp, told };
}

const shown = (events: readonly AuditEvent[]): string[] =>
  events.map(
    ({ action, actor, target }) =>
      `${action} by ${actor.username ?? actor.email ?? actor.type} of ${target?.label ?? 'nothing'}`,
  );

describe('better-auth with an e-mail address and a password', () => {
  it('tells a sign-up as a new account and a sign-in', async () => {
    const { signUp, told } = await openBed();
    const id = await signUp();
    const [activated, login, ...more] = await told();
    expect(more).toEqual([]);
    expect(activated).toMatchObject({
      action: 'ACCOUNT_ACTIVATED',
      source: 'auth',
      actor: { type: 'anonymous' },
      target: { type: 'User', id, label: 'Anna Example' },
      metadata: { signed_up: true, method: 'password' },
      request: { method: 'POST', path: '/api/auth/sign-up/email', userAgent: 'a browser', ip: null },
    });
    expect(login).toMatchObject({
      action: 'LOGIN_SUCCESS',
      actor: { type: 'user', id, email: 'anna@example.org', name: 'Anna Example' },
      target: { type: 'User', id },
      metadata: { method: 'password' },
    });
  });

  it('tells signing in and out, with the session and never its token', async () => {
    const { signUp, told, browser, db } = await openBed();
    await signUp();
    await browser.post('/sign-out');
    await told();
    expect((await browser.post('/sign-in/email', { email: ANNA.email, password: PASSWORD })).status).toBe(
      200,
    );
    const session = db.prepare('SELECT id, token FROM session').get() as { id: string; token: string };
    expect((await browser.post('/sign-out')).status).toBe(200);
    const events = await told();
    expect(shown(events)).toEqual([
      'LOGIN_SUCCESS by anna@example.org of Anna Example',
      'LOGOUT by anna@example.org of Anna Example',
    ]);
    expect(events.map(({ sessionId }) => sessionId)).toEqual([session.id, session.id]);
    expect(events[1]?.metadata).toBeNull();
    expect(JSON.stringify(events)).not.toContain(session.token);
    expect(JSON.stringify(events)).not.toContain(PASSWORD);
  });

  it('P29: tells a wrong password under the name of the account', async () => {
    const { signUp, told, newBrowser } = await openBed();
    const id = await signUp();
    await told();
    const response = await newBrowser().post('/sign-in/email', {
      email: 'ANNA@example.org',
      password: 'wrong password',
    });
    expect(response.status).toBe(401);
    expect(await told()).toMatchObject([
      {
        action: 'LOGIN_FAILED',
        outcome: 'failure',
        actor: { type: 'anonymous' },
        target: { type: 'User', id, label: 'Anna Example' },
        metadata: { username: 'anna@example.org', why: 'wrong_password', method: 'password' },
        request: { path: '/api/auth/sign-in/email', query: null, body: null },
      },
    ]);
  });

  it('P29: tells an unknown address, or a password in its place, by a digest only', async () => {
    const { told, browser, trail } = await openBed();
    for (const email of ['nobody@example.org', 'my secret Passw0rd'])
      expect(
        (await browser.post('/sign-in/email', { email, password: 'wrong password' })).status,
      ).toBeGreaterThan(399);
    const events = await told();
    expect(
      events.map(({ metadata, target }) => [metadata?.['why'], metadata?.['username_digest'], target]),
    ).toEqual([
      ['unknown_user', expect.stringMatching(/^hmac-sha256:/), null],
      ['invalid_email', expect.stringMatching(/^hmac-sha256:/), null],
    ]);
    expect(JSON.stringify(await trail.stored())).not.toMatch(/nobody@example|Passw0rd/);
  });

  it('tells a refusal for an address that was never verified', async () => {
    const { told, browser, newBrowser } = await openBed({
      emailAndPassword: { enabled: true, requireEmailVerification: true },
    });
    await browser.post('/sign-up/email', ANNA);
    expect(shown(await told())).toEqual(['ACCOUNT_ACTIVATED by anonymous of Anna Example']);
    expect(
      (await newBrowser().post('/sign-in/email', { email: ANNA.email, password: PASSWORD })).status,
    ).toBe(403);
    expect(await told()).toMatchObject([{ action: 'LOGIN_FAILED', metadata: { why: 'email_not_verified' } }]);
  });

  it('tells a changed password, and the sessions that it ends', async () => {
    const { signUp, told, browser, newBrowser } = await openBed();
    await signUp();
    await newBrowser().post('/sign-in/email', { email: ANNA.email, password: PASSWORD });
    await told();
    const body = {
      currentPassword: PASSWORD,
      newPassword: 'another good password',
      revokeOtherSessions: true,
    };
    expect((await browser.post('/change-password', body)).status).toBe(200);
    const events = await told();
    expect(shown(events).toSorted()).toEqual([
      'LOGOUT by anna@example.org of Anna Example',
      'LOGOUT by anna@example.org of Anna Example',
      'PASSWORD_CHANGE by anna@example.org of Anna Example',
      'TOKEN_REFRESH by anna@example.org of Anna Example',
    ]);
    expect(events.filter(({ action }) => action === 'LOGOUT').map(({ metadata }) => metadata)).toEqual([
      { why: 'revoked' },
      { why: 'revoked' },
    ]);
    expect(JSON.stringify(events)).not.toContain('another good password');
  });

  it('tells a password that was reset, of whom, and by nobody who is known', async () => {
    const { signUp, told, links, newBrowser } = await openBed();
    const id = await signUp();
    await told();
    const stranger = newBrowser();
    await stranger.post('/request-password-reset', { email: ANNA.email });
    const response = await stranger.post('/reset-password', {
      token: links[0],
      newPassword: 'another good password',
    });
    expect(response.status).toBe(200);
    const events = await told();
    expect(events).toMatchObject([
      { action: 'PASSWORD_CHANGE', actor: { type: 'anonymous' }, target: { id, label: 'Anna Example' } },
    ]);
    expect(JSON.stringify(events)).not.toContain(links[0]);
  });

  it('tells an address that was verified, without the token of the link', async () => {
    const { signUp, told, links, browser, newBrowser } = await openBed();
    const id = await signUp();
    await browser.post('/send-verification-email', { email: ANNA.email });
    await told();
    const response = await newBrowser().send('GET', links[0] ?? '');
    expect(response.status).toBeLessThan(400);
    const events = await told();
    expect(events).toMatchObject([{ action: 'EMAIL_VERIFIED', target: { id } }]);
    expect(JSON.stringify(events)).not.toContain(new URL(links[0] ?? '').searchParams.get('token'));
  });

  it('tells a session that goes on, and one that has expired', async () => {
    const { signUp, told, browser, db } = await openBed();
    await signUp();
    await told();
    const [session] = db.prepare('SELECT id FROM session').all() as { id: string }[];
    const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString();
    db.prepare('UPDATE session SET expiresAt = ?').run(inDays(2));
    await browser.send('GET', '/api/auth/get-session');
    expect(await told()).toMatchObject([
      {
        action: 'TOKEN_REFRESH',
        actor: { email: ANNA.email },
        sessionId: session?.id,
        target: { label: 'Anna Example' },
      },
    ]);
    await browser.send('GET', '/api/auth/get-session');
    expect(await told()).toEqual([]);
    db.prepare('UPDATE session SET expiresAt = ?').run(inDays(-1));
    await browser.send('GET', '/api/auth/get-session');
    expect(await told()).toMatchObject([
      { action: 'LOGOUT', sessionId: session?.id, metadata: { why: 'expired' } },
    ]);
  });

  it('tells sessions that somebody revokes, one event each', async () => {
    const { signUp, told, browser, newBrowser } = await openBed();
    await signUp();
    for (let n = 0; n < 2; n += 1)
      await newBrowser().post('/sign-in/email', { email: ANNA.email, password: PASSWORD });
    await told();
    expect((await browser.post('/revoke-other-sessions')).status).toBe(200);
    expect((await told()).map(({ action, metadata }) => [action, metadata?.['why']])).toEqual([
      ['LOGOUT', 'revoked'],
      ['LOGOUT', 'revoked'],
    ]);
  });

  it('tells who was kept away from what needs a session', async () => {
    const { told, newBrowser } = await openBed();
    expect(
      (await newBrowser().post('/change-password', { currentPassword: 'x', newPassword: 'y' })).status,
    ).toBe(401);
    expect(await told()).toMatchObject([
      {
        action: 'ACCESS_DENIED',
        outcome: 'denied',
        source: 'auth',
        actor: { type: 'anonymous' },
        metadata: { attempted: '/change-password', why: 'unauthorized' },
      },
    ]);
  });

  it('P24: tells an account that somebody deletes himself', async () => {
    const { signUp, told, browser } = await openBed({ user: { deleteUser: { enabled: true } } });
    await signUp();
    await told();
    expect((await browser.post('/delete-user', { password: PASSWORD })).status).toBe(200);
    const events = await told();
    expect(shown(events).toSorted()).toEqual([
      'ACCOUNT_DEACTIVATED by anna@example.org of Anna Example',
      'LOGOUT by anna@example.org of Anna Example',
    ]);
    expect(events.find(({ action }) => action === 'ACCOUNT_DEACTIVATED')?.metadata).toEqual({
      deleted: true,
    });
  });
});

describe('better-auth with its plugins', () => {
  it('P29: tells user names of accounts, and of nobody by a digest', async () => {
    const { signUp, told, newBrowser } = await openBed({}, {}, [username()]);
    await signUp({ ...ANNA, username: 'Anna' });
    await told();
    const visitor = newBrowser();
    for (const [name, password] of [
      ['ANNA', PASSWORD],
      ['ANNA', 'wrong password'],
      ['nobody', PASSWORD],
    ])
      await visitor.post('/sign-in/username', { username: name, password });
    expect((await told()).map(({ action, metadata }) => [action, metadata])).toEqual([
      ['LOGIN_SUCCESS', { method: 'password' }],
      ['LOGIN_FAILED', { method: 'password', username: 'anna', why: 'wrong_password' }],
      ['LOGIN_FAILED', { method: 'password', username_digest: expect.any(String), why: 'unknown_user' }],
    ]);
  });

  it('tells no sign-in before the second factor, and one after it', async () => {
    const codes: string[] = [];
    const sendOTP = async ({ otp }: { otp: string }): Promise<void> => void codes.push(otp);
    const { signUp, told, browser, newBrowser } = await openBed({}, {}, [
      twoFactor({ otpOptions: { sendOTP }, skipVerificationOnEnable: true }),
    ]);
    await signUp();
    expect((await browser.post('/two-factor/enable', { password: PASSWORD })).status).toBe(200);
    await told();
    const phone = newBrowser();
    expect(
      await (await phone.post('/sign-in/email', { email: ANNA.email, password: PASSWORD })).json(),
    ).toMatchObject({
      twoFactorRedirect: true,
    });
    expect(await told()).toEqual([]);
    await phone.post('/two-factor/send-otp');
    await phone.post('/two-factor/verify-otp', { code: '000000' });
    expect((await phone.post('/two-factor/verify-otp', { code: codes[0] })).status).toBe(200);
    expect(
      (await told()).map(({ action, metadata }) => [action, metadata?.['method'], metadata?.['why']]),
    ).toEqual([
      ['LOGIN_FAILED', 'two-factor', 'invalid_code'],
      ['LOGIN_SUCCESS', 'two-factor', undefined],
    ]);
  });

  it('tells what an administrator does to accounts, as his', async () => {
    const { signUp, told, browser, newBrowser, db } = await openBed({}, {}, [admin()]);
    await signUp({ ...ANNA, name: 'The owner', email: 'owner@example.org' });
    db.prepare("UPDATE user SET role = 'admin'").run();
    const anna = newBrowser();
    const { user } = (await (await anna.post('/sign-up/email', ANNA)).json()) as { user: { id: string } };
    await told();
    const userId = user.id;
    await browser.post('/admin/set-role', { userId, role: 'admin' });
    await browser.post('/admin/set-role', { userId, role: 'admin' });
    await browser.post('/admin/set-user-password', { userId, newPassword: 'another good password' });
    await browser.post('/admin/ban-user', { userId });
    await anna.post('/sign-in/email', { email: ANNA.email, password: 'another good password' });
    await browser.post('/admin/unban-user', { userId });
    const events = await told();
    expect(shown(events)).toEqual([
      'ROLE_CHANGE by owner@example.org of Anna Example',
      'PASSWORD_CHANGE by owner@example.org of Anna Example',
      'ACCOUNT_DEACTIVATED by owner@example.org of Anna Example',
      'LOGOUT by owner@example.org of Anna Example',
      'LOGIN_FAILED by anonymous of Anna Example',
      'ACCOUNT_ACTIVATED by owner@example.org of Anna Example',
    ]);
    expect(events[0]?.metadata).toEqual({ from: 'user', to: 'admin' });
    expect(events[4]?.metadata).toMatchObject({ why: 'inactive' });
    expect((await anna.post('/admin/list-users')).status).toBeGreaterThan(399);
  });

  it('P23: tells when an administrator begins and ends to act in the name of another', async () => {
    const { signUp, told, browser, newBrowser, db } = await openBed({}, {}, [admin()]);
    const owner = await signUp({ ...ANNA, name: 'The owner', email: 'owner@example.org' });
    db.prepare("UPDATE user SET role = 'admin'").run();
    const { user } = (await (await newBrowser().post('/sign-up/email', ANNA)).json()) as {
      user: { id: string };
    };
    await told();
    expect((await browser.post('/admin/impersonate-user', { userId: user.id })).status).toBe(200);
    expect((await browser.post('/admin/stop-impersonating')).status).toBe(200);
    const events = await told();
    expect(events.map(({ action, actor, target }) => [action, actor.id, target?.id])).toEqual([
      ['IMPERSONATION_START', owner, user.id],
      ['IMPERSONATION_STOP', owner, user.id],
    ]);
  });
});

describe('better-auth with a provider', () => {
  let provider: Server;
  let url = '';

  /** A provider that hands out a token for any code but one. */
  beforeAll(async () => {
    provider = createServer((request, response) => {
      response.setHeader('content-type', 'application/json');
      if (request.url === '/user')
        response.end(
          JSON.stringify({ id: 'p1', sub: 'p1', email: ANNA.email, name: ANNA.name, email_verified: true }),
        );
      else response.end(JSON.stringify({ access_token: 'an access token', token_type: 'Bearer' }));
    });
    await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
  });
  afterAll(() => provider.close());

  function plugin(): OtherPlugins[number] {
    const config = {
      providerId: 'clinic-id',
      clientId: 'id',
      clientSecret: 'secret',
      authorizationUrl: `${url}/authorize`,
      tokenUrl: `${url}/token`,
      userInfoUrl: `${url}/user`,
      pkce: false,
    };
    return genericOAuth({ config: [config] });
  }

  async function callBack(browser: Browser, more: string): Promise<Response> {
    const body = { provider: 'clinic-id', callbackURL: '/in', errorCallbackURL: '/out' };
    const started = await browser.post('/sign-in/social', body);
    expect(started.status).toBe(200);
    const { url: at } = (await started.json()) as { url: string };
    const state = new URL(at).searchParams.get('state') ?? '';
    return browser.send('GET', `/api/auth/callback/clinic-id?state=${state}&${more}`);
  }

  it('tells a sign-in by its name', async () => {
    const { told, browser } = await openBed({}, {}, [plugin()]);
    expect((await callBack(browser, 'code=1')).headers.get('location')).toContain('/in');
    expect(
      (await told()).map(({ action, metadata, actor }) => [action, metadata?.['method'], actor.email]),
    ).toEqual([
      ['ACCOUNT_ACTIVATED', 'clinic-id', null],
      ['LOGIN_SUCCESS', 'clinic-id', ANNA.email],
    ]);
  });

  it('tells one that failed there, by a word and no more', async () => {
    const { told, browser } = await openBed({}, {}, [plugin()]);
    await callBack(browser, 'error=access_denied&error_description=secret');
    await callBack(browser, `error=${encodeURIComponent('anything <at> all')}`);
    expect((await told()).map(({ action, metadata }) => [action, metadata])).toEqual([
      ['LOGIN_FAILED', { method: 'clinic-id', why: 'access_denied' }],
      ['LOGIN_FAILED', { method: 'clinic-id', why: 'failed' }],
    ]);
  });
});

describe('better-auth beside the rest of the application', () => {
  it('takes who, where from and in which request from the context, and leaves there who has signed in', async () => {
    const { trail, signUp, told, newBrowser } = await openBed();
    const id = await signUp();
    await told();
    const request = { id: 'r1', ip: '192.0.2.1', path: '/api/auth/sign-in/email', query: { email: 'x' } };
    await trail.audit.run({ request, actor: () => undefined, tenantId: 'north' }, async () => {
      await newBrowser().post('/sign-in/email', { email: ANNA.email, password: 'wrong password' });
      await newBrowser().post('/sign-in/email', { email: ANNA.email, password: PASSWORD });
      await trail.audit.record({ action: 'READ', target: { type: 'Patient', id: '1' } });
    });
    const [failed, login, read] = await told();
    for (const event of [failed, login, read])
      expect(event).toMatchObject({ tenantId: 'north', request: { id: 'r1', ip: '192.0.2.1' } });
    expect(read).toMatchObject({ actor: { type: 'user', id, email: ANNA.email } });
  });

  it('knows an address where it is told how', async () => {
    const trail = openTestTrail();
    const db = new Database(':memory:');
    open.push({ trail, db });
    const config = {
      database: db,
      baseURL: ORIGIN,
      secret: 'a secret for these tests, long enough',
      emailAndPassword: { enabled: true },
      logger: { disabled: true },
      plugins: [
        auditBetterAuth(trail.audit, { address: (request) => request.headers.get('x-real-ip') ?? undefined }),
      ],
    };
    await (await getMigrations(config)).runMigrations();
    await betterAuth(config).handler(
      new Request(`${ORIGIN}/api/auth/sign-in/email?secret=1`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-real-ip': '192.0.2.7', origin: ORIGIN },
        body: JSON.stringify({ email: ANNA.email, password: PASSWORD }),
      }),
    );
    await trail.audit.flush();
    expect(await trail.stored('LOGIN_FAILED')).toMatchObject([
      { request: { ip: '192.0.2.7', path: '/api/auth/sign-in/email', query: null } },
    ]);
  });

  it('tells what the program itself asks of it, as the program', async () => {
    const { trail, told, db } = await openBed();
    const auth = betterAuth({
      database: db,
      baseURL: ORIGIN,
      secret: 'a secret for these tests, long enough',
      emailAndPassword: { enabled: true, autoSignIn: false },
      plugins: [auditBetterAuth(trail.audit)],
    });
    await auth.api.signUpEmail({ body: ANNA });
    await trail.audit.run({ actor: { type: 'system', name: 'seed' } }, () =>
      auth.api.signUpEmail({ body: { ...ANNA, email: 'zoe@example.org' } }),
    );
    expect((await told()).map(({ actor }) => `${actor.type} ${actor.name}`)).toEqual([
      'system system',
      'system seed',
    ]);
  });

  it('P15: does not notice that the trail is down', async () => {
    const { trail, signUp, browser, db } = await openBed();
    await trail.audit.flush();
    trail.store.failAlways('not-persisted');
    await signUp();
    expect((await browser.post('/sign-out')).status).toBe(200);
    expect(
      (await browser.post('/sign-in/email', { email: ANNA.email, password: 'wrong password' })).status,
    ).toBe(401);
    expect((await browser.post('/sign-in/email', { email: ANNA.email, password: PASSWORD })).status).toBe(
      200,
    );
    expect(db.prepare('SELECT count(*) FROM session').pluck().get()).toBe(1);
    trail.store.recover();
    await trail.audit.flush();
    expect((await trail.stored()).map(({ action }) => action)).toEqual(
      expect.arrayContaining(['ACCOUNT_ACTIVATED', 'LOGIN_SUCCESS', 'LOGOUT', 'LOGIN_FAILED']),
    );
  });

  it('keeps nobody out after the end of the trail', async () => {
    const { trail, signUp, browser } = await openBed();
    await trail.audit.close();
    await signUp();
    expect((await browser.post('/sign-out')).status).toBe(200);
    expect(trail.errors.map(({ code }) => code)).toEqual(Array(3).fill('CLOSED'));
  });

  it('P15: lets nobody in whose sign-in must be recorded and cannot be: no session, no cookie', async () => {
    const failClosed = ['LOGIN_SUCCESS', 'LOGIN_FAILED'];
    const { trail, signUp, newBrowser, db } = await openBed(
      { session: { cookieCache: { enabled: true } } },
      { failClosed },
    );
    await signUp();
    db.exec('DELETE FROM session');
    await trail.audit.flush();
    trail.store.failAlways('not-persisted');
    const visitor = newBrowser();
    for (const password of [PASSWORD, 'wrong password']) {
      const response = await visitor.post('/sign-in/email', { email: ANNA.email, password });
      expect(response.status).toBe(503);
      expect(await response.json()).toMatchObject({ code: 'NOT_RECORDED' });
    }
    expect(visitor.cookies).toEqual([]);
    expect(db.prepare('SELECT count(*) FROM session').pluck().get()).toBe(0);
    trail.store.recover();
    expect((await visitor.post('/sign-in/email', { email: ANNA.email, password: PASSWORD })).status).toBe(
      200,
    );
    await trail.audit.flush();
    expect((await trail.stored('LOGOUT')).length).toBe(0);
  });

  it('P29: tells a failed sign-in, whatever was sent', async () => {
    const { trail, told, browser } = await openBed();
    for (const body of [{}, { email: [1, 2], password: { $ne: '' } }, { phoneNumber: '1', username: 'x' }])
      expect((await browser.post('/sign-in/email', body)).status).toBe(400);
    const failed = { action: 'LOGIN_FAILED', metadata: { why: 'validation_error' } };
    expect(await told()).toMatchObject([failed, failed, failed]);
    expect(trail.errors).toEqual([]);
  });
});
