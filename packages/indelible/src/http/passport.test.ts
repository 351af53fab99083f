import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import passport from 'passport';
import { Strategy as LocalStrategy } from 'passport-local';
import { afterAll, afterEach, describe, expect, it } from 'vitest';

import {
  openTestTrail,
  removeTemporaryFolders,
  type TestTrail,
  type TestTrailOptions,
} from '../../test/test-trail.js';
import type { AuditEvent } from '../event/event.js';
import { auditExpress } from '../express.js';
import { auditPassport, type AuditPassportOptions } from '../passport.js';

const PASSWORD = 'a good long password';
const ANNA = { id: '7', username: 'anna', email: 'anna@example.org', name: 'Anna Example', role: 'dentist' };
const ZOE = { id: '8', username: 'zoe', name: 'Zoë Example', locked: true };
const USERS = [ANNA, ZOE];
const BEARER = { authorization: 'Bearer anna' };
const BY_NAME: AuditPassportOptions = {
  findUser: async (name) => USERS.find(({ username }) => username === name),
};

type Passport = InstanceType<typeof passport.Passport>;

/** One that asks each request for its proof. */
class BearerStrategy extends passport.Strategy {
  override name = 'bearer';

  override authenticate(request: Request): void {
    const token = request.get('authorization');
    if (token === 'Bearer anna') this.success(ANNA);
    else this.fail('Bearer realm="clinic"');
  }
}

/** One with state that nobody else can reach, given to `authenticate` itself. */
class PrivateStrategy extends passport.Strategy {
  readonly #user = { ...ANNA };

