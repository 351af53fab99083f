import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

import {
  type Audit,
  type AuditError,
  type AuditEvent,
  type AuditOptions,
  createAudit,
} from '../src/index.js';
import { createMemoryStore } from '../src/memory.js';
import { readEvent } from '../src/event/read.js';
import type { EmptyCatalogue } from '../src/event/actions.js';
import type { Store } from '../src/stores/store.js';
import { createFaultyStore, type FaultMode, type FaultyStore } from '../src/testing/faulty-store.js';

/** A trail with a store that fails when told to, a spool of its own, and everything it says written down. */
export interface TestTrail {
  readonly audit: Audit;
  readonly store: FaultyStore;
  /** The folder the spool's folders are in. */
  readonly dir: string;
  readonly errors: AuditError[];
  readonly lines: string[];
  /** What really is in the store, oldest first, also after the trail has been closed. */
  stored(action?: string): Promise<AuditEvent[]>;
  /** The same trail opened anew: its store and its spool are those of before. */
  reopen(options?: TestTrailOptions): TestTrail;
}

export interface TestTrailOptions extends Partial<AuditOptions<EmptyCatalogue>> {
  /** The store is away from the start. */
  readonly away?: FaultMode;
}

const folders: string[] = [];

export function temporaryFolder(): string {
  const dir = mkdtempSync(path.join(tmpdir(), 'indelible-test-'));
  folders.push(dir);
  return dir;
}

/** For `afterAll`. */
export function removeTemporaryFolders(): void {
  for (const dir of folders.splice(0)) rmSync(dir, { recursive: true, force: true });
}

export function openTestTrail(options: TestTrailOptions = {}): TestTrail {
  const inner = createMemoryStore();
  inner.close = async () => undefined;
  return open(inner, temporaryFolder(), options);
}

function open(inner: Store, dir: string, options: TestTrailOptions): TestTrail {
  const { away, ...given } = options;
  const store = createFaultyStore(inner);
  if (away) store.failAlways(away);
  const errors: AuditError[] = [];
  const lines: string[] = [];
  const audit = createAudit({
    store,
    spool: { dir },
    onError: (error) => errors.push(error),
    log: (line) => lines.push(line),
    ...given,
  });
  return {
    audit,
    store,
    dir,
    errors,
    lines,
    stored: (action) => readAll(inner, action),
    reopen: (again = options) => open(inner, dir, again),
  };
}

export async function readAll(store: Store, action?: string): Promise<AuditEvent[]> {
  const where = action === undefined ? {} : { actions: [action] };
  const order = { column: 'timestamp', descending: false } as const;
  const events: AuditEvent[] = [];
  for await (const entry of store.stream({ tenantId: null, where, order, limit: 1_000 }))
    events.push(readEvent(entry));
  return events;
}

/** The files of a spool that hold, or held, events. */
export function spoolFiles(dir: string): string[] {
  return readdirSync(dir, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.spool'))
    .map((name) => path.join(dir, name));
}

export function spoolText(dir: string): string {
  return spoolFiles(dir)
    .map((file) => readFileSync(file, 'utf8'))
    .join('');
}

export function spoolBytes(dir: string): number {
  return spoolFiles(dir).reduce((sum, file) => sum + statSync(file).size, 0);
}

/** The numbers 1 to `last` that neither an event of the process nor an AUDIT_GAP accounts for. */
export function unexplained(events: readonly AuditEvent[], processId: string, last: number): number[] {
  const known = new Set(
    events.flatMap(({ process }) => (process !== null && process.id === processId ? [process.n] : [])),
  );
  for (const { action, metadata } of events) {
    if (action !== 'AUDIT_GAP' || metadata?.['of_process'] !== processId) continue;
    for (const [from, to] of metadata['numbers'] as unknown as [number, number][])
      for (let n = from; n <= to; n += 1) known.add(n);
  }
  return Array.from({ length: last }, (_, i) => i + 1).filter((n) => !known.has(n));
}
