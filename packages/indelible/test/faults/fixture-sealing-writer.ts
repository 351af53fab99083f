import { dieAt, type Failpoint } from '../../src/stores/failpoints.js';
import { samples } from '../../src/testing/contract/sample.js';
import type { SealedStore } from '../../src/testing/seal-log/seal-log-contract.js';
import { hex, Sealed } from '../../src/testing/seal-log/sealed.js';
import { openSealedStore, readSealed, type SealingTask } from './sealing-task.js';

const BATCH = 20;

/**
 * Run as a process of its own by a test: writes what the store acknowledged to standard output, an id for each
 * event, and size and root for each head.
 */
await live(JSON.parse(process.argv[2] ?? '{}') as SealingTask);

async function live(task: SealingTask): Promise<void> {
  const store = openSealedStore(task);
  await store.migrate();
  if (task.dieAt === undefined) await Promise.all([write(store), seal(store)]);
  else await die(store, task.dieAt);
}

async function die(store: SealedStore, at: Failpoint): Promise<void> {
  const sealed = await readSealed(store);
  const batch = sealed.batch(await store.pending(1_000));
  dieAt(at);
  say(`survived: ${await store.seal(batch)}`);
}

async function write(store: SealedStore): Promise<void> {
  say('ready');
  for (let n = 0; ; n += 1) {
    const entries = samples(1 + (n % 4), () => ({}));
    await store.append(entries);
    for (const { core } of entries) say(core.id);
  }
}

async function seal(store: SealedStore): Promise<void> {
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
