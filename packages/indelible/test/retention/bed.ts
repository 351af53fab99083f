import path from 'node:path';

import Database from 'better-sqlite3';

import type { Entry } from '../../src/event/entry.js';
import { IdGenerator } from '../../src/event/id.js';
import type { StoredEntry } from '../../src/event/read.js';
import { type Audit, type AuditError, createAudit } from '../../src/index.js';
import { SigningKey, VerifierKey } from '../../src/integrity/note-key.js';
import type { RetentionOptions } from '../../src/retention/preview.js';
import { TrailRetention } from '../../src/retention/trail-retention.js';
import { type ErasureParts, SubjectErasure } from '../../src/erasure/subject-erasure.js';
import type { RemovalStore } from '../../src/retention/removing.js';
import { createSqliteStore } from '../../src/sqlite.js';
import { MemoryRows } from '../../src/stores/memory/memory-rows.js';
import { MemoryStore } from '../../src/stores/memory/memory-store.js';
import type { Store } from '../../src/stores/store.js';
import type { Verification } from '../../src/verify/verification.js';
import { verifyTrail } from '../../src/verify/verify.js';
import { someEntry } from '../entries.js';
import { openTrail } from '../postgres-trail.js';
import { postgresServers } from '../servers/postgres.js';
import { temporaryFolder } from '../test-trail.js';

export const KEY: SigningKey = SigningKey.create('example.com/audit');
const DAY_MS = 86_400_000;

/** Midnight, in UTC, so many days before today, and so many milliseconds later. */
export function daysAgo(days: number, ms = 0): number {
  return Math.floor(Date.now() / DAY_MS) * DAY_MS - days * DAY_MS + ms;
}

/** An event of the past. */
export interface Old extends NonNullable<Parameters<typeof someEntry>[0]> {
  /** When it was stored. */
  readonly at: number;
}

export type RemovingStore = Store & RemovalStore;

/** A trail whose events can be as old as a test needs them to be. */
export interface Bed {
  readonly audit: Audit;
  readonly store: RemovingStore;
  readonly parts: ErasureParts;
  readonly retention: TrailRetention;
  readonly erasure: SubjectErasure;
  readonly errors: AuditError[];
  /** The file of the trail; '' in memory. */
  readonly file: string;
  /** Stores events of the past; answers their ids. */
  add(events: readonly Old[]): Promise<string[]>;
  /** The ids of all events that are there, by raw rows. */
  ids(): Promise<string[]>;
  /** A second retention over the same trail, as another process has one. */
  another(options?: RetentionOptions): TrailRetention;
  close(): Promise<void>;
}

export interface BedOptions {
  readonly retention?: RetentionOptions;
  readonly runSize?: number;
  readonly file?: string;
}

export function partsOf(
  audit: Audit,
  store: RemovingStore,
  key: SigningKey,
  errors: AuditError[] = [],
): ErasureParts {
  return {
    store,
    record: (event) => audit.record(event as Parameters<Audit['record']>[0]),
    flush: () => audit.flush(),
    seal: () => audit.seal(),
    keys: () => ({ signing: [key], known: [VerifierKey.parse(key.verifierKey)] }),
    report: (error) => errors.push(error),
    settle: async () => undefined,
    tenantId: () => audit.context().tenantId ?? '',
  };
}

function agedEntry({ at, ...given }: Old): Entry {
  const id = new IdGenerator(() => at).next();
  return someEntry({ ...given, core: { id, ...given.core } });
}

export function openMemoryBed(options: BedOptions = {}): Promise<Bed> {
  const rows = new MemoryRows();
  const store = new MemoryStore(rows);
  return openBed(store, '', options, {
    add: async (entries, times) => {
      for (const [n, entry] of entries.entries())
        rows.add({ ...entry, recordedAt: new Date(times[n] ?? 0).toISOString() } satisfies StoredEntry);
    },
    ids: async () => [...rows.events.keys()].toSorted(),
  });
}

