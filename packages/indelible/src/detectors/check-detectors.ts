import { isActionName } from '../event/actions.js';
import { SEVERITIES } from './detector.js';
import { isTimeOfDay } from './hours.js';

/** What is wrong with an option: its name, what was found, and what to give instead. */
type Flaw = string;

type Given = Readonly<Record<string, unknown>>;
type Check = (given: unknown, name: string) => Flaw | undefined;

const MOST = 1_000_000;
const SHORTEST_SECRET = 16;

const COUNTS: Readonly<Record<string, Check>> = Object.fromEntries(
  SEVERITIES.map((severity) => [severity, threshold]),
);
const OPTIONS: Readonly<Record<string, Check>> = {
  failedLogins: unlessFalse(COUNTS),
  afterHoursReads: unlessFalse({ ...COUNTS, opens: timeOfDay, closes: timeOfDay }),
  massDeletion: unlessFalse(COUNTS),
  massExport: unlessFalse(COUNTS),
  deniedAttempts: unlessFalse(COUNTS),
  loginAfterFailures: unlessFalse(COUNTS),
  own: eachDetector,
  webhook: (given, name) => members(given, name, { url: address, secret, fetch: callable }, ['url']),
};
const DETECTOR: Readonly<Record<string, Check>> = {
  type,
  actions,
  period: (given, name) =>
    given === 'day' || given === 'week' ? undefined : refused(name, given, "use 'day' or 'week'"),
  during: callable,
  watch: callable,
};
const RULE: Readonly<Record<string, Check>> = {
  type,
  actions,
  during: callable,
  withinMs: (given, name) =>
    Number.isSafeInteger(given) && Number(given) > 0
      ? undefined
      : refused(name, given, 'give milliseconds, such as 3600000'),
  from: (given, name) => members(given, name, COUNTS) ?? someOf(given, name),
  of: callable,
  describe: callable,
};
const NEEDED_OF_A_RULE = Object.keys(RULE).filter((key) => key !== 'during');

/** The first thing that is wrong with the options of the detectors; undefined when nothing is. */
export function flawOfDetectors(given: unknown, name: string): Flaw | undefined {
  return members(given, name, OPTIONS);
}

function members(
  given: unknown,
  name: string,
  checks: Readonly<Record<string, Check>>,
  needed: readonly string[] = [],
): Flaw | undefined {
  if (typeof given !== 'object' || given === null) return refused(name, given, 'give an object');
  const unknown = Object.keys(given).find((key) => !Object.hasOwn(checks, key));
  if (unknown !== undefined) return `${name}.${unknown} is no option; use ${Object.keys(checks).join(', ')}.`;
  for (const [key, check] of Object.entries(checks)) {
    const value = (given as Given)[key];
    const flaw = value !== undefined || needed.includes(key) ? check(value, `${name}.${key}`) : undefined;
    if (flaw !== undefined) return flaw;
  }
  return undefined;
}

function unlessFalse(checks: Readonly<Record<string, Check>>): Check {
  return (given, name) => (given === false ? undefined : members(given, name, checks));
}

function eachDetector(given: unknown, name: string): Flaw | undefined {
  if (!Array.isArray(given)) return refused(name, given, 'give a list of detectors');
  const types = new Set<unknown>();
  for (const [n, one] of (given as unknown[]).entries()) {
    const at = `${name}[${n}]`;
    const isWatch = typeof one === 'object' && one !== null && 'watch' in one;
    const flaw = isWatch
      ? members(one, at, DETECTOR, ['type', 'actions', 'watch'])
      : members(one, at, RULE, NEEDED_OF_A_RULE);
    if (flaw !== undefined) return flaw;
    const { type: called } = one as Given;
    if (types.has(called)) return refused(`${at}.type`, called, 'give each a type of its own');
    types.add(called);
  }
  return undefined;
}

function threshold(given: unknown, name: string): Flaw | undefined {
  const isCount = Number.isSafeInteger(given) && Number(given) >= 1 && Number(given) <= MOST;
  return isCount ? undefined : refused(name, given, `give a whole number from 1 to ${MOST}`);
}

function someOf(given: unknown, name: string): Flaw | undefined {
  const isGiven = SEVERITIES.some((severity) => (given as Given)[severity] !== undefined);
  return isGiven ? undefined : refused(name, given, 'say from how many on it is low, medium or high');
}

function timeOfDay(given: unknown, name: string): Flaw | undefined {
  return isTimeOfDay(given) ? undefined : refused(name, given, 'give a time of day, such as "08:00"');
}

function type(given: unknown, name: string): Flaw | undefined {
  const isType = typeof given === 'string' && /^[a-z][a-z0-9_]{0,62}$/.test(given);
  return isType ? undefined : refused(name, given, 'give lower-case words, such as "night_refunds"');
}

function actions(given: unknown, name: string): Flaw | undefined {
  const isList = Array.isArray(given) && given.length > 0 && given.length <= 100;
  const areNames =
    isList && (given as unknown[]).every((one) => typeof one === 'string' && isActionName(one));
  return areNames ? undefined : refused(name, given, 'give a list of actions, such as ["REFUND"]');
}

function callable(given: unknown, name: string): Flaw | undefined {
  return typeof given === 'function' ? undefined : refused(name, given, 'give a function');
}

/** A name and a password in it would be shown wherever an address is. */
function address(given: unknown, name: string): Flaw | undefined {
  const remedy =
    'give an address such as "https://alerts.example/findings", without a name or password in it';
  const url = typeof given === 'string' && URL.canParse(given) ? new URL(given) : undefined;
  const isPlain = url?.username === '' && url.password === '';
  const isHttp = url?.protocol === 'https:' || url?.protocol === 'http:';
  return isPlain && isHttp ? undefined : refused(name, typeof given, remedy);
}

/** What is refused is not shown: it is a secret. */
function secret(given: unknown, name: string): Flaw | undefined {
  if (typeof given === 'string' && given.length >= SHORTEST_SECRET) return undefined;
  const remedy = `give a text of ${SHORTEST_SECRET} characters or more`;
  return refused(name, typeof given === 'string' ? 'too short' : typeof given, remedy);
}

function refused(name: string, given: unknown, remedy: string): Flaw {
  const isPlain = ['string', 'number', 'boolean'].includes(typeof given);
  return `${name} is ${isPlain ? JSON.stringify(given) : typeof given}; ${remedy}.`;
}
