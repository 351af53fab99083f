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

  post(path: string, body: object = {}): Promise<Response> {
    return this.send('POST', `/api/auth${path}`, body);
  }
}

interface Bed {
  readonly trail: TestTrail;
  readonly browser: Browser;
  readonly db: Database.Database;
  /** What better-auth would have sent by mail. */
  readonly links: string[];
  newBrowser(): Browser;
  signUp(person?: object): Promise<string>;
  /** The events told since the last look, without those of the start. */
  told(): Promise<AuditEvent[]>;
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
  events.map(({ action, actor, target }) => `${action} by ${actor.username ?? actor.email ?? actor.type} of ${target?.label ?? 'nothing'}`);

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
    expect((await browser.post('/sign-in/email', { email: ANNA.email, password: PASSWORD })).status).toBe(200);
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
    const response = await newBrowser().post('/sign-in/email', { email: 'ANNA@example.org', password: 'wrong password' });
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
      expect((await browser.post('/sign-in/email', { email, password: 'wrong password' })).status).toBeGreaterThan(399);
    const events = await told();
    expect(events.map(({ metadata, target }) => [metadata?.['why'], metadata?.['username_digest'], target])).toEqual([
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
    expect((await newBrowser().post('/sign-in/email', { email: ANNA.email, password: PASSWORD })).status).toBe(403);
    expect(await told()).toMatchObject([{ action: 'LOGIN_FAILED', metadata: { why: 'email_not_verified' } }]);
  });

  it('tells a changed password, and the sessions that it ends', async () => {
    const { signUp, told, browser, newBrowser } = await openBed();
    await signUp();
    await newBrowser().post('/sign-in/email', { email: ANNA.email, password: PASSWORD });
    await told();
    const body = { currentPassword: PASSWORD, newPassword: 'another good password', revokeOtherSessions: true };
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
    const response = await stranger.post('/reset-password', { token: links[0], newPassword: 'another good password' });
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
      { action: 'TOKEN_REFRESH', actor: { email: ANNA.email }, sessionId: session?.id, target: { label: 'Anna Example' } },
    ]);
    await browser.send('GET', '/api/auth/get-session');
    expect(await told()).toEqual([]);
    db.prepare('UPDATE session SET expiresAt = ?').run(inDays(-1));
    await browser.send('GET', '/api/auth/get-session');
    expect(await told()).toMatchObject([{ action: 'LOGOUT', sessionId: session?.id, metadata: { why: 'expired' } }]);
  });

  it('tells sessions that somebody revokes, one event each', async () => {
    const { signUp, told, browser, newBrowser } = await openBed();
    await signUp();
    for (let n = 0; n < 2; n += 1) await newBrowser().post('/sign-in/email', { email: ANNA.email, password: PASSWORD });
    await told();
    expect((await browser.post('/revoke-other-sessions')).status).toBe(200);
    expect((await told()).map(({ action, metadata }) => [action, metadata?.['why']])).toEqual([
      ['LOGOUT', 'revoked'],
      ['LOGOUT', 'revoked'],
    ]);
  });

  it('tells who was kept away from what needs a session', async () => {
    const { told, newBrowser } = await openBed();
    expect((await newBrowser().post('/change-password', { currentPassword: 'x', newPassword: 'y' })).status).toBe(401);
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
    expect(events.find(({ action }) => action === 'ACCOUNT_DEACTIVATED')?.metadata).toEqual({ deleted: true });
  });
});
