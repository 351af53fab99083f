import { execFile } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { ERROR_CODES } from '../src/event/errors.js';
import { FRAMEWORK_PRELUDES, type FrameworkPrelude } from './framework-preludes.js';
import { createDatabase, postgresServers, type TestDatabase } from './servers/postgres.js';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));
const PACKAGE = path.join(ROOT, 'packages/indelible');
const DATABASE = 'postgres://trail_writer@db.example/trail';
/** A client such as `prisma generate` makes. */
const PRISMA_CLIENT = pathToFileURL(path.join(PACKAGE, 'test/orms/prisma/generated/postgres/client.ts')).href;
const run = promisify(execFile);

const PACKAGES = [
  'better-sqlite3',
  'pg',
  'pg-copy-streams',
  'vitest',
  'expect',
  '@prisma',
  'drizzle-orm',
  'kysely',
].concat(
  ['sequelize', 'typeorm'],
  Object.values(FRAMEWORK_PRELUDES).flatMap(({ packages }) => packages),
);

/** What every example may take for granted; each runs in a block of its own, so it may use the same names. */
const PRELUDE = `
import { createHash } from 'node:crypto';
import Database from 'better-sqlite3';
import pg from 'pg';
import { action, AuditError, createAudit as create } from 'indelible';
import { defineConfig } from 'indelible/config';
import { canonicalize, consistencyProof, inclusionProof, keyId, leafHash, openCheckpoint, openProof, rootOf, signCheckpoint, SigningKey, VerifierKey, verifyConsistency, verifyInclusion, writeProof } from 'indelible/integrity';
import { createMemoryStore } from 'indelible/memory';
import { PrismaPg } from '@prisma/adapter-pg';
import { drizzle } from 'drizzle-orm/node-postgres';
import { integer, pgTable, text, timestamp } from 'drizzle-orm/pg-core';
import { Kysely, PostgresDialect } from 'kysely';
import { DataTypes, Sequelize } from 'sequelize';
import { DataSource, EntitySchema } from 'typeorm';
import { auditDrizzle, drizzleModels } from 'indelible/drizzle';
import { auditKysely, kyselyModels } from 'indelible/kysely';
import { auditPg, createPostgresOutbox, createPostgresStore } from 'indelible/postgres';
import { auditPrisma, auditPrismaLabels, prismaModels } from 'indelible/prisma';
import { auditSequelize, sequelizeModels } from 'indelible/sequelize';
import { auditSqlite, createSqliteOutbox, createSqliteStore, fromSqlite } from 'indelible/sqlite';
import { auditTypeOrm, typeOrmModels } from 'indelible/typeorm';
import { PrismaClient } from '${PRISMA_CLIENT}';
import { expect } from 'expect';
import { auditMatchers, captureContract, createFaultyStore, createTestAudit, expectAudited, httpContract, removalContract, sealLogContract, storeContract, watchChanges } from 'indelible/testing';

const opened = [];
const createAudit = (options) => {
  const audit = create({ log: () => undefined, spool: { dir: './spool' }, ...options });
  opened.push(audit);
  return audit;
};
const store = createSqliteStore({ path: './examples.db' });
const audit = createAudit({ store, seal: { key: SigningKey.create('docs.example/audit') } });
const db = new Database(':memory:');
db.exec('CREATE TABLE appointment (id INTEGER, status TEXT)');
const pool = new pg.Pool({ connectionString: '${DATABASE}' });
await createPostgresOutbox(pool).migrate();
await pool.query('CREATE TABLE IF NOT EXISTS appointment (id int, status text)');
const Patient = new EntitySchema({ name: 'Patient', columns: { id: { type: 'int', primary: true }, phone: { type: 'text' } } });
const appointments = pgTable('appointment', { id: integer().primaryKey(), userId: integer('user_id'), startsAt: timestamp('starts_at'), notes: text() });
const invoices = pgTable('invoice', { id: integer().primaryKey(), appointmentId: integer('appointment_id').references(() => appointments.id) });
const schema = { appointments, invoices };
const target = { type: 'Appointment', id: '91' };
const before = { status: 'confirmed' };
const after = { status: 'completed' };
const core = { action: 'READ' };
const config = { store };
const publicKey = new Uint8Array(32);
const openStoreUnderTest = async () => undefined;
const runSql = (on, sql) => {
  const statement = on.prepare(sql);
  return statement.reader ? statement.all() : statement.run();
};
const [binding, openHome] = [{}, async () => undefined];
const [afterAll, describe, it] = [() => undefined, (title, tests) => tests(), () => undefined];
const sendReminders = async () => undefined;
`;
const EPILOGUE = `
for (const audit of opened) await audit.close();
await pool.end();
console.log('all ran');
`;

interface Example {
  readonly file: string;
  readonly line: number;
  readonly code: string;
  /** A name for an example that stands alone, with what it prints in the block after. */
  readonly alone: string | undefined;
}

