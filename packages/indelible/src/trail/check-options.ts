import { flawOfDetectors } from '../detectors/check-detectors.js';
import { isActionName } from '../event/actions.js';
import { AuditError, messageOf } from '../event/errors.js';
import { SigningKey } from '../integrity/note-key.js';
import { SHORTEST_KEY } from './sign-in/name-key.js';

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
  models: (given, name) => {
    for (const [model, rules] of Object.entries(object(given, name))) {
      if (rules !== false) checkModel(rules, `${name}.${model}`);
    }
  },
  reads: (given, name) => {
    for (const [model, rules] of Object.entries(object(given, name))) checkReads(rules, `${name}.${model}`);
  },
  trustedProxies: (given, name) => {
    if (!isTexts(given)) throw invalid(name, given, 'give a list such as ["10.0.0.0/8", "loopback"]');
  },
  signIn: checkSignIn,
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
  onUnsupported: (given, name) => {
    if (given !== 'record' && given !== 'throw') throw invalid(name, given, "use 'record' or 'throw'");
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
  keys: (given, name) => {
    checkMembers(given, name, KEYS);
    keyFile(object(given, name)['file'], `${name}.file`);
  },
  seal: (given, name) => {
    if (given === false) return;
    checkMembers(given, name, SEAL);
  },
  anchors: (given, name) => {
    if (!Array.isArray(given) || !given.every((anchor) => hasMethod(anchor, 'put')))
      throw invalid(
        name,
        given,
        'give a list of anchors, such as [fileAnchor({ path: "/mnt/elsewhere/trail.txt" })]',
      );
  },
  retention: object,
  detectors: (given, name) => {
    const flaw = flawOfDetectors(given, name);
    if (flaw !== undefined) throw new AuditError('INVALID_OPTIONS', `createAudit: ${flaw}`);
  },
};

/** A longer wait would be none: timers know no more than 24 days, and nothing should lie unsealed for long. */
const MOST_MS = 3_600_000;
/** Of so many events every store makes one transaction, and the process a short work. */
const MOST_AT_ONCE = 10_000;

const KEYS: Readonly<Record<string, Check>> = {
  file: keyFile,
  previous: (given, name) => {
    for (const file of [given].flat()) keyFile(file, name);
  },
};

const SEAL: Readonly<Record<string, Check>> = {
  everyMs: (given, name) => upTo(MOST_MS, given, name),
  batchSize: (given, name) => {
    if (!Number.isSafeInteger(given)) throw invalid(name, given, 'give a whole number');
    upTo(MOST_AT_ONCE, given, name);
  },
  heartbeatMs: positive,
  key: signingKey,
};

/** What may be said of a model. */
const MODEL_CHECKS: Readonly<Record<string, Check>> = {
  table: column,
  subject: columnOrDerived,
  tenant: columnOrDerived,
  label: checkDerived,
  exclude: columns,
  redact: columns,
  ignore: columns,
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

/** A misspelt rule must not pass for one: what it should have hidden would be recorded. */
function checkModel(rules: unknown, name: string): void {
  checkMembers(rules, name, MODEL_CHECKS);
}

const SIGN_IN: Readonly<Record<string, Check>> = { digestKey, userModel: column };

function checkSignIn(given: unknown, name: string): void {
  checkMembers(given, name, SIGN_IN);
}

function checkMembers(given: unknown, name: string, checks: Readonly<Record<string, Check>>): void {
  for (const [key, value] of Object.entries(object(given, name))) {
    const check = Object.hasOwn(checks, key) ? checks[key] : undefined;
    if (check === undefined) {
      const known = Object.keys(checks).join(', ');
      throw new AuditError('INVALID_OPTIONS', `createAudit: ${name}.${key} is no option; use ${known}.`);
    }
    if (value !== undefined) check(value, `${name}.${key}`);
  }
}

/** Whoever gives the key in place of its file must not find it in a message. */
function keyFile(given: unknown, name: string): void {
  if (typeof given !== 'string' || !given.startsWith('PRIVATE+KEY+')) return path(given, name);
  throw new AuditError(
    'INVALID_OPTIONS',
    `createAudit: ${name} is a key; give the path of its file, or the key itself as seal.key.`,
  );
}

/** What is refused is not shown: it is a secret. */
function signingKey(given: unknown, name: string): void {
  if (given instanceof SigningKey) return;
  try {
    if (typeof given === 'string') return void SigningKey.parse(given.trim());
  } catch (cause) {
    throw new AuditError(
      'INVALID_OPTIONS',
      `createAudit: ${name} cannot be used: ${messageOf(cause)}`,
      cause,
    );
  }
  throw new AuditError(
    'INVALID_OPTIONS',
    `createAudit: ${name} is ${typeof given}; give a SigningKey, or the line that indelible keys create wrote.`,
  );
}

/** What is refused is not shown: it is a key. */
function digestKey(given: unknown, name: string): void {
  const isKey = typeof given === 'string' || given instanceof Uint8Array;
  if (isKey && Buffer.byteLength(given) >= SHORTEST_KEY) return;
  const found = isKey ? `${Buffer.byteLength(given)} bytes long` : typeof given;
  throw new AuditError(
    'INVALID_OPTIONS',
    `createAudit: ${name} is ${found}; give a text or bytes, ${SHORTEST_KEY} bytes or more.`,
  );
}

const READ_RULES: readonly string[] = ['protected', 'lists', 'searches'];

function checkReads(rules: unknown, name: string): void {
  for (const [key, given] of Object.entries(object(rules, name))) {
    if (!READ_RULES.includes(key))
      throw new AuditError(
        'INVALID_OPTIONS',
        `createAudit: ${name}.${key} is no option; use ${READ_RULES.join(', ')}.`,
      );
    if (given !== undefined && typeof given !== 'boolean')
      throw invalid(`${name}.${key}`, given, 'give true or false');
  }
}

function column(given: unknown, name: string): void {
  if (typeof given !== 'string' || given === '') throw invalid(name, given, 'give a name');
}

function columns(given: unknown, name: string): void {
  if (!isTexts(given)) throw invalid(name, given, 'give a list of columns, such as ["notes"]');
}

function columnOrDerived(given: unknown, name: string): void {
  if (typeof given === 'string' && given !== '') return;
  checkDerived(given, name);
}

function checkDerived(given: unknown, name: string): void {
  const remedy = 'give { columns: ["name"], text: (record) => record.name }';
  if (typeof given !== 'object' || given === null) throw invalid(name, given, remedy);
  const { columns: names, text } = given as Given;
  if (!isTexts(names) || typeof text !== 'function') throw invalid(name, given, remedy);
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

function upTo(most: number, given: unknown, name: string): void {
  positive(given, name);
  if (Number(given) > most) throw invalid(name, given, `give ${most} at most`);
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
