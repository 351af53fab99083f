import path from 'node:path';

import Database from 'better-sqlite3';

import type { EmptyCatalogue } from '../src/event/actions.js';
import {
  type Audit,
  type AuditError,
  type AuditOptions,
  createAudit,
  type Entry,
  type Store,
} from '../src/index.js';
import { createSqliteStore } from '../src/sqlite.js';
import { temporaryFolder } from './test-trail.js';

const BATCH = 1_000;

/** A trail in a SQLite file of its own, and a way to the file that does not go through it. */
export interface SqliteAudit {
  readonly audit: Audit;
  readonly store: Store;
  readonly path: string;
  readonly errors: AuditError[];
  /** Stores entries as they are, past the recorder. */
  append(entries: readonly Entry[]): Promise<void>;
  /** What a statement finds in the file, by a connection that may only read. */
  readonly raw: (sql: string, ...params: readonly unknown[]) => Record<string, unknown>[];
  close(): Promise<void>;
}

export function openSqliteAudit(
  options: Partial<AuditOptions<EmptyCatalogue>> = {},
  file: string = path.join(temporaryFolder(), 'audit.db'),
): SqliteAudit {
  const store = createSqliteStore({ path: file });
  const errors: AuditError[] = [];
  const audit = createAudit({
    store,
    spool: false,
    log: () => undefined,
    onError: (error) => errors.push(error),
    ...options,
  });
  return {
    audit,
    store,
    path: file,
    errors,
    append: (entries) => append(store, entries),
    raw: (sql, ...params) => raw(file, sql, params),
    close: () => audit.close(),
  };
}

async function append(store: Store, entries: readonly Entry[]): Promise<void> {
  for (let from = 0; from < entries.length; from += BATCH)
    await store.append(entries.slice(from, from + BATCH));
}

function raw(file: string, sql: string, params: readonly unknown[]): Record<string, unknown>[] {
  const db = new Database(file, { readonly: true });
  try {
    db.function('indelible_in_time', { deterministic: false }, () => 1);
    return db.prepare(sql).all(...params) as Record<string, unknown>[];
  } finally {
    db.close();
  }
}
