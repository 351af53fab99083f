import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import Database from 'better-sqlite3';
import { afterAll, afterEach, describe, expect, it } from 'vitest';

import {
  openTestTrail,
  removeTemporaryFolders,
  temporaryFolder,
  type TestTrail,
  type TestTrailOptions,
} from '../../../test/test-trail.js';
import { openSqliteAudit } from '../../../test/sqlite-audit.js';
import type { AuditEvent } from '../../event/event.js';
import { createFaultyStore } from '../../testing/faulty-store.js';
import { createSqliteOutbox, createSqliteStore, fromSqlite } from '../../sqlite.js';
import type { AuthDetails, AuthUser } from './auth-details.js';
import type { AuthEvents } from './auth-events.js';

const open: TestTrail[] = [];

afterEach(async () => {
  for (const { audit, store } of open.splice(0)) {
    store.recover();
    await audit.close();
  }
});
afterAll(removeTemporaryFolders);

function openTrail(options: TestTrailOptions = {}): TestTrail {
  const trail = openTestTrail({ deadlineMs: 200, ...options });
  open.push(trail);
  return trail;
}

const ANNA: AuthUser = {
  id: '7',
  username: 'anna',
  email: 'anna@example.org',
  name: 'Anna Example',
  role: 'dentist',
};
const ANNA_ACTS = { type: 'user', ...ANNA };
const ANNA_TARGET = { type: 'User', id: '7', label: 'Anna Example' };
const REQUEST = { id: 'r1', ip: '192.0.2.1', method: 'POST', path: '/api/login', userAgent: 'a browser' };

async function events(trail: TestTrail): Promise<AuditEvent[]> {
  await trail.audit.flush();
  return (await trail.stored()).filter(({ action }) => !action.startsWith('AUDIT_'));
}

async function onlyEvent(trail: TestTrail): Promise<AuditEvent | undefined> {
  const all = await events(trail);
  expect(all).toHaveLength(1);
  return all[0];
}

type Method = {
  [K in keyof AuthEvents]: AuthEvents[K] extends (details: AuthDetails) => unknown ? K : never;
}[keyof AuthEvents];

describe('the events of signing in', () => {
  it.each<[Method, string, string]>([
    ['loginSucceeded', 'LOGIN_SUCCESS', 'success'],
    ['loggedOut', 'LOGOUT', 'success'],
    ['tokenRefreshed', 'TOKEN_REFRESH', 'success'],
    ['passwordChanged', 'PASSWORD_CHANGE', 'success'],
    ['emailVerified', 'EMAIL_VERIFIED', 'success'],
    ['activated', 'ACCOUNT_ACTIVATED', 'success'],
    ['deactivated', 'ACCOUNT_DEACTIVATED', 'success'],
    ['loginFailed', 'LOGIN_FAILED', 'failure'],
  ])('%s is a %s, about the account, and says what it was given', async (method, action, outcome) => {
    const trail = openTrail();
    const id = await trail.audit.run({ request: REQUEST }, () =>
      trail.audit.auth[method]({
        user: ANNA,
        method: 'passkey',
        sessionId: '815',
        reason: 'a reason',
        subjectId: 'p7',
        subjectLabel: 'Anna',
        tenantId: 'north',
        metadata: { device: 'new' },
      }),
    );
    expect(await onlyEvent(trail)).toMatchObject({
      id,
      action,
      outcome,
      source: 'auth',
      target: ANNA_TARGET,
      subjectId: 'p7',
      subjectLabel: 'Anna',
      tenantId: 'north',
      reason: 'a reason',
      sessionId: '815',
      request: REQUEST,
      metadata: { device: 'new', method: 'passkey' },
      flags: [],
    });
  });

  it('roleChanged says from what to what, and who did it', async () => {
    const trail = openTrail();
    const actor = { type: 'user', id: '1', name: 'The owner' } as const;
    await trail.audit.run({ actor }, () =>
      trail.audit.auth.roleChanged({ user: ANNA, from: 'assistant', to: 'dentist' }),
    );
    expect(await onlyEvent(trail)).toMatchObject({
      action: 'ROLE_CHANGE',
      actor,
      target: ANNA_TARGET,
      metadata: { from: 'assistant', to: 'dentist' },
    });
  });

  it('a change of the password that was refused says so', async () => {
    const trail = openTrail();
    await trail.audit.auth.passwordChanged({
      user: ANNA,
      outcome: 'failure',
      metadata: { why: 'wrong_password' },
    });
    expect(await onlyEvent(trail)).toMatchObject({ action: 'PASSWORD_CHANGE', outcome: 'failure' });
  });

  it('denied names what was wanted of what', async () => {
    const trail = openTrail();
    const target = { type: 'Patient', id: '42', label: 'Zoë Čapek' };
    await trail.audit.run({ actor: { type: 'user', id: '3' } }, () =>
      trail.audit.auth.denied({
        target,
        attempted: 'READ',
        subjectId: '42',
        reason: 'curious',
        why: 'not_his_patient',
      }),
    );
    expect(await onlyEvent(trail)).toMatchObject({
      action: 'ACCESS_DENIED',
      outcome: 'denied',
      source: 'auth',
      actor: { type: 'user', id: '3' },
      target,
      subjectId: '42',
      reason: 'curious',
      metadata: { attempted: 'READ', why: 'not_his_patient' },
    });
  });

  it('are about the model that accounts are records of', async () => {
    const trail = openTrail({ signIn: { userModel: 'Account' } });
    await trail.audit.auth.activated({ user: { id: '9', username: 'zoe' } });
    expect(await onlyEvent(trail)).toMatchObject({ target: { type: 'Account', id: '9', label: 'zoe' } });
  });
});

