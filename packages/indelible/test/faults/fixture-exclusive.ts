import { SqliteStore } from '../../src/stores/sqlite/sqlite-store.js';

/** Run as a process of its own by a test: removes alone from the file in its first argument, until it is killed. */
await new SqliteStore({ path: process.argv[2] ?? '' }).retention.exclusively(async () => {
  process.stdout.write('alone\n');
  setInterval(() => undefined, 1_000);
  await new Promise(() => undefined);
});
