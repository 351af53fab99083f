import { isActionName } from '../event/actions.js';
import { AuditError } from '../event/errors.js';

type Given = Readonly<Record<string, unknown>>;
type Check = (given: unknown, name: string) => void;

const DELIVERIES: ReadonlySet<unknown> = new Set(['with-change', 'before', 'soon']);

/** Every option there is, and what it must be when it is given. */
const CHECKS: Readonly<Record<string, Check>> = {
  store: (given, name) => {
    if (!hasMethod(given, 'append'))
      throw invalid(name, given, 'give a store, such as createSqliteStore({ path: "./audit.db" })');
  },
  outbox: (given, name) => {
    if (!hasMethod(given, 'put'))
      throw invalid(name, given, 'give an outbox, such as createSqliteOutbox(db)');
  },
  actions: (given, name) => {
    const misnamed = Object.keys(object(given, name)).find((action) => !isActionName(action));
    if (misnamed !== undefined)
      throw invalid(name, misnamed, 'name actions in upper-case words, such as PAYMENT_RECEIVED');
  },
  models: object,
  redaction: object,
  delivery: (given, name) => {
    for (const [key, mode] of Object.entries(object(given, name))) {
      if (!DELIVERIES.has(mode))
        throw invalid(`${name}.${key}`, mode, "use 'with-change', 'before' or 'soon'");
    }
  },
  failClosed: (given, name) => {
    if (typeof given !== 'boolean' && !isTexts(given))
      throw invalid(name, given, 'give true, false, or a list such as ["EXPORT", "Patient.READ"]');
  },
  onError: callable,
  log: callable,
  spool: (given, name) => {
    if (given === false) return;
    const { dir, maxBytes } = object(given, name);
    if (dir !== undefined) path(dir, `${name}.dir`);
    if (maxBytes !== undefined) positive(maxBytes, `${name}.maxBytes`);
  },
  bufferSize: positive,
  deadlineMs: positive,
  countBudgetMs: positive,
  limits: (given, name) => {
    for (const [key, bytes] of Object.entries(object(given, name))) {
      if (bytes !== undefined) positive(bytes, `${name}.${key}`);
    }
  },
  timeZone,
  keys: (given, name) => path(object(given, name)['file'], `${name}.file`),
};

/** Refuses what `createAudit` cannot work with, in words that say what to give instead. */
export function checkOptions(options: unknown): void {
  const given: Given = typeof options === 'object' && options !== null ? (options as Given) : {};
  const unknown = Object.keys(given).find((name) => !Object.hasOwn(CHECKS, name));
  if (unknown !== undefined) {
    const known = Object.keys(CHECKS).join(', ');
    throw new AuditError('INVALID_OPTIONS', `createAudit: ${unknown} is no option; use ${known}.`);
  }
  for (const [name, check] of Object.entries(CHECKS)) {
    if (given[name] !== undefined || name === 'store') check(given[name], name);
  }
}

function object(given: unknown, name: string): Given {
  if (typeof given !== 'object' || given === null) throw invalid(name, given, 'give an object');
  return given as Given;
}

function callable(given: unknown, name: string): void {
  if (typeof given !== 'function') throw invalid(name, given, 'give a function');
}

function positive(given: unknown, name: string): void {
  if (typeof given !== 'number' || !Number.isFinite(given) || given <= 0)
    throw invalid(name, given, 'give a positive number');
}

function path(given: unknown, name: string): void {
  if (typeof given !== 'string' || given === '')
    throw invalid(name, given, 'give a path, such as "./indelible.key"');
}

function timeZone(given: unknown, name: string): void {
  try {
    if (typeof given !== 'string') throw new TypeError('not a text');
    Intl.DateTimeFormat('en', { timeZone: given });
  } catch {
    throw invalid(name, given, 'give the name of a time zone, such as "Europe/Berlin"');
  }
}

function hasMethod(given: unknown, name: string): boolean {
  return typeof given === 'object' && given !== null && typeof Reflect.get(given, name) === 'function';
}

function isTexts(given: unknown): boolean {
  return Array.isArray(given) && given.every((one) => typeof one === 'string');
}

function invalid(name: string, given: unknown, remedy: string): AuditError {
  const shown =
    typeof given === 'string'
      ? JSON.stringify(given)
      : typeof given === 'number'
        ? String(given)
        : typeof given;
  return new AuditError('INVALID_OPTIONS', `createAudit: ${name} is ${shown}; ${remedy}.`);
}