describe('who acts', () => {
  it('is whoever signs in, from then on in everything else of the request', async () => {
    const trail = openTrail();
    await trail.audit.run({ request: REQUEST, actor: () => undefined }, async () => {
      await trail.audit.auth.loginSucceeded({ user: ANNA, sessionId: '815' });
      await trail.audit.record({ action: 'READ', target: { type: 'Patient', id: '1' } });
    });
    const [login, read] = await events(trail);
    expect([login?.actor, read?.actor]).toMatchObject([ANNA_ACTS, ANNA_ACTS]);
    expect(read).toMatchObject({ sessionId: '815' });
  });

  it('is whoever signs in for the whole request, also when a transaction inside it did it', async () => {
    const trail = openTrail();
    await trail.audit.run({ request: REQUEST }, async () => {
      await trail.audit.run({ transactionId: 't1' }, () => trail.audit.auth.loginSucceeded({ user: ANNA }));
      await trail.audit.record({ action: 'READ' });
    });
    expect((await events(trail)).map(({ action, actor }) => [action, actor.username])).toEqual([
      ['LOGIN_SUCCESS', 'anna'],
      ['READ', 'anna'],
    ]);
  });

  it('is not changed by a program that signs somebody in', async () => {
    const trail = openTrail();
    await trail.audit.run({ actor: { type: 'system', name: 'seed' } }, async () => {
      await trail.audit.auth.loginSucceeded({ user: ANNA });
      await trail.audit.record({ action: 'CREATE', after: { a: 1 } });
    });
    expect((await events(trail)).map(({ actor }) => actor.name)).toEqual(['Anna Example', 'seed']);
  });

  it('is nobody in particular when signing in failed, whoever was signed in before', async () => {
    const trail = openTrail();
    await trail.audit.run({ actor: { type: 'user', id: '3' } }, () =>
      trail.audit.auth.loginFailed({ user: ANNA }),
    );
    expect(await onlyEvent(trail)).toMatchObject({ actor: { type: 'anonymous', id: null, username: null } });
  });

  it.each(['loggedOut', 'tokenRefreshed'] as const)(
    'is the user himself when he has %s and nobody else is known, else whom the context names',
    async (method) => {
      const trail = openTrail();
      await trail.audit.auth[method]({ user: ANNA });
      await trail.audit.run({ request: REQUEST }, () => trail.audit.auth[method]({ user: ANNA }));
      await trail.audit.run({ actor: { type: 'user', id: '1' } }, () =>
        trail.audit.auth[method]({ user: ANNA }),
      );
      await trail.audit.run({ actor: { type: 'system', name: 'expiry' } }, () =>
        trail.audit.auth[method]({ user: ANNA }),
      );
      const actors = (await events(trail)).map(({ actor }) => `${actor.type} ${actor.id ?? actor.name}`);
      expect(actors).toEqual(['user 7', 'user 7', 'user 1', 'system expiry']);
    },
  );

  it('is whom a denial names, where the context knows nobody', async () => {
    const trail = openTrail();
    await trail.audit.run({ request: REQUEST }, () => trail.audit.auth.denied({ user: ANNA }));
    expect(await onlyEvent(trail)).toMatchObject({ actor: ANNA_ACTS, target: null });
  });
});

