import { createHash } from 'node:crypto';

import type { Json } from './event.js';
import { tagBigInt, tagBytes, tagDate, tagNumber } from './tagged.js';

/** A copy's members while it is made. */
export type Members = Record<string, Json>;

/** Stands in for a value that cannot be read. */
export const UNREADABLE: unique symbol = Symbol('unreadable');

/** A member of whatever was passed, which may throw when it is looked at. */
export function readMember(value: object, key: string | number): unknown {
  try {
    return Reflect.get(value, key);
  } catch {
    // One getter that throws costs that member, not its neighbours.
    return UNREADABLE;
  }
}

/** True for an array; `Array.isArray` throws for a proxy that has been revoked. */
export function isList(value: unknown): value is readonly unknown[] {
  try {
    return Array.isArray(value);
  } catch {
    // What nobody can look into is no list.
    return false;
  }
}

/** How many items a list says it has; none when it will not say. */
export function lengthOf(list: readonly unknown[]): number {
  const length = readMember(list, 'length');
  return typeof length === 'number' ? length : 0;
}

/** The millisecond of a date; undefined for anything else, also for what only pretends to be one. */
export function msOf(value: unknown): number | undefined {
  try {
    return value instanceof Date ? value.getTime() : undefined;
  } catch {
    // A proxy that throws, or an object that merely inherits from Date.
    return undefined;
  }
}

/** Also sets a member that is called `__proto__`, which by plain assignment would be lost. */
export function setMember(members: Members, key: string, value: Json): void {
  if (key === '__proto__')
    Object.defineProperty(members, key, { value, enumerable: true, configurable: true, writable: true });
  else members[key] = value;
}

/** Dates and bytes in their tagged form. */
export function tagOf(value: object): string | undefined {
  if (value instanceof Date) return tagDate(value);
  if (ArrayBuffer.isView(value))
    return tagContents(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
  if (value instanceof ArrayBuffer || value instanceof SharedArrayBuffer)
    return tagContents(new Uint8Array(value));
  return undefined;
}

function tagContents(bytes: Uint8Array): string {
  return tagBytes(bytes.length, createHash('sha256').update(bytes).digest('hex'));
}

const LARGEST_BIGINT_BITS = 4096;

/** A number as the canonical form holds it; undefined for one of thousands of digits, which take long to write. */
export function numberOf(value: number | bigint): number | string | undefined {
  if (typeof value === 'bigint')
    return BigInt.asIntN(LARGEST_BIGINT_BITS, value) === value ? tagBigInt(value) : undefined;
  if (!Number.isSafeInteger(value)) return tagNumber(value);
  return value === 0 ? 0 : value;
}

/** What an error says, without its stack, which names files and may quote values. */
export function plainError(error: Error): object {
  return {
    name: readMember(error, 'name'),
    message: readMember(error, 'message'),
    code: readMember(error, 'code'),
    cause: readMember(error, 'cause'),
  };
}
