import Database from 'better-sqlite3';

import { attachSqlite } from '../../src/capture/sqlite/attach-sqlite.js';
import type { Capturing, FailedWrite } from '../../src/capture/capturing.js';
import type { TableRules } from '../../src/capture/tables.js';

export const OUTBOX = `CREATE TABLE IF NOT EXISTS indelible_outbox (seq INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000 AS INTEGER)),
  salt BLOB NOT NULL DEFAULT (randomblob(16)), transaction_id TEXT, context TEXT, body TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0, retry_at INTEGER NOT NULL DEFAULT 0, last_error TEXT) STRICT`;

interface GivenRules {
  readonly exclude?: readonly string[];
  readonly redact?: readonly string[];
  readonly ignore?: readonly string[];
  readonly kept?: readonly string[];
  readonly subject?: string;
  readonly tenant?: string;
}

/** What a test sees of a trail that is captured for. */
export class TestCapturing implements Capturing {
  readonly onUnsupported = 'record';
  readonly failures: FailedWrite[] = [];
  readonly lostFor: unknown[] = [];
  readonly warnings: string[] = [];
  readonly lines: string[] = [];
  closed = false;
  commits = 0;
  contexts = 0;
  contextText: () => string = () => '{"who":"test"}';
  readonly #rules: Readonly<Record<string, GivenRules | false>>;

  constructor(rules: Readonly<Record<string, GivenRules | false>> = {}) {
    this.#rules = rules;
  }

  readonly tables = {
    rulesOf: ({ name }: { readonly name: string }): TableRules | undefined => {
      const given = this.#rules[name] ?? {};
      return given === false || name.startsWith('truth') ? undefined : rulesFrom(name, given);
    },
  };

  failsClosed(): boolean {
    return this.closed;
  }
  context(): string {
    this.contexts += 1;
    return this.contextText();
  }
  changes = 0;

  changed(): void {
    this.changes += 1;
  }

  written(): void {
    this.commits += 1;
  }
  lost(cause: unknown): void {
    this.lostFor.push(cause);
  }
  failed(write: FailedWrite): void {
    this.failures.push(write);
  }
  warn(message: string): void {
    if (!this.warnings.includes(message)) this.warnings.push(message);
  }
  attached(line: string): void {
    this.lines.push(line);
  }
}

function rulesFrom(name: string, given: GivenRules): TableRules {
  return {
    model: name,
    isExcluded: (column) => given.exclude?.includes(column) === true,
    isHidden: (column) => given.redact?.includes(column) === true,
    isIgnored: (column) => given.ignore?.includes(column) === true,
    subject: given.subject?.split('.'),
    tenant: given.tenant?.split('.'),
    kept: given.kept ?? [],
  };
}

/** A database whose tables are made, with its outbox, and that is captured. */
export function capturedDatabase(
  schema: string,
  capturing: TestCapturing = new TestCapturing(),
  path = ':memory:',
): Database.Database {
  const db = new Database(path);
  db.exec(schema);
  db.exec(OUTBOX);
  return attachSqlite(capturing, db);
}

export interface Captured {
  readonly op: string;
  readonly model: string;
  readonly key: readonly string[];
  readonly before?: Readonly<Record<string, unknown>>;
  readonly after?: Readonly<Record<string, unknown>>;
  readonly subject?: string | null;
  readonly tenant?: string | null;
}

/** The changes that the outbox holds, oldest first. */
function changesIn(db: Database.Database): Captured[] {
  const bodies = db.prepare('SELECT body FROM indelible_outbox ORDER BY seq').pluck().all();
  return bodies.map((body) => JSON.parse(String(body)) as Captured);
}

/** Takes the changes out of the outbox, so that the next ones stand alone. */
export function takeChanges(db: Database.Database): Captured[] {
  const changes = changesIn(db);
  db.exec('DELETE FROM indelible_outbox');
  return changes;
}

/** The transactions of the rows of the outbox, numbered in the order of their appearance. */
export function transactionsIn(db: Database.Database): number[] {
  const ids = db.prepare('SELECT transaction_id FROM indelible_outbox ORDER BY seq').pluck().all();
  const known = [...new Set(ids)];
  return ids.map((id) => known.indexOf(id) + 1);
}