describe('P29: a failed sign-in', () => {
  it('P29: of an unknown user keeps a keyed digest of the name, the same however it is capitalised', async () => {
    const trail = openTrail();
    await trail.audit.auth.loginFailed({ username: 'Nobody@Example.org', why: 'unknown_user' });
    await trail.audit.auth.loginFailed({ username: 'nobody@example.org', why: 'unknown_user' });
    await trail.audit.auth.loginFailed({ username: 'somebody@example.org', why: 'unknown_user' });
    const all = await events(trail);
    const digests = all.map(({ metadata }) => metadata?.['username_digest']);
    expect(digests[0]).toMatch(/^hmac-sha256:[0-9a-f]{64}$/);
    expect([digests[1] === digests[0], digests[2] === digests[0]]).toEqual([true, false]);
    expect(all[0]).toMatchObject({
      target: null,
      actor: { type: 'anonymous' },
      metadata: { why: 'unknown_user' },
    });
    expect(JSON.stringify(all).toLowerCase()).not.toContain('body@example.org');
  });

  it('P29: with a wrong password keeps the account and its own name, not what was typed', async () => {
    const trail = openTrail();
    await trail.audit.auth.loginFailed({
      user: ANNA,
      username: 'ANNA ',
      why: 'wrong_password',
      method: 'password',
    });
    const event = await onlyEvent(trail);
    expect(event).toMatchObject({ target: ANNA_TARGET });
    expect(event?.metadata).toEqual({ username: 'anna', why: 'wrong_password', method: 'password' });
  });

  it('P29: of a locked account says so', async () => {
    const trail = openTrail();
    await trail.audit.auth.loginFailed({ user: ANNA, why: 'locked' });
    expect(await onlyEvent(trail)).toMatchObject({
      target: ANNA_TARGET,
      metadata: { why: 'locked' },
      outcome: 'failure',
    });
  });

  it('P29: needs no request object, and nothing else either', async () => {
    const trail = openTrail();
    await trail.audit.auth.loginFailed({});
    expect(await onlyEvent(trail)).toMatchObject({
      request: null,
      target: null,
      actor: { type: 'anonymous' },
      flags: [],
    });
  });

  it('P29: keeps nowhere a password that was typed as user name', async () => {
    const typed = 'Tr0ub4dor&3-correct-horse';
    const dir = temporaryFolder();
    const db = new Database(path.join(dir, 'app.db'));
    db.pragma('journal_mode = WAL');
    const outbox = createSqliteOutbox(db);
    await outbox.migrate();
    const store = createFaultyStore(createSqliteStore({ path: path.join(dir, 'audit.db') }));
    const { audit } = openSqliteAudit({ store, outbox, spool: { dir: path.join(dir, 'spool') } });
    const request = { ...REQUEST, query: { username: typed }, body: { username: typed, password: 'x' } };
    const attempt = { username: typed, why: 'unknown_user' } as const;
    const fail = (times: number): Promise<unknown> =>
      audit.run({ request }, () =>
        Promise.all(Array.from({ length: times }, () => audit.auth.loginFailed(attempt))),
      );
    await fail(1);
    await audit.auth.loginFailed(attempt, fromSqlite(db));
    await audit.flush();
    store.failAlways('not-persisted');
    await fail(60);
    expect(bytesBelow(dir)).toContain('hmac-sha256:');
    expect(bytesBelow(path.join(dir, 'spool'))).toContain('hmac-sha256:');
    const seen = [bytesBelow(dir)];
    store.recover();
    await audit.flush();
    seen.push(bytesBelow(dir));
    const digests = await audit.find({ action: 'LOGIN_FAILED' });
    await audit.close();
    db.close();
    seen.push(bytesBelow(dir));
    expect(digests.events.reduce((sum, { count }) => sum + count, 0)).toBe(62);
    for (const bytes of seen)
      for (const text of [typed, typed.toLowerCase()]) expect(bytes.includes(text)).toBe(false);
  });

  it('P29: digests a name of any length, and no name at all', async () => {
    const trail = openTrail();
    for (const username of ['x'.repeat(10_000_000), '', 7, null, {}])
      await trail.audit.auth.loginFailed({ username: username as string });
    const digests = (await events(trail)).map(({ metadata }) => typeof metadata?.['username_digest']);
    expect(digests).toEqual(['string', 'undefined', 'undefined', 'undefined', 'undefined']);
  });

  it('P15: is refused where it fails closed and cannot be recorded', async () => {
    const trail = openTrail({ failClosed: ['LOGIN_FAILED', 'LOGIN_SUCCESS'] });
    await trail.audit.flush();
    trail.store.failAlways('not-persisted');
    await expect(trail.audit.auth.loginFailed({ user: ANNA })).rejects.toMatchObject({
      code: 'TRAIL_UNAVAILABLE',
    });
    await expect(trail.audit.auth.loginSucceeded({ user: ANNA })).rejects.toMatchObject({
      code: 'TRAIL_UNAVAILABLE',
    });
    await expect(trail.audit.auth.loggedOut({ user: ANNA })).resolves.toBeTypeOf('string');
  });
});

