import { AuditError } from '../event/errors.js';

const PLAIN = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/;
const LONE_SURROGATE = /\p{Surrogate}/u;
const MAX_DEPTH = 64;

/**
 * The one text of a JSON value (RFC 8785): sorted keys, no white space, ECMAScript numbers. A member that
 * is `undefined` is absent; anything else that JSON cannot hold is refused with `NOT_CANONICAL`, never
 * dropped or guessed at.
 *
 * @example
 * ```ts
 * canonicalize({ b: 1, a: 'x' }); // {"a":"x","b":1}
 * ```
 */
export function canonicalize(value: unknown): string {
  if (isOrdered(value, 0)) {
    const written = JSON.stringify(value);
    // Half a character is written as an escape, which a text may also hold in its own right.
    if (!written.includes(SURROGATE_ESCAPE)) return written;
  }
  return write(value, 0);
}

const SURROGATE_ESCAPE = String.raw`\ud`;

/**
 * True for plain JSON whose keys stand in their order: then the engine's own text is the canonical one, and nearly all
 * that is written here was made in that order. Whatever has a `toJSON` would be written as something else.
 */
function isOrdered(value: unknown, depth: number): boolean {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return true;
    case 'number':
      return Number.isFinite(value);
    case 'object':
      if (value === null) return true;
      if (depth >= MAX_DEPTH || 'toJSON' in value) return false;
      return Array.isArray(value) ? hasOrderedItems(value, depth) : hasOrderedMembers(value, depth);
    default:
      return false;
  }
}

function hasOrderedItems(values: readonly unknown[], depth: number): boolean {
  for (let i = 0; i < values.length; i += 1) if (!isOrdered(values[i], depth + 1)) return false;
  return true;
}

function hasOrderedMembers(value: object, depth: number): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) return false;
  const members = value as Readonly<Record<string, unknown>>;
  let last = '';
  for (const key in members) {
    const member = members[key];
    if (member === undefined) continue;
    if (key < last || !isOrdered(member, depth + 1)) return false;
    last = key;
  }
  return true;
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

/** The text of minus zero is that of zero, as RFC 8785 has it. */
function number(value: number): string {
  if (!Number.isFinite(value)) throw refusal(`the number ${value}`);
  return String(value);
}

function array(values: readonly unknown[], depth: number): string {
  let out = '';
  for (let i = 0; i < values.length; i += 1) out += `${i === 0 ? '' : ','}${write(values[i], depth + 1)}`;
  return `[${out}]`;
}

function object(value: object, depth: number): string {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== null && prototype !== Object.prototype) throw refusal('an object that is not plain');
  const members = value as Readonly<Record<string, unknown>>;
  let out = '';
  for (const key of presentKeys(members).sort())
    out += `${out === '' ? '' : ','}${text(key)}:${write(members[key], depth + 1)}`;
  return `{${out}}`;
}

function presentKeys(members: Readonly<Record<string, unknown>>): string[] {
  const keys: string[] = [];
  for (const key of Object.keys(members)) if (members[key] !== undefined) keys.push(key);
  return keys;
}

function refusal(what: string): AuditError {
  return new AuditError(
    'NOT_CANONICAL',
    `A value cannot be written in canonical form: found ${what}. Give plain JSON: strings, finite numbers, booleans, null, arrays, plain objects.`,
  );
}
