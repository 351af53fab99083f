import type { Json } from './event.js';
import type { Flag } from './flag.js';
import {
  isList,
  type Members,
  numberOf,
  plainError,
  readMember,
  setMember,
  tagOf,
  UNREADABLE,
} from './foreign.js';
import { inOrder, itself, nameOf } from './in-order.js';
import { namesField, VALUES } from './naming.js';
import type { Redactor } from './redaction.js';
import { escapeText, type Marker, readTagged, tagMarker } from './tagged.js';
import { cutText, mendText } from './text.js';

const MAX_DEPTH = 16;
const KEY_BYTES = 256;
const MARKER_BYTES = 14;
const QUOTES_BYTES = 2;
/** No secret that shows by itself is longer, a key in PEM form included. */
const EDGE = 8 * 1024;
/** A single short word holds nothing to mend or to mask: every secret that shows by itself is longer. */
const WORD = /^[A-Za-z_]{1,19}$/;
const BOXED = new Set(['String', 'Number', 'Boolean', 'BigInt', 'Symbol'].map((name) => `[object ${name}]`));

/** Stands in for a value that must not be shown. */
export const HIDDEN: unique symbol = Symbol('hidden');

/**
 * Takes a plain, bounded copy of whatever a caller may pass: cycles, throwing getters, proxies, lying
 * `toJSON`, ten megabytes, depth 20,000. It never throws; what it cannot keep it marks and flags.
 * The copy holds only what the canonical form can hold, with secrets already removed.
 */
export class Snapshot {
  readonly flags: Set<Flag>;
  readonly #redactor: Redactor | undefined;
  readonly #open: object[] = [];
  #left: number;

  constructor(limitBytes: number, redactor?: Redactor, flags: Set<Flag> = new Set()) {
    this.#left = limitBytes;
    this.#redactor = redactor;
    this.flags = flags;
  }

  /** How many bytes may still be taken; below zero when the last thing taken was a little too much. */
  get left(): number {
    return this.#left;
  }

  /** Takes room for something that is copied elsewhere; false when there was none left. */
  claim(bytes: number): boolean {
    const isRoom = this.#left > 0;
    if (isRoom) this.#left -= bytes;
    else this.flags.add('truncated');
    return isRoom;
  }

  /** The copy of one value; undefined only for `undefined` itself. */
  take(value: unknown): Json | undefined {
    return this.#take(value, 0);
  }

  /** The copies of named values, each under its name. */
  record(entries: readonly (readonly [string, unknown])[]): Members {
    return this.#record(entries, 0);
  }

  /** A text of at most `limitBytes`; of something else, the text that says the same. */
  text(value: unknown, limitBytes: number): string | undefined {
    if (value === undefined || value === null) return undefined;
    return this.#text(typeof value === 'string' ? value : this.#told(value), limitBytes);
  }

  /** As `text`, for what comes again and again, such as names and user agents: it is looked through but once. */
  recurring(value: unknown, limitBytes: number): string | undefined {
    if (typeof value !== 'string' || this.#redactor === undefined) return this.text(value, limitBytes);
    const isRoom = value.length <= limitBytes && value.length <= this.#left;
    if (isRoom && this.#redactor.isInnocent(value)) return this.#spend(value, value.length + QUOTES_BYTES);
    const text = this.#text(value, limitBytes);
    if (text === value && Buffer.byteLength(text) === text.length) this.#redactor.remember(text);
    return text;
  }

  #told(value: unknown): string {
    this.flags.add('invalid_input');
    const copy = readTagged(this.take(value) ?? null);
    return typeof copy === 'string' ? copy : JSON.stringify(copy);
  }

  #take(value: unknown, depth: number): Json | undefined {
    switch (typeof value) {
      case 'undefined':
        return undefined;
      case 'string':
        return this.#text(value, this.#left);
      case 'boolean':
        return this.#spend(value, 5);
      case 'number':
      case 'bigint':
        return this.#number(value);
      case 'symbol':
        return this.#mark(value === HIDDEN ? 'redacted' : value === UNREADABLE ? 'unreadable' : 'symbol');
      case 'function':
        return this.#mark('function');
      case 'object':
        return value === null ? this.#spend(null, 4) : this.#object(value, depth);
    }
  }

