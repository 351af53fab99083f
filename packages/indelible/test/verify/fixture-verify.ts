import { createSqliteStore } from '../../src/sqlite.js';
import { verifyTrail } from '../../src/verify/verify.js';

/**
 * Run as a process of its own by a test, with little memory: verifies the trail in a file, and writes what it found and
 * how much of the heap was in use at most. Its arguments are the file and the verifier key.
 */
const [path = '', key = ''] = process.argv.slice(2);
const store = createSqliteStore({ path, readTimeoutMs: 120_000 });
let heap = 0;
const found = await verifyTrail(store, {
  keys: [key],
  onProgress: () => {
    heap = Math.max(heap, process.memoryUsage().heapUsed);
  },
});
await store.close();
process.stdout.write(JSON.stringify({ ...found, heap }));