function examplesOf(file: string): Example[] {
  const text = readFileSync(path.join(ROOT, file), 'utf8');
  const blocks = text.matchAll(/(?:<!-- run: ([\w-]+) -->\n)?^( \* |)```ts\n(.*?)^\2```$/gms);
  return [...blocks].map(({ 1: alone, 2: margin = '', 3: code = '', index }) => ({
    file,
    alone,
    line: text.slice(0, index).split('\n').length,
    code: margin === '' ? code : code.replaceAll(/^ \* ?/gm, ''),
  }));
}

function sourceFiles(): string[] {
  const files = readdirSync(path.join(PACKAGE, 'src'), { recursive: true, encoding: 'utf8' });
  return files
    .filter((file) => file.endsWith('.ts') && !file.includes('.test.'))
    .map((file) => `packages/indelible/src/${file}`);
}

const DOCUMENTS = [
  'README.md',
  ...readdirSync(path.join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** The file of a framework is named as it is. */
function frameworkOf(file: string): FrameworkPrelude | undefined {
  return FRAMEWORK_PRELUDES[path.parse(file).name];
}

const EXAMPLES = [...DOCUMENTS, ...sourceFiles()].flatMap(examplesOf);

describe('the documents', () => {
  let folder: string;
  let database: TestDatabase;

  beforeAll(async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'indelible-docs-'));
    mkdirSync(path.join(folder, 'node_modules'));
    for (const name of new Set(PACKAGES)) {
      const homes = [ROOT, PACKAGE].map((home) => path.join(home, 'node_modules', name));
      const at = homes.find((home) => existsSync(home));
      symlinkSync(at ?? name, path.join(folder, 'node_modules', name));
    }
    symlinkSync(PACKAGE, path.join(folder, 'node_modules/indelible'));
    writeFileSync(path.join(folder, 'package.json'), '{ "type": "module" }');
    // The decorators of NestJS are those that TypeScript had before there was a standard.
    writeFileSync(
      path.join(folder, 'tsconfig.json'),
      '{ "compilerOptions": { "experimentalDecorators": true } }',
    );
    const [server] = postgresServers();
    if (server === undefined) throw new Error('no PostgreSQL server');
    database = await createDatabase(server);
  });

  afterAll(async () => {
    await database.drop();
    rmSync(folder, { recursive: true });
  });

  /** Each in a folder of its own, below the one that has the packages. */
  async function runScript(code: string): Promise<string> {
    const cwd = mkdtempSync(path.join(folder, 'example-'));
    writeFileSync(
      path.join(cwd, 'example.ts'),
      code.replaceAll(DATABASE, database.url).replaceAll('postgres://localhost/clinic', database.url),
    );
    const { stdout } = await run(process.execPath, ['--import', import.meta.resolve('tsx'), 'example.ts'], {
      cwd,
    });
    return stdout;
  }

  it('have examples to run', () => {
    expect(EXAMPLES.length).toBeGreaterThan(20);
    expect(EXAMPLES.filter(({ alone }) => alone).length).toBe(1);
  });

  it('show a script of twenty lines in the README that prints what it says', async () => {
    const example = EXAMPLES.find(({ alone }) => alone === 'quick-start');
    const printed = /<!-- prints: quick-start -->\n```\n(.*?)```/s.exec(
      readFileSync(path.join(ROOT, 'README.md'), 'utf8'),
    )?.[1];
    const lines = (example?.code ?? '')
      .trim()
      .split('\n')
      .filter((line) => line.trim() !== '');
    expect(lines.length).toBeLessThanOrEqual(21);
    const output = await runScript(example?.code ?? '');
    expect(output.split('\n').filter((line) => line !== '' && !line.startsWith('indelible:'))).toEqual(
      printed?.trim().split('\n'),
    );
  });

  const FILES = [...new Set(EXAMPLES.filter(({ alone }) => !alone).map(({ file }) => file))];

  it.each(FILES)('show only examples that run: %s', async (file) => {
    const blocks = EXAMPLES.filter((example) => example.file === file && !example.alone).map(
      ({ code, line }) => {
        const body = code
          .replaceAll(/^import .*$/gm, '')
          .replaceAll(/^export default /gm, 'void ')
          .replaceAll(/^export /gm, '');
        return `try {\n${body}\n} catch (error) { console.error('the example in line ${line} failed'); throw error; }`;
      },
    );
    const prelude = [PRELUDE, frameworkOf(file)?.prelude];
    expect(await runScript([...prelude, ...blocks, EPILOGUE].join('\n'))).toContain('all ran');
  });

  it('name every error code there is, and no other', () => {
    const table = readFileSync(path.join(ROOT, 'docs/errors.md'), 'utf8').matchAll(/^\| `([A-Z_]+)` \|/gm);
    expect(new Set([...table].map(([, code]) => code))).toEqual(new Set(ERROR_CODES));
  });

  it('link only to files that exist', () => {
    const broken = DOCUMENTS.concat('ARCHITECTURE.md').flatMap((file) => {
      const links = readFileSync(path.join(ROOT, file), 'utf8').matchAll(/\]\(([^)#:]+)\)/g);
      return [...links]
        .map(([, link = '']) => path.join(path.dirname(file), link))
        .filter((link) => !existsSync(path.join(ROOT, link)));
    });
    expect(broken).toEqual([]);
  });
});
