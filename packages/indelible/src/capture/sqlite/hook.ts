import { statementsOf } from './script.js';
import type { SqliteCapture } from './sqlite-capture.js';
import type { SqliteCaptureLike, SqliteCaptureStatement } from './sqlite-capture-like.js';
import { type Start, startOf } from './start.js';

const CAPTURES = new WeakMap<object, SqliteCapture>();
const HOOKED = Symbol.for('indelible.capture.sqlite');
const STARTS = new WeakMap<object, Start>();
/** Compiled also while another connection locks the file. */
const NEEDS_NO_TABLES = 'COMMIT';
const READ: Start = { kind: 'read' };

type Method = (this: SqliteCaptureStatement, ...params: readonly unknown[]) => unknown;

export function captureOf(db: object): SqliteCapture | undefined {
  return CAPTURES.get(db);
}

/** From now on, what is run on the database passes through the capture. */
export function hook(db: SqliteCaptureLike, capture: SqliteCapture): void {
  hookStatements(Object.getPrototypeOf(db.prepare(NEEDS_NO_TABLES)) as object);
  replace(
    db,
    'prepare',
    (prepare) => (sql: unknown) => capture.compile(sql, () => Reflect.apply(prepare, db, [sql])),
  );
  replace(db, 'exec', (exec) => (sql: unknown) => {
    const run = (text: unknown): unknown => Reflect.apply(exec, db, [text]);
    const statements = typeof sql === 'string' ? statementsOf(sql) : [];
    if (statements.length === 0) return run(sql);
    for (const text of statements) {
      const start = startOf(text);
      if (start.kind === 'read') run(text);
      else capture.run(start, text, () => run(text));
    }
    return db;
  });
  CAPTURES.set(db, capture);
}

/**
 * All statements of all databases have one prototype, and better-sqlite3 runs its own BEGIN and COMMIT by
 * it: so those are seen too, and statements and transaction functions that were made before.
 */
function hookStatements(prototype: object): void {
  if (Object.hasOwn(prototype, HOOKED)) return;
  Object.defineProperty(prototype, HOOKED, { value: true });
  for (const name of ['run', 'get', 'all']) replace(prototype, name, hookedMethod);
  replace(prototype, 'iterate', (iterate) => hookedIterate(iterate));
}

function hookedMethod(method: Method): Method {
  return function hooked(...params) {
    const capture = CAPTURES.get(this.database);
    if (!capture || capture.connection.isOwn) return Reflect.apply(method, this, params);
    const start = startOfStatement(this);
    return start.kind === 'read'
      ? Reflect.apply(method, this, params)
      : capture.run(start, this.source, () => Reflect.apply(method, this, params));
  };
}

/** The changes are made by the first `next`, in whose context and transaction they are. */
function hookedIterate(iterate: Method): Method {
  return function hooked(...params) {
    const begin = (): object => Reflect.apply(iterate, this, params) as object;
    const capture = CAPTURES.get(this.database);
    const start = capture && startOfStatement(this);
    if (!capture || !start || start.kind === 'read') return begin();
    capture.prepareFor(start);
    return followed(begin, (step) => capture.step(start, this.source, step));
  };
}

/** An iterator whose steps are followed. When its first one fails and is tried again, another takes its place. */
function followed(begin: () => object, follow: (step: () => unknown) => unknown): object {
  const iterator = begin();
  let current: object | undefined = iterator;
  let isFirst = true;
  const next: Method = Reflect.get(iterator, 'next');
  const close: Method = Reflect.get(iterator, 'return');
  const firstStep = (): unknown => {
    current ??= begin();
    const one = current;
    current = undefined;
    const result = Reflect.apply(next, one, []);
    current = one;
    return result;
  };
  const step = (): unknown => {
    if (!isFirst) return follow(() => Reflect.apply(next, current ?? iterator, []));
    isFirst = false;
    return follow(firstStep);
  };
  define(iterator, 'next', step);
  define(iterator, 'return', () => follow(() => Reflect.apply(close, current ?? iterator, [])));
  return iterator;
}

function startOfStatement(statement: SqliteCaptureStatement): Start {
  const known = STARTS.get(statement);
  if (known) return known;
  const read = startOf(statement.source);
  const start = read.kind === 'write' && statement.readonly ? READ : read;
  STARTS.set(statement, start);
  return start;
}

function replace(target: object, name: string, by: (method: Method) => unknown): void {
  define(target, name, by(Reflect.get(target, name)));
}

function define(target: object, name: string, value: unknown): void {
  Object.defineProperty(target, name, { value, writable: true, configurable: true });
}