export function openSqliteBed(options: BedOptions = {}): Promise<Bed> {
  const file = options.file ?? path.join(temporaryFolder(), 'audit.db');
  const store = createSqliteStore({ path: file });
  return openBed(store, file, options, {
    add: async (entries, times) => {
      await store.append(entries);
      backdate(
        file,
        entries.map(({ core }, n) => [core.id, times[n] ?? 0]),
      );
    },
    ids: async () => idsIn(file),
  });
}

/** On the first of the servers there are. */
export async function openPostgresBed(options: BedOptions = {}): Promise<Bed> {
  const [server] = postgresServers();
  if (server === undefined) throw new Error('no PostgreSQL server');
  const trail = await openTrail(server);
  const { store, client } = trail;
  const bed = await openBed(store, '', options, {
    // What is updated is guarded on every partition; what is not given at all has the default of that moment.
    add: async (entries, times) => {
      for (const [n, entry] of entries.entries()) {
        await client.query(dating(`to_timestamp(${(times[n] ?? 0) / 1_000})`));
        await store.append([entry]);
      }
      await client.query(dating('clock_timestamp()'));
    },
    ids: async () => {
      const { rows } = await client.query<{ id: string }>('SELECT id::text FROM indelible_event ORDER BY id');
      return rows.map(({ id }) => id);
    },
  });
  return {
    ...bed,
    close: async () => {
      await bed.close();
      await trail.close();
    },
  };
}

function dating(value: string): string {
  return `ALTER TABLE indelible_event ALTER COLUMN recorded_at SET DEFAULT ${value}`;
}

interface Access {
  add(entries: readonly Entry[], times: readonly number[]): Promise<void>;
  ids(): Promise<string[]>;
}

async function openBed(
  store: RemovingStore,
  file: string,
  options: BedOptions,
  access: Access,
): Promise<Bed> {
  await store.migrate();
  const errors: AuditError[] = [];
  const audit = createAudit({
    store,
    spool: false,
    seal: { key: KEY, everyMs: 20 },
    log: () => undefined,
    onError: (error) => errors.push(error),
  });
  await audit.ready();
  await audit.seal();
  const parts = partsOf(audit, store, KEY, errors);
  const another = (given = options.retention): TrailRetention =>
    new TrailRetention(parts, given, options.runSize);
  return {
    audit,
    store,
    parts,
    errors,
    file,
    another,
    retention: another(),
    erasure: new SubjectErasure(parts),
    ids: () => access.ids(),
    close: () => audit.close(),
    async add(events) {
      const entries = events.map(agedEntry);
      await access.add(
        entries,
        events.map(({ at }) => at),
      );
      await audit.seal();
      return entries.map(({ core }) => core.id);
    },
  };
}

/** What somebody finds who has the key and the store, and believes neither. */
export async function verified({ audit, store }: Bed): Promise<Verification> {
  await audit.seal();
  return verifyTrail(store, { keys: [KEY.verifierKey] });
}

/** Past the store, which dates its rows itself: what looks at changes of a row is lifted for this one statement. */
export function backdate(file: string, times: readonly (readonly [id: string, ms: number])[]): void {
  const db = new Database(file);
  const find = `SELECT name, sql FROM sqlite_schema
    WHERE type = 'trigger' AND tbl_name = 'indelible_event' AND sql LIKE '% UPDATE %ON indelible_event%'`;
  const triggers = db.prepare(find).all() as { name: string; sql: string }[];
  db.transaction(() => {
    for (const { name } of triggers) db.exec(`DROP TRIGGER ${name}`);
    const update = db.prepare('UPDATE indelible_event SET recorded_at = ? WHERE id = ?');
    for (const [id, ms] of times) update.run(ms, Buffer.from(id.replaceAll('-', ''), 'hex'));
    for (const { sql } of triggers) db.exec(sql);
  })();
  db.close();
}

function idsIn(file: string): string[] {
  const db = new Database(file, { readonly: true });
  const ids = db.prepare('SELECT lower(hex(id)) FROM indelible_event ORDER BY id').pluck().all() as string[];
  db.close();
  return ids.map((hex) => hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5'));
}
