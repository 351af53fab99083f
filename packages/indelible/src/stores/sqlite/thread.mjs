// Runs statements on one SQLite file away from the application's event loop, which the driver would block.
// Plain JavaScript, so that it starts the same way from the sources and from the build.
import { parentPort, workerData } from 'node:worker_threads';

import Database from 'better-sqlite3';

const TIMEOUT = 'indelible: over the time allowed';
const CHANGED = 'indelible: a changed migration';
const PREPARED_LIMIT = 200;
const PAUSE = new Int32Array(new SharedArrayBuffer(4));
const PAUSE_MS = 10;

/** One connection, opened with the first message, so that a file that cannot be opened is an answer like any other. */
class Connection {
  /** @readonly */
  #db;
  #deadline = Infinity;
  #isRemoving = false;
  /** @readonly */
  #prepared = new Map();

  constructor({ path, readonly, pragmas }) {
    this.#db = new Database(path, { readonly, fileMustExist: readonly });
    for (const pragma of pragmas) this.#set(pragma);
    this.#db.function('indelible_in_time', { deterministic: false }, () => this.#inTime());
    this.#db.function('indelible_may_remove', { deterministic: false }, () => Number(this.#isRemoving));
    this.#db.function('indelible_time_of', { deterministic: true }, timeOf);
  }

  /** Turning a new file to WAL does not wait for another process that does so, as every other statement would. */
  #set(pragma) {
    const busyMs = this.#db.pragma('busy_timeout', { simple: true });
    for (const end = performance.now() + busyMs; ;) {
      try {
        this.#db.pragma(pragma);
        return;
      } catch (error) {
        if (error.code !== 'SQLITE_BUSY' || performance.now() > end) throw error;
        Atomics.wait(PAUSE, 0, 0, PAUSE_MS);
      }
    }
  }

  read({ sql, params, budgetMs }) {
    this.#deadline = performance.now() + budgetMs;
    return this.#prepare(sql).all(...params);
  }

  write(message) {
    return this.#db.transaction(() => this.#insertAll(message)).immediate();
  }

  /** False, and nothing done, unless the log stands where it was believed to. */
  seal({ standing, steps, dieAt }) {
    const isSealed = this.#db.transaction(() => this.#take(steps, standing, dieAt)).immediate();
    reach('seal.committed', dieAt);
    return isSealed;
  }

  /** How many events were removed; nothing is done unless the removal was decided and is not over. */
  remove({ standing, holds, steps, dieAt }) {
    this.#isRemoving = true;
    try {
      const removed = this.#db
        .transaction(() => this.#removeBatch(standing, holds, steps, dieAt))
        .immediate();
      reach('removal.committed', dieAt);
      return removed;
    } finally {
      this.#isRemoving = false;
    }
  }

  /** Changes something and answers what is then there. */
  change({ change, answer }) {
    return this.#db
      .transaction(() => {
        this.#prepare(change.sql).run(...change.params);
        return this.#prepare(answer.sql).all(...answer.params);
      })
      .immediate();
  }

  /** How many rows a part of the merging of an index has changed. */
  merge({ sql, params }) {
    const changes = this.#prepare('SELECT total_changes() AS count');
    const before = changes.get().count;
    this.#db.transaction(() => this.#prepare(sql).run(...params)).immediate();
    return changes.get().count - before;
  }

  /** True when all of the log beside the file is in the file, and the log is empty. */
  checkpoint() {
    return this.#db.pragma('wal_checkpoint(TRUNCATE)')[0].busy === 0;
  }

  /** True when this connection has the file for itself, until it is closed or its process ends. */
  lock() {
    try {
      this.#db.exec('BEGIN EXCLUSIVE');
      return true;
    } catch (error) {
      if (error.code === 'SQLITE_BUSY') return false;
      throw error;
    }
  }

  migrate(message) {
    this.#db.transaction(() => this.#apply(message)).immediate();
  }

  close() {
    this.#db.close();
  }

  #inTime() {
    if (performance.now() > this.#deadline) throw new Error(TIMEOUT);
    return 1;
  }

  /** An event that is already there stays, and is a conflict when its digest is another, or nobody's any more. */
  #insertAll({ insert, insertSubject, select, rows }) {
    const [event, about, stored] = [insert, insertSubject, select].map((sql) => this.#prepare(sql));
    const conflicts = [];
    for (const { row, subjects, digest } of rows) {
      if (event.run(...row, row[0], row[0]).changes === 1) {
        for (const subject of subjects) about.run(...subject);
      } else if (!stored.get(row[0])?.payload_digest.equals(digest)) {
        conflicts.push(row[0]);
      }
    }
    return conflicts;
  }

  #take(steps, { sql: standing, params }, dieAt) {
    if (this.#prepare(standing).get(...params) === undefined) return false;
    reach('seal.begun', dieAt);
    for (const { at, sql, rows } of steps) {
      const statement = this.#prepare(sql);
      for (const row of rows) statement.run(...row);
      reach(at, dieAt);
    }
    return true;
  }

  #removeBatch({ sql, params }, holds, steps, dieAt) {
    const removal = this.#prepare(sql).get(...params);
    if (removal === undefined) return { found: 'undecided' };
    if (removal.done_at !== null) return { found: 'over' };
    if (this.#prepare(holds.sql).get().changes !== holds.changes) return { found: 'held' };
    let removed = 0;
    for (const { at, sql: step, params: given, isCounted } of steps[removal.kind]) {
      const { changes } = this.#prepare(step).run(...given);
      if (isCounted) removed += changes;
      if (at !== undefined) reach(at, dieAt);
    }
    return { found: 'decided', removed };
  }

  #apply({ ledger, migrations }) {
    this.#db.exec(ledger);
    const rows = this.#db.prepare('SELECT name, digest FROM indelible_migration').raw().all();
    const applied = new Map(rows);
    for (const { name, digest, sql } of migrations) {
      if (applied.get(name) === digest) continue;
      if (applied.has(name)) throw Object.assign(new Error(name), { code: CHANGED });
      this.#db.exec(sql);
      this.#db.prepare('INSERT INTO indelible_migration (name, digest) VALUES (?, ?)').run(name, digest);
    }
  }

  #prepare(sql) {
    let statement = this.#prepared.get(sql);
    if (statement === undefined) {
      if (this.#prepared.size >= PREPARED_LIMIT) this.#prepared.clear();
      statement = this.#db.prepare(sql);
      this.#prepared.set(sql, statement);
    }
    return statement;
  }
}

/** When an id was made, in milliseconds: its first 48 bits. */
function timeOf(id) {
  return BigInt(id.readUIntBE(0, 6));
}

/** Tests see what is left of a process that was killed at each step. */
function reach(at, dieAt) {
  if (at === dieAt) process.kill(process.pid, 'SIGKILL');
}

function failure({ message, code, name }) {
  if (message === TIMEOUT) return { kind: 'timeout', text: message };
  if (code === CHANGED) return { kind: 'changed', text: message };
  return { kind: 'failed', text: message, code: code ?? name };
}

let connection;

parentPort.on('message', ({ id, operation, ...message }) => {
  try {
    if (operation !== 'close') connection ??= new Connection(workerData);
    parentPort.postMessage({ id, result: connection?.[operation](message) });
  } catch (error) {
    parentPort.postMessage({ id, failure: failure(error) });
  }
  if (operation === 'close') parentPort.close();
});