describe('signing in inside a transaction', () => {
  function openWithDatabase(): { readonly trail: TestTrail; readonly db: Database.Database } {
    const db = new Database(':memory:');
    db.exec('CREATE TABLE session (id INTEGER PRIMARY KEY, user_id TEXT)');
    return { db, trail: openTrail({ outbox: createSqliteOutbox(db) }) };
  }

  it('is recorded with it, and not when it rolls back', async () => {
    const { trail, db } = openWithDatabase();
    await trail.audit.ready();
    const auth = trail.audit.authSync(fromSqlite(db));
    const signIn = db.transaction((works: boolean) => {
      const { lastInsertRowid } = db.prepare('INSERT INTO session (user_id) VALUES (?)').run(ANNA.id);
      const id = auth.loginSucceeded({ user: ANNA, sessionId: String(lastInsertRowid) });
      if (!works) throw new Error('rolled back');
      return id;
    });
    expect(() => signIn(false)).toThrow('rolled back');
    const id = signIn(true);
    expect(await onlyEvent(trail)).toMatchObject({
      id,
      action: 'LOGIN_SUCCESS',
      sessionId: '1',
      actor: ANNA_ACTS,
      process: null,
    });
  });

  it('is recorded by the connection that is passed with it', async () => {
    const { trail, db } = openWithDatabase();
    await trail.audit.ready();
    db.exec('BEGIN');
    await trail.audit.auth.passwordChanged({ user: ANNA }, fromSqlite(db));
    db.exec('ROLLBACK');
    await trail.audit.auth.passwordChanged({ user: ANNA }, fromSqlite(db));
    expect(await onlyEvent(trail)).toMatchObject({ action: 'PASSWORD_CHANGE' });
  });
});

describe('whatever is said', () => {
  it('the event is kept', async () => {
    const trail = openTrail();
    const throwing = new Proxy(
      {},
      {
        get: () => {
          throw new Error('hostile');
        },
      },
    );
    const { auth } = trail.audit;
    for (const details of [undefined, null, throwing, { user: throwing }, { user: null }, 7] as never[]) {
      await auth.loginFailed(details);
      await auth.loginSucceeded(details);
      await auth.denied(details);
    }
    const actions = (await events(trail)).map(({ action }) => action);
    expect(actions).toEqual(
      Array.from({ length: 6 }, () => ['LOGIN_FAILED', 'LOGIN_SUCCESS', 'ACCESS_DENIED']).flat(),
    );
    expect(new Set(trail.errors.map(({ code }) => code))).toEqual(new Set(['INVALID_OPTIONS']));
  });

  it('after the end it is refused', async () => {
    const trail = openTrail();
    await trail.audit.close();
    await expect(trail.audit.auth.loggedOut({ user: ANNA })).rejects.toMatchObject({ code: 'CLOSED' });
    expect(() => trail.audit.authSync({ query: () => undefined }).loggedOut({ user: ANNA })).toThrow(
      'closed',
    );
  });
});

/** Every byte of every file below a folder, as text. */
function bytesBelow(dir: string): string {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => readFileSync(path.join(entry.parentPath, entry.name), 'latin1'))
    .join('\n');
}