  #spend<T extends Json>(value: T, bytes: number): T {
    this.#left -= bytes;
    return value;
  }

  #mark(marker: Marker): string {
    if (marker === 'cut' || marker === 'depth') this.flags.add('truncated');
    return this.#spend(tagMarker(marker), MARKER_BYTES);
  }

  #text(value: string, limitBytes: number): string {
    const room = Math.max(Math.min(limitBytes, this.#left), 0);
    if (value.length > room + EDGE) return this.#beginning(value, room);
    const text = this.#clean(value);
    const bytes = Buffer.byteLength(text);
    if (bytes <= room) return escapeText(this.#spend(text, bytes + QUOTES_BYTES));
    this.flags.add('truncated');
    const kept = cutText(text, room);
    return this.#spend(kept, Buffer.byteLength(kept) + QUOTES_BYTES);
  }

  /**
   * Of a text far too long only what can be kept is looked through for secrets, and so much beyond that none
   * is kept in part.
   */
  #beginning(value: string, room: number): string {
    this.flags.add('truncated');
    const looked = this.#clean(value.slice(0, room + EDGE));
    const kept = cutText(value, room, looked.slice(0, Math.max(looked.length - EDGE, 0)));
    return this.#spend(kept, Buffer.byteLength(kept) + QUOTES_BYTES);
  }

  #clean(value: string): string {
    if (WORD.test(value)) return value;
    const text = mendText(value);
    if (text !== value) this.flags.add('sanitized');
    return this.#redactor ? this.#redactor.mask(text) : text;
  }

  /** Only a card number makes a number secret. */
  #number(value: number | bigint): Json {
    const number = numberOf(value);
    if (number === undefined) return this.#mark('cut');
    if (value > -1e12 && value < 1e12) return this.#spend(number, 8);
    const digits = String(value);
    return this.#clean(digits) === digits ? this.#spend(number, digits.length) : this.#mark('redacted');
  }

  /** Everything costs something, or a list of empty things could go on for ever. */
  #object(value: object, depth: number): Json {
    this.#left -= 2;
    if (this.#open.includes(value)) return this.#mark('cycle');
    if (depth >= MAX_DEPTH) return this.#mark('depth');
    this.#open.push(value);
    try {
      return this.#copy(value, depth);
    } catch {
      // A hostile proxy or a `toJSON` that throws: the event matters more than this one value.
      return this.#mark('unreadable');
    } finally {
      this.#open.pop();
    }
  }

  #copy(value: object, depth: number): Json {
    if (Array.isArray(value)) return this.#array(value, depth);
    const prototype: unknown = Object.getPrototypeOf(value);
    if (prototype !== Object.prototype && prototype !== null) {
      const tag = tagOf(value);
      if (tag !== undefined) return this.#spend(tag, tag.length);
      const known = this.#known(value, depth);
      if (known !== undefined) return known;
    }
    const toJSON: unknown = Reflect.get(value, 'toJSON');
    const converted: unknown = typeof toJSON === 'function' ? Reflect.apply(toJSON, value, ['']) : value;
    return converted === value ? this.#members(value, depth) : (this.#take(converted, depth + 1) ?? null);
  }

  /** What the language and the platform give a meaning of its own. */
  #known(value: object, depth: number): Json | undefined {
    if (value instanceof Map || value instanceof URLSearchParams || value instanceof Headers)
      return this.#entries(this.#few(value), depth);
    if (value instanceof Set) return this.#array(this.#few(value), depth);
    if (value instanceof Error) return this.#members(plainError(value), depth);
    // The contents of a file never enter the trail.
    if (value instanceof Blob)
      return this.#members({ name: readMember(value, 'name'), type: value.type, size: value.size }, depth);
    if (value instanceof RegExp || value instanceof URL) return this.#text(String(value), this.#left);
    if (value instanceof Promise) return this.#mark('promise');
    const unboxed: unknown = BOXED.has(Object.prototype.toString.call(value)) ? value.valueOf() : value;
    return typeof unboxed === 'object' ? undefined : this.#take(unboxed, depth + 1);
  }

  /** No more of a collection than there is room for, since it may have no end. */
  #few<T>(values: Iterable<T>): T[] {
    const few: T[] = [];
    for (const value of values) if (few.push(value) > this.#left) break;
    return few;
  }

  #array(values: readonly unknown[], depth: number): Json {
    const out: Json[] = [];
    for (let i = 0; i < values.length; i += 1) {
      if (this.#left <= 0) {
        out.push(this.#mark('cut'));
        break;
      }
      this.#left -= 1;
      const value = readMember(values, i);
      out.push(this.#take(this.#pair(value) ?? value, depth + 1) ?? this.#spend(null, 4));
    }
    return out;
  }

  /** Headers and form fields often come as a list of pairs: the name there decides as a key does. */
  #pair(value: unknown): readonly unknown[] | undefined {
    if (!isList(value) || readMember(value, 'length') !== 2) return undefined;
    const name = readMember(value, 0);
    return typeof name === 'string' && this.#isSecret(name) ? [name, HIDDEN] : undefined;
  }

  #entries(entries: readonly (readonly [unknown, unknown])[], depth: number): Json {
    return entries.every(isNamed) ? this.#record(entries, depth) : this.#array(entries, depth);
  }

  #record(entries: readonly (readonly [string, unknown])[], depth: number): Members {
    const out: Members = {};
    for (const [key, value] of inOrder(entries, nameOf)) if (!this.#member(out, key, value, depth)) break;
    return out;
  }

  #members(value: object, depth: number): Json {
    const out: Members = {};
    const keys = inOrder(Object.keys(value), itself);
    const hides = keys.some((key) => VALUES.has(key)) && namesField(value, (name) => this.#isSecret(name));
    for (const key of keys) {
      const member = readMember(value, key);
      const shown = hides && VALUES.has(key) ? hiding(member) : member;
      if (!this.#member(out, key, shown, depth)) break;
    }
    return out;
  }

  /** False when the room is used up and the rest is left away. */
  #member(out: Members, name: string, value: unknown, depth: number): boolean {
    if (this.#left <= 0) {
      out['~cut'] = this.#mark('cut');
      return false;
    }
    const key = this.#key(name);
    this.#left -= key.length + 4;
    const copy = this.#take(this.#isSecret(name) ? hiding(value) : value, depth + 1);
    if (copy !== undefined) setMember(out, key, copy);
    return true;
  }

  #key(name: string): string {
    const key = this.#clean(name);
    if (Buffer.byteLength(key) <= KEY_BYTES) return key;
    this.flags.add('truncated');
    return cutText(key, KEY_BYTES);
  }

  #isSecret(name: string): boolean {
    return this.#redactor?.isSecret(name) ?? false;
  }
}

/** A flag or an absence gives nothing away; every other value under a secret name is hidden. */
function hiding(value: unknown): unknown {
  return typeof value === 'boolean' || value === undefined || value === null ? value : HIDDEN;
}

function isNamed(entry: readonly [unknown, unknown]): entry is readonly [string, unknown] {
  return typeof entry[0] === 'string';
}
