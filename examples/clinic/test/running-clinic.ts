import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import Database from 'better-sqlite3';
import type { Express } from 'express';
import type { AuditEvent } from 'indelible';
import { afterAll } from 'vitest';

import { createApp } from '../src/app.js';
import { type Clinic, type ClinicOptions, createClinic } from '../src/clinic.js';
import { madeUpPeople, passwordOf } from '../src/made-up-life/people.js';
import { Client, type Event } from './client.js';

/** A folder for one clinic, and the way to remove it. */
export function newDataDir(): string {
  return mkdtempSync(join(tmpdir(), 'clinic-'));
}

/** A clinic for the tests of one file: open before the first, and gone after the last. */
export async function openForTests(databases?: Databases): Promise<RunningClinic> {
  const clinic = await RunningClinic.start(newDataDir(), databases);
  afterAll(() => clinic.stop());
  return clinic;
}

/** Databases of PostgreSQL for the clinic's data and its trail, in place of its files. */
export type Databases = Pick<ClinicOptions, 'databaseUrl' | 'auditDatabaseUrl'>;

/** A clinic with its people and nothing else, on a free port. */
export class RunningClinic {
  readonly clinic: Clinic;
  readonly app: Express;
  readonly dataDir: string;
  /** The codes of what the trail has reported. */
  readonly failures: readonly string[];
  readonly #server: Server;
  readonly #clients = new Map<string, Promise<Client>>();

  static async start(dataDir: string = newDataDir(), databases: Databases = {}): Promise<RunningClinic> {
    const failures: string[] = [];
    const onError = ({ code }: { code: string }): void => void failures.push(code);
    const clinic = await createClinic({ ...databases, dataDir, log: () => undefined, onError });
    if (await clinic.users.isEmpty()) await clinic.users.admitAll(madeUpPeople());
    const app = createApp(clinic);
    const server = createServer(app).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new RunningClinic({ clinic, app, dataDir, failures }, server);
  }

  private constructor(parts: Pick<RunningClinic, 'clinic' | 'app' | 'dataDir' | 'failures'>, server: Server) {
    this.clinic = parts.clinic;
    this.app = parts.app;
    this.dataDir = parts.dataDir;
    this.failures = parts.failures;
    this.#server = server;
  }

  /** Somebody who has not signed in. */
  get anybody(): Client {
    return new Client(`http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`);
  }

  /** One of the made-up people, signed in. */
  as(username: string): Promise<Client> {
    const known = this.#clients.get(username) ?? this.anybody.signIn(username, passwordOf(username));
    this.#clients.set(username, known);
    return known;
  }

  /** As `as`, in a session of its own and without a password. */
  async signedIn(userId: number): Promise<Client> {
    return new Client(this.anybody.url, (await this.clinic.sessions.open(userId)).token, userId);
  }

  /** The events that the owner sees under a filter, newest first. */
  async trail(filter: string): Promise<Event[]> {
    const owner = await this.as('owner');
    await this.clinic.audit.flush();
    const { status, body } = await owner.get(`/api/audit/logs/?${filter}`);
    if (status !== 200) throw new Error(`${filter}: ${JSON.stringify(body)}`);
    return body.results as Event[];
  }

  /** Every event of the trail, newest first. */
  async events(): Promise<AuditEvent[]> {
    const { audit } = this.clinic;
    await audit.flush();
    const events: AuditEvent[] = [];
    for await (const event of audit.stream()) events.push(event);
    return events;
  }

  /** What the trail tells of the request that was answered with these headers. */
  async toldOf(headers: Headers): Promise<AuditEvent[]> {
    const id = headers.get('x-request-id');
    return (await this.events()).filter(({ request }) => request?.id === id);
  }

  /** Everything the trail keeps on disk, in whatever form: its database, its spool and the outbox. */
  trailBytes(): string {
    const files = readdirSync(this.dataDir, { recursive: true, withFileTypes: true })
      .filter((file) => file.isFile() && !file.name.startsWith('clinic.db'))
      .map((file) => readFileSync(join(file.parentPath, file.name), 'latin1'));
    return [...files, ...this.#select("SELECT coalesce(context, '') || body FROM indelible_outbox")].join(
      '\n',
    );
  }

  /** What is stored of a token of this user. */
  storedDigest(userId: number): string {
    return this.#select(`SELECT token_sha256 FROM sessions WHERE user_id = ${userId}`)[0] ?? 'no session';
  }

  #select(sql: string): string[] {
    const db = new Database(join(this.dataDir, 'clinic.db'), { readonly: true });
    const values = db.prepare(sql).pluck().all() as string[];
    db.close();
    return values;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await this.clinic.close();
    rmSync(this.dataDir, { recursive: true });
  }
}
