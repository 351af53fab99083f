import { readFileSync } from 'node:fs';
import path from 'node:path';

import { afterAll, afterEach, describe, expect, it } from 'vitest';

import { openSqliteAudit, type SqliteAudit } from '../../test/sqlite-audit.js';
import { removeTemporaryFolders, temporaryFolder } from '../../test/test-trail.js';
import { type Audit, createAudit, type Store } from '../index.js';
import { createMemoryStore } from '../memory.js';
import { createPostgresStore } from '../postgres.js';
import { createSqliteStore } from '../sqlite.js';

/** Whoever adds a name to one of these lists says with it that what it stands for edits and removes no event. */
const WRITING = ['record', 'recordSync', 'auth', 'authSync', 'wrap', 'impersonate'];
const SIGNING_IN = ['loginSucceeded', 'loginFailed', 'loggedOut', 'tokenRefreshed', 'passwordChanged']
  .concat(['roleChanged', 'emailVerified', 'activated', 'deactivated', 'denied'])
  .concat(['userModel']);
const READING = ['find', 'get', 'stream', 'summarize', 'history', 'activity', 'subject', 'stateAt', 'stats'];
/** What is found is read; to acknowledge it is an event, and so is what was sent. */
const FINDING = ['findings', 'acknowledge', 'watchFindings'];
const AROUND = ['ready', 'run', 'context', 'setContext', 'bind', 'flush', 'seal', 'assurance', 'close'];
const OF_A_STORE = ['append', 'find', 'count', 'get', 'stream', 'summarize', 'facets', 'histogram']
  .concat(['migrate', 'migrations', 'check', 'close'])
  .concat(['retention', 'views'])
  .concat(['head', 'pending', 'seal', 'lag', 'leaves', 'leafHashes', 'nodes', 'indexOf'])
  .concat(['checkpoints', 'lastCheckpoint', 'strays'])
  .concat(['description']);
/** What lets events go, and only so that it can be proved: after a manifest that an event vouches for. */
const LETTING_GO = ['retention', 'eraseSubject'];
const LETTING_GO_OF_A_STORE = ['preview', 'select', 'decide', 'remove', 'holdChanges', 'finish'].concat([
  'removals',
  'manifestOf',
  'exclusively',
]);
/** What every framework's adapter offers for its routes, and the API over the trail. */
const OF_ROUTES = ['auditApi', 'auditDownload', 'auditExport', 'auditList', 'auditRead', 'auditSensitive'];
/** The functions and classes of each entry. */
const EXPORTS: Readonly<Record<string, readonly string[]>> = {
  '.': ['AuditError', 'action', 'createAudit', 'fileAnchor'],
  './api': ['auditApi'],
  './better-auth': ['auditBetterAuth'],
  './client': ['AuditApiError', 'AuditClient'],
  './config': ['defineConfig'],
  './drizzle': ['auditDrizzle', 'drizzleModels'],
  './express': ['auditExpress', 'auditExpressErrors', ...OF_ROUTES],
  './fastify': ['auditFastify', ...OF_ROUTES],
  './fetch': ['auditFetch', ...OF_ROUTES],
  './hono': ['auditHono', ...OF_ROUTES],
  './integrity': [
    'SigningKey',
    'VerifierKey',
    'canonicalize',
    'keyId',
    'leafHash',
    'nodeHash',
    'rootOf',
  ].concat(
    ['consistencyProof', 'inclusionProof', 'verifyConsistency', 'verifyInclusion'],
    ['openCheckpoint', 'signCheckpoint', 'openProof', 'writeProof'],
  ),
  './jest': [],
  './koa': ['auditKoa', ...OF_ROUTES],
  './kysely': ['auditKysely', 'kyselyModels'],
  './memory': ['createMemoryStore'],
  './nestjs': ['AuditDownload', 'AuditExport', 'AuditList', 'AuditRead', 'AuditSensitive'].concat([
    'NoAudit',
    'auditApi',
    'auditNest',
  ]),
  './passport': ['auditPassport'],
  './postgres': ['auditPg', 'createPostgresOutbox', 'createPostgresStore'],
  './prisma': ['auditPrisma', 'auditPrismaLabels', 'prismaModels'],
  './s3': ['s3Anchor'],
  './sequelize': ['auditSequelize', 'sequelizeModels'],
  './sqlite': ['auditSqlite', 'createSqliteOutbox', 'createSqliteStore', 'fromSqlite'],
  './testing': ['RolledBack', 'captureContract', 'createFaultyStore', 'createTestAudit', 'endOf'].concat([
    'KitRefusal',
    'askedOptions',
    'expectAudited',
    'httpContract',
    'removalContract',
    'sealLogContract',
    'storeContract',
    'takeSteps',
    'watchChanges',
  ]),
  './typeorm': ['auditTypeOrm', 'typeOrmModels'],
  './vitest': [],
};
const OPTIONS = [
  'store',
  'outbox',
  'actions',
  'models',
  'reads',
  'trustedProxies',
  'signIn',
  'redaction',
  'delivery',
  'failClosed',
  'onUnsupported',
  'onError',
  'log',
]
  .concat(['spool', 'bufferSize', 'deadlineMs', 'countBudgetMs', 'limits', 'timeZone', 'keys', 'seal'])
  .concat(['anchors', 'retention', 'detectors'])
  .toSorted();

