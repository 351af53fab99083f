import { setImmediate, setTimeout as sleep } from 'node:timers/promises';

import { AuditError, createAudit } from '../../src/index.js';
import { createSqliteStore } from '../../src/sqlite.js';
import { createFaultyStore, type FaultMode } from '../../src/testing/faulty-store.js';

/** What the process that starts this one asks of it, as JSON in the first argument. */
export interface WriterTask {
  readonly path: string;
  readonly dir: string;
  /** The store comes and goes every so many milliseconds. */
  readonly flakyMs?: number;
  /** Records so many events at once and then waits for SIGTERM; without it, it records until it is killed. */
  readonly burst?: number;
}

/**
 * Run as a process of its own by a test, which kills it: records events, and writes the id of each to
 * standard output once the call has come back, and anything that must not happen to standard error.
 */
const task = JSON.parse(process.argv[2] ?? '{}') as WriterTask;
const store = createFaultyStore(createSqliteStore({ path: task.path }));
const audit = createAudit({
  store,
  spool: { dir: task.dir },
  failClosed: ['DISCLOSURE'],
  deadlineMs: 100,
  log: () => undefined,
  onError: () => undefined,
});
const MODES: readonly FaultMode[] = ['not-persisted', 'persisted', 'hangs'];

/** Standard output is written at once where it is a pipe, however slowly that is read. */
function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

process.on('unhandledRejection', (cause) => process.stderr.write(`unhandled: ${String(cause)}\n`));
process.on('uncaughtException', (cause) => process.stderr.write(`uncaught: ${String(cause)}\n`));
process.on('SIGTERM', () => {
  void audit.close().then(() => {
    say(JSON.stringify(audit.stats()));
    process.exit(0);
  });
});

async function act(n: number): Promise<void> {
  const target = { type: 'Patient', id: String(n) };
  // Nobody waits for this one, and now and then it is refused: it must end no program.
  if (n % 50 === 0) void audit.record({ action: 'DISCLOSURE', target });
  try {
    say(String(await audit.record({ action: n % 3 === 0 ? 'EXPORT' : 'READ', target })));
  } catch (error) {
    // Neither store nor disk was quick enough: it was refused, and so is not acknowledged.
    if (!(error instanceof AuditError && error.code === 'TRAIL_UNAVAILABLE')) throw error;
  }
}

async function work(): Promise<void> {
  for (let n = 1; ; n += 1) {
    await act(n);
    if (n % 5 === 0) await setImmediate();
  }
}

async function comeAndGo(everyMs: number): Promise<void> {
  for (let n = 0; ; n += 1) {
    store.failAlways(MODES[n % MODES.length] ?? 'hangs');
    await sleep(everyMs);
    store.recover();
    await sleep(everyMs);
  }
}

await audit.ready();
say('ready');
if (task.burst !== undefined) {
  for (let n = 0; n < task.burst; n += 1) void audit.record({ action: 'READ', metadata: { n } });
  say('recorded');
  setInterval(() => undefined, 1_000);
} else {
  if (task.flakyMs !== undefined) void comeAndGo(task.flakyMs);
  for (let worker = 0; worker < 4; worker += 1) void work();
}
