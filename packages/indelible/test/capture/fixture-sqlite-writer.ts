import { isMainThread, parentPort, workerData } from 'node:worker_threads';

import Database from 'better-sqlite3';

import { attachSqlite } from '../../src/capture/sqlite/attach-sqlite.js';
import { TestCapturing } from './sqlite-bed.js';

/**
 * Run as a process or a thread of its own by a test: captures a connection of its own to a file, and writes
 * some rows under its name, alone, in transactions, and in transactions that are rolled back.
 */
const [path = '', name = '', rounds = '0'] = isMainThread ? process.argv.slice(2) : (workerData as string[]);
const capturing = new TestCapturing();
capturing.contextText = () => JSON.stringify({ who: name });
const db = attachSqlite(capturing, new Database(path, { timeout: 20_000 }));
const insert = db.prepare('INSERT INTO t (who, n) VALUES (?, ?)');
const write = db.transaction((n: number) => {
  insert.run(name, n);
  db.prepare('UPDATE t SET n = -n WHERE who = ? AND n = ?').run(name, n);
  if (n % 3 === 0) throw new RangeError('undo');
});
for (let n = 1; n <= Number(rounds); n += 1) {
  if (n % 2 === 0) insert.run(name, n);
  else
    try {
      write.immediate(n);
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
    }
}
db.close();
parentPort?.postMessage(capturing.commits);
