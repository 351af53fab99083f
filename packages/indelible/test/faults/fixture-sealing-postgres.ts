import { dieAt, type Failpoint } from '../../src/stores/failpoints.js';
import { PostgresStore } from '../../src/stores/postgres/postgres-store.js';
import { samples } from '../../src/testing/contract/sample.js';
import { hex, Sealed } from '../../src/testing/seal-log/sealed.js';
import { readSealed } from './sealing-task.js';

/** What a test asks of a process of its own that seals in PostgreSQL, as JSON in its first argument. */
export interface PostgresSealingTask {
  readonly url: string;
  /** Seals once, and dies on the way; without it, it stores and seals until it is killed. */
  readonly dieAt?: Failpoint;
}

const BATCH = 20;

/**
 * Run as a process of its own by a test: writes what the store acknowledged to standard output, an id for each
 * event, and size and root for each head.
 */
const task = JSON.parse(process.argv[2] ?? '{}') as PostgresSealingTask;
const store = new PostgresStore({ connectionString: task.url });
if (task.dieAt === undefined) await Promise.all([write(), seal()]);
else await die(task.dieAt);

async function die(at: Failpoint): Promise<void> {
  const sealed = await readSealed(store);
  const batch = sealed.batch(await store.pending(1_000));
  dieAt(at);
  say(`survived: ${await store.seal(batch)}`);
}

async function write(): Promise<void> {
  say('ready');
  for (let n = 0; ; n += 1) {
    const entries = samples(1 + (n % 4), () => ({}));
    await store.append(entries);
    for (const { core } of entries) say(core.id);
  }
}

async function seal(): Promise<void> {
  for (let sealed = new Sealed(); ;) {
    sealed = await readSealed(store, sealed);
    const pending = await store.pending(BATCH);
    if (pending.head.size !== sealed.tree.size) continue;
    const batch = sealed.batch(pending);
    if (await store.seal(batch)) say(`${batch.head.size} ${hex(batch.head.root)}`);
  }
}

/** Standard output is written at once where it is a pipe, however slowly that is read. */
function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
