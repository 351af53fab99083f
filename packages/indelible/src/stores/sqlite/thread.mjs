// Runs statements on one SQLite file away from the application's event loop, which the driver would block.
// Plain JavaScript, so that it starts the same way from the sources and from the build.
import { parentPort, workerData } from 'node:worker_threads';

import Database from 'better-sqlite3';

const TIMEOUT = 'indelible: over the time allowed';
const CHANGED = 'indelible: a changed migration';
const PREPARED_LIMIT = 200;

const db = new Database(workerData.path, {
  readonly: workerData.readonly,
  fileMustExist: workerData.readonly,
});
for (const pragma of workerData.pragmas) db.pragma(pragma);

let deadline = Infinity;
db.function('indelible_in_time', { deterministic: false }, () => {
  if (performance.now() > deadline) throw new Error(TIMEOUT);
  return 1;
});

/** @type {Map<string, import('better-sqlite3').Statement>} */
const prepared = new Map();

function prepare(sql) {
  let statement = prepared.get(sql);
  if (statement === undefined) {
    if (prepared.size >= PREPARED_LIMIT) prepared.clear();
    statement = db.prepare(sql);
    prepared.set(sql, statement);
  }
  return statement;
}

function read({ sql, params, budgetMs }) {
  deadline = performance.now() + budgetMs;
  return prepare(sql).all(...params);
}

/** One transaction; an event that is already there stays, and is a conflict when its digest is another. */
const write = db.transaction(({ insert, insertSubject, select, rows }) => {
  const conflicts = [];
  for (const { row, subjects, digest } of rows) {
    if (prepare(insert).run(...row, row[0]).changes === 1) {
      for (const subject of subjects) prepare(insertSubject).run(...subject);
    } else if (!prepare(select).get(row[0]).payload_digest.equals(digest)) {
      conflicts.push(row[0]);
    }
  }
  return conflicts;
});

const migrate = db.transaction(({ ledger, migrations }) => {
  db.exec(ledger);
  const applied = new Map(db.prepare('SELECT name, digest FROM indelible_migration').raw().all());
  for (const { name, digest, sql } of migrations) {
    if (applied.get(name) === digest) continue;
    if (applied.has(name)) throw Object.assign(new Error(name), { code: CHANGED });
    db.exec(sql);
    db.prepare('INSERT INTO indelible_migration (name, digest) VALUES (?, ?)').run(name, digest);
  }
});

const operations = {
  read,
  write: (message) => write.immediate(message),
  migrate: (message) => migrate.immediate(message),
  close: () => db.close(),
};

function failure({ message, code, name }) {
  if (message === TIMEOUT) return { kind: 'timeout', text: message };
  if (code === CHANGED) return { kind: 'changed', text: message };
  return { kind: 'failed', text: message, code: code ?? name };
}

parentPort.on('message', (message) => {
  try {
    parentPort.postMessage({ id: message.id, result: operations[message.operation](message) });
  } catch (error) {
    parentPort.postMessage({ id: message.id, failure: failure(error) });
  }
  if (message.operation === 'close') parentPort.close();
});
