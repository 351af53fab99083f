import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { Client } from 'pg';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { OLDEST_MAJOR } from './binaries.js';
import { findPostgres } from './find.js';
import { createDatabase, postgresServers, startPostgres } from './postgres.js';
import { probe } from './probe.js';

const clients: Client[] = [];

afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.end()));
});

async function connect(url: string): Promise<Client> {
  const client = new Client({ connectionString: url });
  client.on('error', () => undefined); // Stopping the server under the client is what some tests do.
  await client.connect();
  clients.push(client);
  return client;
}

async function databaseNames(url: string): Promise<string[]> {
  const { rows } = await (await connect(url)).query<{ datname: string }>('select datname from pg_database');
  return rows.map(({ datname }) => datname);
}

describe.each(postgresServers())('$name', (server) => {
  it('answers as a superuser with the major version it was announced with', async () => {
    expect(await probe(server.url)).toMatchObject({ major: server.major, superuser: true });
    expect(server.major).toBeGreaterThanOrEqual(OLDEST_MAJOR);
  });

  it('syncs what it commits', async () => {
    const { rows } = await (await connect(server.url)).query('show fsync');
    expect(rows).toEqual([{ fsync: 'on' }]);
  });

  it('makes a database and drops it with a connection still open', async () => {
    const database = await createDatabase(server);
    await connect(database.url);
    expect(await databaseNames(server.url)).toContain(database.name);
    await database.drop();
    expect(await databaseNames(server.url)).not.toContain(database.name);
  });

  it('copies a template', async () => {
    const template = await createDatabase(server);
    onTestFinished(() => template.drop());
    const client = new Client({ connectionString: template.url });
    await client.connect();
    await client.query('create table kept as select 7 as answer');
    await client.end();
    const copy = await createDatabase(server, { template: template.name });
    onTestFinished(() => copy.drop());
    const { rows } = await (await connect(copy.url)).query('select answer from kept');
    expect(rows).toEqual([{ answer: 7 }]);
  });
});

describe('the servers of a run', () => {
  it('are at least one, and each of another major version', () => {
    const majors = postgresServers().map(({ major }) => major);
    expect(majors).not.toEqual([]);
    expect(new Set(majors).size).toBe(majors.length);
  });
});

describe.each(['embedded', undefined] as const)('a server of its own (%s)', (version) => {
  it('keeps what it committed through an immediate stop and starts again at the same place', async () => {
    const server = await startPostgres(version === undefined ? {} : { version });
    onTestFinished(() => server.close());
    const before = await connect(server.url);
    await before.query('create table kept as select 42 as answer');
    await server.stop('immediate');
    expect(await probe(server.url)).toContain('ECONNREFUSED');
    await server.start();
    const { rows } = await (await connect(server.url)).query('select answer from kept');
    expect(rows).toEqual([{ answer: 42 }]);
  });
});

describe('an own server', () => {
  it('does not outlive a process that was killed', async () => {
    const orphanage = fileURLToPath(new URL('fixture-orphan.ts', import.meta.url));
    const child = spawn(process.execPath, ['--import', 'tsx', orphanage], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const url = await firstLine(child);
    expect(await probe(url)).toMatchObject({ superuser: true });
    child.kill('SIGKILL');
    await vi.waitFor(async () => expect(await probe(url)).toContain('ECONNREFUSED'), { timeout: 10_000 });
  });
});

describe('finding a server', () => {
  it('refuses a URL from the environment that does not answer instead of taking another server', async () => {
    const environment = { INDELIBLE_TEST_POSTGRES_URL: 'postgres://postgres@127.0.0.1:1/postgres' };
    await expect(findPostgres(environment)).rejects.toThrow(
      /INDELIBLE_TEST_POSTGRES_URL is set.*ECONNREFUSED/,
    );
  });
});

async function firstLine(child: ChildProcess): Promise<string> {
  if (child.stdout === null) throw new Error('The process has no output to read');
  const [chunk]: unknown[] = await once(child.stdout, 'data');
  return String(chunk).trim();
}
