import { createSqliteStore } from '../src/sqlite.js';
import { someEntries } from './entries.js';

/** Run as a process of its own by a test: opens the trail in a file and appends to it, batch after batch. */
const [path = '', batches = '0', size = '0'] = process.argv.slice(2);
const store = createSqliteStore({ path });
const ids: string[] = [];
for (let batch = 0; batch < Number(batches); batch += 1) {
  const entries = someEntries(Number(size), (n) => ({ search: { subjects: [`s${n}`] } }));
  await store.append(entries);
  ids.push(...entries.map(({ core }) => core.id));
}
await store.close();
console.info(JSON.stringify(ids));