const open: (Audit | Store)[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});
afterAll(removeTemporaryFolders);

/** Everything that can be reached on an object, but what every object has. */
function membersOf(given: object): string[] {
  const names = new Set<string>();
  for (let at: unknown = given; at !== Object.prototype && at !== null; at = Object.getPrototypeOf(at))
    for (const name of Reflect.ownKeys(at as object)) names.add(String(name));
  names.delete('constructor');
  return [...names].toSorted();
}

function kept<T extends Audit | Store>(one: T): T {
  open.push(one);
  return one;
}

function newAudit(): Audit {
  return kept(createAudit({ store: createMemoryStore(), spool: false, log: () => undefined }));
}

describe('what an application can call', () => {
  it('P43: of the trail records, reads and looks after itself, and edits no event', () => {
    const audit = newAudit();
    expect(membersOf(audit)).toEqual(
      [...WRITING, ...READING, ...FINDING, ...AROUND, ...LETTING_GO].toSorted(),
    );
    expect(membersOf(audit.auth)).toEqual(SIGNING_IN.toSorted());
  });

  it.each<[string, () => Store]>([
    ['memory', createMemoryStore],
    ['SQLite', () => createSqliteStore({ path: path.join(temporaryFolder(), 'a.db') })],
    ['PostgreSQL', () => createPostgresStore({ connectionString: 'postgres://nobody@127.0.0.1:1/none' })],
  ])('P43: of the store in %s appends and reads, and edits no event', (_, create) => {
    const store = kept(create());
    const some = ['isVolatile', 'rawLeaves'].filter((name) => name in store);
    expect(membersOf(store)).toEqual([...OF_A_STORE, ...some].toSorted());
    expect(membersOf(store.retention)).toEqual(LETTING_GO_OF_A_STORE.toSorted());
  });

  it('P43: of the entries of the package is known here, and none of it edits an event', async () => {
    const { exports } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
      exports: Record<string, unknown>;
    };
    const entries = Object.keys(exports).filter((name) => name !== './package.json');
    const found: Record<string, string[]> = {};
    for (const entry of entries) {
      const file = entry === '.' ? 'index' : entry.slice(2);
      const module = (await import(new URL(`../${file}.ts`, import.meta.url).href)) as Record<
        string,
        unknown
      >;
      found[entry] = Object.keys(module)
        .filter((name) => typeof module[name] === 'function')
        .toSorted();
    }
    const known = Object.entries(EXPORTS).map(([entry, names]) => [entry, names.toSorted()]);
    expect(found).toEqual(Object.fromEntries(known));
  });

  it('P43: hands out copies: who alters an event that he read alters nothing else', async () => {
    const audit = newAudit();
    const id = (await audit.record({ action: 'UPDATE', before: { a: 1 }, after: { a: 2 } })) ?? '';
    await audit.flush();
    const read = await audit.get(id);
    const before = JSON.stringify(read);
    Object.assign(read ?? {}, { action: 'DELETE', actor: null });
    Object.assign(read?.after ?? {}, { a: 'forged' });
    expect(JSON.stringify(await audit.get(id))).toBe(before);
  });
});

