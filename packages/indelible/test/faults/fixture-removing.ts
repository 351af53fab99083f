import { dieAt } from '../../src/stores/failpoints.js';
import { SqliteStore } from '../../src/stores/sqlite/sqlite-store.js';
import type { RemovingTask } from './removing-task.js';
import { take } from '../../src/testing/removal/filled.js';

/** Run as a process of its own by a test: writes to standard output how many events each batch removed. */
await live(JSON.parse(process.argv[2] ?? '{}') as RemovingTask);

async function live(task: RemovingTask): Promise<void> {
  const store = new SqliteStore({ path: task.path });
  await store.retention.removals();
  process.stdout.write('ready\n');
  if (task.dieAt !== undefined) dieAt(task.dieAt);
  for (let at = 0; at < task.ids.length; at += task.batch) {
    const removed = await take(store, task.eventId, task.ids.slice(at, at + task.batch));
    process.stdout.write(`${removed}\n`);
  }
  await store.close();
}
