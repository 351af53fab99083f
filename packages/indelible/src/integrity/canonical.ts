import { AuditError } from '../event/errors.js';

const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;
const LONE_SURROGATE = /\p{Surrogate}/u;
const MAX_DEPTH = 64;

/**
 * The one text of a JSON value (RFC 8785): sorted keys, no white space, ECMAScript numbers.
 * Anything that JSON cannot hold is refused with `NOT_CANONICAL`, never dropped or guessed at.
 *
 * @example
 * ```ts
 * canonicalize({ b: 1, a: 'x' }); // {"a":"x","b":1}
 * ```
 */
export function canonicalize(value: unknown): string {
  return write(value, 0);
}

function write(value: unknown, depth: number): string {
  switch (typeof value) {
    case 'string':
      return text(value);
    case 'number':
      return number(value);
    case 'boolean':
      return value ? 'true' : 'false';
    case 'object':
      if (value === null) return 'null';
      if (depth >= MAX_DEPTH) throw refusal(`nesting deeper than ${MAX_DEPTH}`);
      return Array.isArray(value) ? array(value, depth) : object(value, depth);
    default:
      throw refusal(`a value of type ${typeof value}`);
  }
}

function text(value: string): string {
  if (PLAIN.test(value)) return `"${value}"`;
  if (LONE_SURROGATE.test(value)) throw refusal('a lone surrogate in a text');
  return JSON.stringify(value);
}

function number(value: number): string {
  if (!Number.isFinite(value)) throw refusal(`the number ${value}`);
  return String(Object.is(value, -0) ? 0 : value);
}

function array(values: readonly unknown[], depth: number): string {
  let out = '[';
  for (let i = 0; i < values.length; i += 1) {
    if (i > 0) out += ',';
    out += write(values[i], depth + 1);
  }
  return `${out}]`;
}

/** `undefined` members are absent, as in JSON.stringify; every other foreign value is refused. */
function object(value: object, depth: number): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) throw refusal('an object that is not plain');
  let out = '';
  for (const key of Object.keys(value).sort()) {
    const member = (value as Record<string, unknown>)[key];
    if (member === undefined) continue;
    out += `${out === '' ? '' : ','}${text(key)}:${write(member, depth + 1)}`;
  }
  return `{${out}}`;
}

function refusal(what: string): AuditError {
  return new AuditError(
    'NOT_CANONICAL',
    `A value cannot be written in canonical form: found ${what}. Give plain JSON: strings, finite numbers, booleans, null, arrays, plain objects.`,
  );
}