describe('the options of a trail', () => {
  it('P50: are all known here, and none of them rewrites or trims events', () => {
    const unknown = { store: createMemoryStore(), nonsense: 1 };
    const message = messageOf(() => createAudit(unknown));
    const listed = /is no option; use (.*)\.$/.exec(message)?.[1]?.split(', ').toSorted();
    expect(listed).toEqual(OPTIONS);
  });

  it.each(['maxAudits', 'maxEvents', 'ttl', 'keepDays', 'prune', 'compact', 'archive'])(
    'P50: do not know of %s',
    (name) => {
      const options = { store: createMemoryStore(), [name]: 1 };
      expect(messageOf(() => createAudit(options))).toContain(`${name} is no option`);
    },
  );

  it('P50: leave every row as it was written, when more is recorded than any bound they set', async () => {
    const file = path.join(temporaryFolder(), 'audit.db');
    const first = openSqliteAudit({}, file);
    await live(first, 40);
    const before = rowsOf(first);
    await first.close();

    const tight = openSqliteAudit(
      {
        bufferSize: 4,
        countBudgetMs: 0.01,
        limits: { changesBytes: 300, payloadBytes: 300 },
        spool: { dir: temporaryFolder(), maxBytes: 4_000 },
        models: { Patient: { exclude: ['name'], redact: ['note'], ignore: ['visits'] } },
        redaction: { names: ['note'] },
      },
      file,
    );
    await live(tight, 300);
    await look(tight);
    await tight.close();

    const again = openSqliteAudit({}, file);
    await again.store.migrate();
    await look(again);
    const after = rowsOf(again);
    await again.close();
    expect(before.events.length).toBeGreaterThan(3 * 40);
    expect(after.events.slice(0, before.events.length)).toEqual(before.events);
    expect(after.subjects).toEqual(expect.arrayContaining(before.subjects));
    const { stored, dropped } = tight.audit.stats();
    expect([stored, dropped]).toEqual([tight.audit.stats().recorded, 0]);
    expect(after.events.length).toBeGreaterThanOrEqual(before.events.length + 3 * 300);
    expect([...first.errors, ...tight.errors, ...again.errors]).toEqual([]);
  });
});

/** One record that is changed over and over, read, and listed with many others. */
async function live({ audit }: SqliteAudit, times: number): Promise<void> {
  const target = { type: 'Patient', id: '42', label: 'Zoë Čapek' };
  for (let n = 0; n < times; n += 1) {
    const [before, after] = [n, n + 1].map((visits) => ({
      visits,
      note: `visit ${visits}`,
      name: 'x'.repeat(50),
    }));
    await audit.record({ action: 'UPDATE', target, subjectId: '42', before, after });
    await audit.record({ action: 'READ', target, subjectId: '42', metadata: { n, text: 'y'.repeat(400) } });
    await audit.record({ action: 'LIST', target: { type: 'Patient' }, subjects: ['1', '42', `${n}`] });
    await audit.flush();
  }
}

async function look({ audit, store }: SqliteAudit): Promise<void> {
  await store.check();
  await audit.find({ search: 'zoë', pageSize: 1 });
  await audit.summarize();
  await audit.stateAt({ type: 'Patient', id: '42' }, new Date());
}

/** Every byte of the trail, by no code of ours. */
function rowsOf({ raw }: SqliteAudit): { readonly events: unknown[]; readonly subjects: unknown[] } {
  return {
    events: raw('SELECT * FROM indelible_event ORDER BY seq'),
    subjects: raw('SELECT * FROM indelible_event_subject'),
  };
}

function messageOf(fn: () => unknown): string {
  try {
    fn();
  } catch (error) {
    return String(error);
  }
  return '';
}