  override authenticate(): void {
    this.success(this.#user);
  }
}

function newPassport(): Passport {
  const instance = new passport.Passport();
  instance.use(
    new LocalStrategy((username, password, done) => {
      // As a driver does it that calls back from elsewhere.
      setImmediate(() => {
        const user = USERS.find((one) => one.username === username);
        if (user && 'locked' in user)
          done(null, false, { message: 'This account is locked.', why: 'locked' } as never);
        else if (user && password === PASSWORD) done(null, user);
        else if (username === 'broken') done(new Error('the database is away'));
        else done(null, false, { message: `No ${username} with this password.` });
      });
    }),
  );
  instance.use(new BearerStrategy());
  instance.serializeUser((user, done) => done(null, (user as typeof ANNA).id));
  instance.deserializeUser((id, done) =>
    done(
      null,
      USERS.find((one) => one.id === id),
    ),
  );
  return instance;
}

/** Sessions as express-session has them, in memory. */
function sessions(): (request: Request, response: Response, next: NextFunction) => void {
  const stored = new Map<string, object>();
  return (request, response, next) => {
    const open = (id: string, data: object): void => {
      const session = Object.assign(Object.create(methods) as object, data);
      Object.assign(request, { session, sessionID: id });
    };
    const methods = {
      save(this: object, done: () => void) {
        const { sessionID } = request as Request & { sessionID: string };
        stored.set(sessionID, { ...this });
        response.setHeader('set-cookie', `sid=${sessionID}`);
        done();
      },
      regenerate(done: () => void) {
        open(randomUUID(), {});
        done();
      },
    };
    const id = /sid=([\w-]+)/.exec(request.get('cookie') ?? '')?.[1] ?? randomUUID();
    open(id, stored.get(id) ?? {});
    next();
  };
}

function routes(app: Express, auth: Passport): void {
  const answer = (request: Request, response: Response): void =>
    void response.json({ user: request.user ?? null });
  app.post('/login', auth.authenticate('local'), answer);
  app.post(
    '/login/redirect',
    auth.authenticate('local', { successRedirect: '/in', failureRedirect: '/out' }),
  );
  app.post('/login/error', auth.authenticate('local', { failWithError: true, session: false }), answer);
  app.post('/login/either', auth.authenticate(['bearer', 'local'], { session: false }), answer);
  app.post('/login/unknown', auth.authenticate('nothing'), answer);
  app.post('/login/instance', auth.authenticate(new PrivateStrategy() as never, { session: false }), answer);
  app.post('/login/callback', (request, response, next) => {
    auth.authenticate('local', (error: unknown, user: unknown, info: unknown, status: unknown) => {
      if (error) return next(error);
      if (!user) return response.status(418).json({ info, status });
      return request.logIn(user, (failed) => (failed ? next(failed) : response.json({ user })));
    })(request, response, next);
  });
  app.post('/login/throws', (request, response, next) => {
    auth.authenticate('local', (error: unknown) => {
      if (error) return next(error);
      throw new Error('a mistake in the callback');
    })(request, response, next);
  });
  app.post('/register', (request, response, next) => {
    request.logIn(ANNA, (error) => (error ? next(error) : response.json({ welcome: true })));
  });
  const linked = (request: Request, response: Response): void =>
    void response.json({ account: (request as Request & { account?: unknown }).account });
  app.post('/link', auth.authorize('local'), linked);
  app.post('/link/by-hand', auth.authenticate('local', { assignProperty: 'account' }), linked);
  const asZoe = (request: Request, response: Response, next: NextFunction): void =>
    request.logIn(ZOE, (error) => (error ? next(error) : answer(request, response)));
  app.post('/login/bearer', auth.authenticate('bearer'), answer);
  app.post('/login/bearer/callback', (request, response, next) => {
    auth.authenticate('bearer', (_: unknown, user: typeof ANNA) =>
      request.logIn({ ...user }, () => answer(request, response)),
    )(request, response, next);
  });
  app.post('/login/bearer/as', auth.authenticate('bearer', { session: false }), asZoe);
  app.post('/login/as', auth.authenticate('local'), asZoe);
  app.post('/login/changed', auth.authenticate(new PrivateStrategy() as never), (request, response, next) => {
    Object.assign(request.user as object, { id: '8', username: 'zoe' });
    request.logIn(request.user as object, (error) => (error ? next(error) : answer(request, response)));
  });
  app.get('/api/proof', (request, response, next) => {
    auth.authenticate('bearer', (_: unknown, user: typeof ANNA) =>
      request.logIn(user, { session: false }, () => answer(request, response)),
    )(request, response, next);
  });
  app.get('/api/me', auth.authenticate('bearer', { session: false }), answer);
  app.get('/me', answer);
  app.post('/logout', (request, response, next) => {
    request.logOut((error) => (error ? next(error) : response.json({ bye: true })));
  });
}

interface Bed {
  readonly trail: TestTrail;
  readonly auth: Passport;
  readonly send: (
    path: string,
    body?: object,
    headers?: Record<string, string>,
  ) => Promise<globalThis.Response>;
  readonly told: () => Promise<AuditEvent[]>;
}

const servers: Server[] = [];
const trails: TestTrail[] = [];

afterEach(async () => {
  for (const server of servers.splice(0)) server.close();
  for (const { audit, store } of trails.splice(0)) {
    store.recover();
    await audit.close();
  }
});
afterAll(removeTemporaryFolders);

async function listen(app: Express): Promise<Bed['send']> {
  const server = app.listen(0, '127.0.0.1');
  servers.push(server);
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  return (path, body, headers = {}) =>
    fetch(`http://127.0.0.1:${port}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      redirect: 'manual',
      headers: { 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
}

function newApp(auth: Passport, before: readonly express.RequestHandler[] = []): Express {
  const app = express();
  app.use(...before, express.json(), sessions(), auth.session());
  routes(app, auth);
  app.use(
    (
      error: { status?: number; message: string },
      _request: Request,
      response: Response,
      _next: NextFunction,
    ) => {
      response.status(error.status ?? 500).json({ error: error.message });
    },
  );
  return app;
}

async function openBed(options: AuditPassportOptions = BY_NAME, given: TestTrailOptions = {}): Promise<Bed> {
  const trail = openTestTrail({ deadlineMs: 200, ...given });
  trails.push(trail);
  const auth = auditPassport(trail.audit, newPassport(), options);
  const send = await listen(newApp(auth, [auditExpress(trail.audit)]));
  let seen = 0;
  const told = async (): Promise<AuditEvent[]> => {
    await trail.audit.flush();
    const all = (await trail.stored()).filter(({ action }) => !action.startsWith('AUDIT_'));
    return all.slice(seen, (seen = all.length));
  };
  return { trail, auth, send, told };
}

function cookieOf(response: globalThis.Response): Record<string, string> {
  return { cookie: response.headers.getSetCookie()[0] ?? '' };
}

describe('Passport', () => {
  it('tells a sign-in, as whoever signs in, in his request', async () => {
    const { send, told } = await openBed();
    expect((await send('/login', { username: 'anna', password: PASSWORD })).status).toBe(200);
    expect(await told()).toMatchObject([
      {
        action: 'LOGIN_SUCCESS',
        source: 'auth',
        actor: { type: 'user', ...ANNA },
        target: { type: 'User', id: '7', label: 'Anna Example' },
        sessionId: null,
        metadata: { method: 'password' },
        request: { ip: '127.0.0.1', path: '/login', method: 'POST' },
      },
    ]);
  });

  it.each([
    ['with a callback', '/login/callback', 200],
    ['with redirections', '/login/redirect', 302],
    ['without a session', '/login/error', 200],
    ['by one of several strategies', '/login/either', 200],
    ['by a strategy that was made for it', '/login/instance', 200],
  ])('tells one sign-in %s', async (_, path, status) => {
    const { send, told } = await openBed();
    expect((await send(path, { username: 'anna', password: PASSWORD })).status).toBe(status);
    expect((await told()).map(({ action, actor }) => [action, actor.id])).toEqual([['LOGIN_SUCCESS', '7']]);
  });

  it('tells a sign-in that no strategy was asked for', async () => {
    const { send, told } = await openBed();
    expect(await (await send('/register', {})).json()).toEqual({ welcome: true });
    expect(await told()).toMatchObject([{ action: 'LOGIN_SUCCESS', actor: { id: '7' }, metadata: null }]);
  });

  it('tells signing out, and nothing where nobody was signed in', async () => {
    const { send, told } = await openBed({ ...BY_NAME, session: () => 's1' });
    const cookie = cookieOf(await send('/login', { username: 'anna', password: PASSWORD }));
    await told();
    expect(await (await send('/logout', {}, cookie)).json()).toEqual({ bye: true });
    expect(await told()).toMatchObject([
      { action: 'LOGOUT', actor: { type: 'user', id: '7' }, target: { id: '7' }, sessionId: 's1' },
    ]);
    expect(await (await send('/logout', {}, cookie)).json()).toEqual({ bye: true });
    expect(await told()).toEqual([]);
  });

  it('P29: tells a wrong password under the name of the account', async () => {
    const { send, told } = await openBed();
    expect((await send('/login', { username: 'anna', password: 'wrong' })).status).toBe(401);
    expect(await told()).toMatchObject([
      {
        action: 'LOGIN_FAILED',
        outcome: 'failure',
        actor: { type: 'anonymous' },
        target: { type: 'User', id: '7' },
        metadata: { method: 'password', username: 'anna', why: 'wrong_password' },
        request: { ip: '127.0.0.1', path: '/login' },
      },
    ]);
  });

  it('P29: tells an unknown name, or a password in its place, by a digest only', async () => {
    const { send, told, trail } = await openBed();
    await send('/login', { username: 'My secret Passw0rd', password: 'x' });
    await send('/login?username=My%20secret%20Passw0rd&password=x', {});
    const events = await told();
    const metadata = {
      method: 'password',
      username_digest: expect.stringMatching(/^hmac-sha256:/),
      why: 'unknown_user',
    };
    const failed = { action: 'LOGIN_FAILED', metadata, target: null };
    expect(events).toMatchObject([failed, failed]);
    expect(JSON.stringify(await trail.stored())).not.toMatch(/Passw0rd/i);
  });

  it('P29: tells a locked account by the word of the application, and never its message', async () => {
    const { send, told } = await openBed();
    await send('/login', { username: 'zoe', password: PASSWORD });
    const events = await told();
    expect(events).toMatchObject([{ target: { id: '8' }, metadata: { why: 'locked', username: 'zoe' } }]);
    expect(JSON.stringify(events)).not.toContain('This account');
  });

  it('P29: names nobody where it cannot know whom a name belongs to', async () => {
    const { send, told } = await openBed({});
    await send('/login', { username: 'anna', password: 'wrong' });
    await send('/login', { password: 'wrong' });
    expect((await told()).map(({ metadata, target }) => [metadata, target])).toEqual([
      [{ method: 'password', username_digest: expect.any(String) }, null],
      [{ method: 'password', why: 'missing_credentials' }, null],
    ]);
  });

  it.each(['/login/callback', '/login/redirect', '/login/error', '/login/either'])(
    'tells one failed sign-in by %s',
    async (path) => {
      const { send, told } = await openBed();
      await send(path, { username: 'anna', password: 'wrong' });
      expect((await told()).map(({ action, metadata }) => [action, metadata?.['why']])).toEqual([
        ['LOGIN_FAILED', 'wrong_password'],
      ]);
    },
  );

  it.each(['/login/bearer', '/login/bearer/callback'])(
    'tells one sign-in of somebody whose proof of a request begins a session by %s',
    async (path) => {
      const { send, told } = await openBed();
      const response = await send(path, {}, BEARER);
      expect([response.status, response.headers.has('set-cookie')]).toEqual([200, true]);
      expect(await told()).toMatchObject([
        { action: 'LOGIN_SUCCESS', actor: { id: '7' }, metadata: { method: 'bearer' } },
      ]);
    },
  );

  it.each([
    ['/login/as', ['7', '8']],
    ['/login/changed', ['7', '8']],
    ['/login/bearer/as', ['8']],
  ])('tells the sign-in of another than the strategy accepted by %s', async (path, ids) => {
    const { send, told } = await openBed();
    await send(path, { username: 'anna', password: PASSWORD }, BEARER);
    const events = await told();
    expect(events.map(({ action, actor }) => [action, actor.id])).toEqual(
      ids.map((id) => ['LOGIN_SUCCESS', id]),
    );
    expect(events.at(-1)?.metadata).toBeNull();
  });

  it('P15: begins no session by the proof of a request that must be recorded and cannot be', async () => {
    const { trail, send } = await openBed(BY_NAME, { failClosed: true });
    await trail.audit.flush();
    trail.store.failAlways('not-persisted');
    for (const path of ['/login/bearer', '/login/bearer/as']) {
      const response = await send(path, {}, BEARER);
      expect([path, response.status, cookieOf(response).cookie]).toEqual([path, 503, '']);
    }
  });

  it('does not take the proof of a request for a sign-in, nor its want for a failed one', async () => {
    const { send, told } = await openBed();
    for (const path of ['/api/me', '/api/proof']) {
      expect((await send(path, undefined, BEARER)).status).toBe(200);
      expect((await told()).map(({ action, actor }) => [action, actor.id])).toEqual([['API_REQUEST', '7']]);
    }
    expect((await send('/api/me')).status).toBe(401);
    expect(await told()).toMatchObject([
      {
        action: 'ACCESS_DENIED',
        source: 'auth',
        actor: { type: 'anonymous' },
        metadata: { attempted: 'GET' },
      },
    ]);
  });

  it.each(['/link', '/link/by-hand'])(
    'tells no sign-in of an account that somebody adds to his own by %s',
    async (path) => {
      const { send, told } = await openBed();
      const response = await send(path, { username: 'anna', password: PASSWORD });
      expect(await response.json()).toEqual({ account: ANNA });
      expect(await told()).toEqual([]);
    },
  );

  it('tells once, when it is attached twice', async () => {
    const { trail, auth, told } = await openBed();
    auditPassport(trail.audit, auth, BY_NAME);
    const send = await listen(newApp(auth));
    const cookie = cookieOf(await send('/login', { username: 'anna', password: PASSWORD }));
    await send('/login', { username: 'anna', password: 'wrong' });
    await send('/logout', {}, cookie);
    expect((await told()).map(({ action }) => action)).toEqual(['LOGIN_SUCCESS', 'LOGIN_FAILED', 'LOGOUT']);
  });

  it('P15: does not notice that the trail is down, or has ended', async () => {
    const { trail, send } = await openBed();
    await trail.audit.flush();
    trail.store.failAlways('not-persisted');
    for (const end of [false, true]) {
      if (end) await trail.audit.close();
      const login = await send('/login', { username: 'anna', password: PASSWORD });
      expect(login.status).toBe(200);
      expect((await send('/login', { username: 'anna', password: 'wrong' })).status).toBe(401);
      expect((await send('/logout', {}, cookieOf(login))).status).toBe(200);
    }
  });

  it('P15: lets nobody in whose sign-in must be recorded and cannot be', async () => {
    const { trail, send } = await openBed(BY_NAME, { failClosed: true });
    await trail.audit.flush();
    const cookie = cookieOf(await send('/login', { username: 'anna', password: PASSWORD }));
    trail.store.failAlways('not-persisted');
    for (const path of ['/login', '/login/callback', '/login/redirect', '/register'])
      for (const password of [PASSWORD, 'wrong']) {
        const response = await send(path, { username: 'anna', password });
        expect([path, response.status, cookieOf(response).cookie]).toEqual([path, 503, '']);
      }
    expect((await send('/logout', {}, cookie)).status).toBe(503);
    expect(await (await send('/me', undefined, cookie)).json()).toEqual({ user: ANNA });
  });

  it('tells an event without what the application cannot say, and says so', async () => {
    const failing = (): never => {
      throw new Error('a mistake');
    };
    const { send, told, trail } = await openBed({ findUser: failing, session: failing });
    await send('/login', { username: 'anna', password: 'wrong' });
    await send('/login', { username: 'anna', password: PASSWORD });
    expect((await told()).map(({ action, target }) => [action, target?.id])).toEqual([
      ['LOGIN_FAILED', undefined],
      ['LOGIN_SUCCESS', '7'],
    ]);
    expect(trail.errors.map(({ code }) => code)).toEqual(['INVALID_OPTIONS', 'INVALID_OPTIONS']);
  });

  it('refuses what is no Passport', () => {
    const { audit } = openTestTrail({ spool: false });
    expect(() => auditPassport(audit, { framework: () => undefined, authenticate: () => undefined })).toThrow(
      'Passport 0.7',
    );
    return audit.close();
  });
});

describe('Passport without the trail and with it', () => {
  const CREDENTIALS = {
    right: { username: 'anna', password: PASSWORD },
    wrong: { username: 'anna', password: 'wrong' },
    none: {},
    broken: { username: 'broken', password: 'x' },
  };
  const PATHS = [
    '/login',
    '/login/redirect',
    '/login/error',
    '/login/either',
    '/login/unknown',
    '/login/instance',
    '/login/callback',
    '/login/as',
    '/login/bearer',
    '/register',
    '/link',
    '/link/by-hand',
    '/logout',
  ];
  const CASES = PATHS.flatMap((path) =>
    Object.entries(CREDENTIALS).map(([name, body]) => [path, name, body] as const),
  );

  it.each(CASES)('answers alike: %s with %s', async (path, _, body) => {
    const plain = await listen(newApp(newPassport()));
    const { send } = await openBed();
    expect(await shown(await send(path, body))).toEqual(await shown(await plain(path, body)));
  });

  it.each(['/login/bearer', '/login/bearer/callback', '/login/bearer/as', '/login/changed'])(
    'answers alike: %s with the proof of a request',
    async (path) => {
      const plain = await listen(newApp(newPassport()));
      const { send } = await openBed();
      expect(await shown(await send(path, {}, BEARER))).toEqual(await shown(await plain(path, {}, BEARER)));
    },
  );

  it('hands mistakes in a callback to the application', async () => {
    const { send } = await openBed(BY_NAME, { delivery: { LOGIN_SUCCESS: 'before' } });
    const response = await send('/login/throws', { username: 'anna', password: PASSWORD });
    expect([response.status, await response.json()]).toEqual([500, { error: 'a mistake in the callback' }]);
  });

  it('keeps people signed in alike', async () => {
    const plain = await listen(newApp(newPassport()));
    const { send } = await openBed();
    for (const one of [plain, send]) {
      const cookie = cookieOf(await one('/login', { username: 'anna', password: PASSWORD }));
      expect(await (await one('/me', undefined, cookie)).json()).toEqual({ user: ANNA });
      const after = { ...cookie, ...cookieOf(await one('/logout', {}, cookie)) };
      expect(await (await one('/me', undefined, after)).json()).toEqual({ user: null });
    }
  });
});

async function shown(response: globalThis.Response): Promise<unknown> {
  const names = ['content-type', 'location', 'www-authenticate'];
  return {
    status: response.status,
    headers: names.map((name) => response.headers.get(name)),
    hasCookie: response.headers.has('set-cookie'),
    body: await response.text(),
  };
}
