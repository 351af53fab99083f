import { setTimeout as sleep } from 'node:timers/promises';

import { dieAt, type Failpoint } from '../../src/stores/failpoints.js';
import { PostgresStore } from '../../src/stores/postgres/postgres-store.js';
import { take } from '../../src/testing/removal/filled.js';

/** What a test asks of a process of its own that removes events in PostgreSQL, as JSON in its first argument. */
export interface PostgresRemovalTask {
  readonly url: string;
  readonly eventId: string;
  readonly ids: readonly string[];
  /** Removes once, and dies on the way; without it, it goes on as the only runner until it is killed. */
  readonly dieAt?: Failpoint;
}

const BATCH = 20;

const task = JSON.parse(process.argv[2] ?? '{}') as PostgresRemovalTask;
const store = new PostgresStore({ connectionString: task.url });
if (task.dieAt === undefined) await run();
else await die(task.dieAt);

async function die(at: Failpoint): Promise<void> {
  await store.head();
  dieAt(at);
  say(`survived: ${await take(store, task.eventId, task.ids)}`);
}

async function run(): Promise<void> {
  const ran = await store.retention.exclusively(async () => {
    say('ready');
    for (let at = 0; at < task.ids.length; at += BATCH)
      await take(store, task.eventId, task.ids.slice(at, at + BATCH));
    await sleep(60_000);
    return true;
  });
  say(`ended: ${ran}`);
}

/** Standard output is written at once where it is a pipe, however slowly that is read. */
function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
