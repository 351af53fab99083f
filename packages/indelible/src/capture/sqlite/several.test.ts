import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';

import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

import { capturedDatabase, OUTBOX } from '../../../test/capture/sqlite-bed.js';
import { type Place, somewhere } from '../../../test/sqlite-trail.js';

const WRITER = fileURLToPath(new URL('../../../test/capture/fixture-sqlite-writer.ts', import.meta.url));
const TSX = import.meta.resolve('tsx');
const START = `import(${JSON.stringify(import.meta.resolve('tsx/esm/api'))}).then(({ tsImport }) => tsImport(${JSON.stringify(WRITER)}, 'file:///'))`;
const SCHEMA = `PRAGMA journal_mode = WAL; CREATE TABLE t (id INTEGER PRIMARY KEY, who TEXT, n INTEGER);
  CREATE TABLE truth (op, id, who, n);
  CREATE TRIGGER t_insert AFTER INSERT ON t BEGIN INSERT INTO truth VALUES ('INSERT', NEW.id, NEW.who, NEW.n); END;
  CREATE TRIGGER t_update AFTER UPDATE ON t BEGIN INSERT INTO truth VALUES ('UPDATE', NEW.id, NULL, NEW.n); END;`;
const ROUNDS = 60;

interface Found {
  readonly context: string;
  readonly transaction_id: string;
  readonly body: string;
}

describe('several connections to one file', () => {
  let place: Place;
  let db: Database.Database;

  beforeEach(() => {
    place = somewhere('app.db');
    db = new Database(place.path);
    db.exec(`${SCHEMA} ${OUTBOX}`);
  });
  afterEach(() => {
    db.close();
    place.remove();
  });

  /** Every change is there once, under the name of who made it, and transactions are told apart. */
  function expectAll(names: readonly string[]): void {
    const found = db.prepare('SELECT * FROM indelible_outbox ORDER BY seq').all() as Found[];
    const changes = found.map(({ body }) => JSON.parse(body));
    const truth = db.prepare('SELECT * FROM truth ORDER BY rowid').all() as Record<string, unknown>[];
    expect(
      changes.map(({ op, before, after }) => ({ op, id: null, who: null, ...before, ...after })),
    ).toEqual(truth);
    const who = new Map(truth.map(({ id, who: name }) => [id, name]));
    for (const [n, { context }] of found.entries()) {
      const id = changes[n].before?.id ?? changes[n].after.id;
      expect(JSON.parse(context)).toEqual({ who: who.get(id) ?? JSON.parse(context).who });
    }
    const written = names.length * ROUNDS;
    const undone = names.length * Math.ceil(ROUNDS / 6);
    expect(new Set(found.map(({ transaction_id }) => transaction_id)).size).toBe(written - undone);
  }

  it('are captured each for itself, in one process', () => {
    const others = [1, 2].map(() => capturedDatabase('SELECT 1', undefined, place.path));
    for (const other of others) other.exec("INSERT INTO t (who) VALUES ('a')");
    others[0]?.exec('ALTER TABLE t ADD COLUMN later');
    for (const other of others) other.exec("INSERT INTO t (who, later) VALUES ('b', 1)");
    const bodies = db.prepare('SELECT body FROM indelible_outbox').pluck().all();
    expect(bodies.map((body) => JSON.parse(String(body)).after)).toEqual([
      { id: 1, who: 'a', n: null },
      { id: 2, who: 'a', n: null },
      { id: 3, who: 'b', n: null, later: 1 },
      { id: 4, who: 'b', n: null, later: 1 },
    ]);
    for (const other of others) other.close();
  });

  it('P17: are captured in threads', async () => {
    const names = ['one', 'two', 'three'];
    const workers = names.map(
      (name) => new Worker(START, { eval: true, workerData: [place.path, name, String(ROUNDS)] }),
    );
    await Promise.all(workers.map((worker) => once(worker, 'message')));
    await Promise.all(workers.map((worker) => worker.terminate()));
    expectAll(names);
  });

  it('are captured in processes', async () => {
    const names = ['first', 'second'];
    await Promise.all(
      names.map((name) =>
        promisify(execFile)(process.execPath, ['--import', TSX, WRITER, place.path, name, String(ROUNDS)]),
      ),
    );
    expectAll(names);
  });
});
