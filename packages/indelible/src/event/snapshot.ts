import { createHash } from 'node:crypto';

import type { Json } from './event.js';
import type { Redactor } from './redaction.js';
import {
  escapeText,
  type Marker,
  tagBigInt,
  tagBytes,
  tagCut,
  tagDate,
  tagMarker,
  tagNumber,
} from './tagged.js';

/** What the recorder had to do to keep an event. */
export type Flag =
  | 'truncated'
  | 'sanitized'
  | 'clock_skew'
  | 'invalid_time'
  | 'unknown_action'
  | 'invalid_input'
  | 'not_restorable';

const MAX_DEPTH = 16;
/** NUL, and any surrogate; whether a surrogate is a lone one is looked at only when there is one. */
const SUSPECT = /[\0\ud800-\udfff]/;
const BROKEN = /\0|\p{Surrogate}/gu;
/** Stand in for a value that must not, or cannot, be shown. */
export const HIDDEN: unique symbol = Symbol('hidden');
export const UNREADABLE: unique symbol = Symbol('unreadable');
const BOXED = new Set(['[object String]', '[object Number]', '[object Boolean]']);
const NAME_KEYS = ['name', 'key', 'field'] as const;

/**
 * Takes a plain, bounded copy of whatever a caller may pass: cycles, throwing getters, proxies, lying
 * `toJSON`, ten megabytes, depth 20,000. It never throws; what it cannot keep it marks and flags.
 * The copy holds only what the canonical form can hold, with secrets already removed.
 */
export class Snapshot {
  readonly flags: Set<Flag>;
  readonly #redactor: Redactor | undefined;
  readonly #open = new Set<object>();
  #left: number;

  constructor(limitBytes: number, redactor?: Redactor, flags: Set<Flag> = new Set()) {
    this.#left = limitBytes;
    this.#redactor = redactor;
    this.flags = flags;
  }

  /** The copy of one value; undefined only for `undefined` itself. */
  take(value: unknown): Json | undefined {
    return this.#take(value, 0);
  }

  /** A text of at most `limitBytes`, which does not use up the budget. */
  text(value: unknown, limitBytes: number): string | undefined {
    if (value === undefined || value === null) return undefined;
    if (typeof value !== 'string') this.flags.add('invalid_input');
    return this.#cut(escapeText(this.#clean(textOf(value))), limitBytes);
  }

  #take(value: unknown, depth: number): Json | undefined {
    switch (typeof value) {
      case 'undefined':
        return undefined;
      case 'string':
        return this.#text(value);
      case 'boolean':
        return this.#spend(value, 5);
      case 'number':
        return this.#spend(this.#number(value), 8);
      case 'bigint':
        return this.#text(tagBigInt(value), true);
      case 'symbol':
        return this.#spend(tagMarker(symbolMarker(value)), 14);
      case 'function':
        return this.#spend(tagMarker('function'), 14);
      case 'object':
        return value === null ? this.#spend(null, 4) : this.#object(value, depth);
    }
  }

  #number(value: number): Json {
    if (Number.isSafeInteger(value)) {
      const text = this.#redactor && Math.abs(value) >= 1e12 ? this.#redactor.mask(String(value)) : '';
      return text.startsWith('[') ? tagMarker('redacted') : value === 0 ? 0 : value;
    }
    return tagNumber(value);
  }

  #text(value: string, ours = false): Json {
    const clean = ours ? value : escapeText(this.#clean(value));
    if (clean.length * 3 <= this.#left) {
      this.#left -= clean.length;
      return clean;
    }
    const kept = this.#cut(clean, Math.max(this.#left, 0));
    this.#left -= Buffer.byteLength(kept);
    return kept;
  }

  #clean(value: string): string {
    let text = value;
    if (SUSPECT.test(text)) text = text.replace(BROKEN, '\ufffd');
    if (text !== value) this.flags.add('sanitized');
    return this.#redactor ? this.#redactor.mask(text) : text;
  }

  #cut(text: string, limitBytes: number): string {
    if (text.length * 3 <= limitBytes || Buffer.byteLength(text) <= limitBytes) return text;
    this.flags.add('truncated');
    const bytes = Buffer.from(text);
    const digest = createHash('sha256').update(bytes).digest('hex');
    return tagCut(bytes.length, digest, atCodePoint(bytes, limitBytes));
  }

  #spend(value: Json, bytes: number): Json {
    this.#left -= bytes;
    return value;
  }

  #object(value: object, depth: number): Json {
    if (this.#open.has(value)) return tagMarker('cycle');
    if (depth >= MAX_DEPTH) return this.#stop('depth');
    this.#open.add(value);
    try {
      return this.#known(value, depth) ?? this.#members(value, depth);
    } catch {
      // A throwing getter or a hostile proxy: the event matters more than this one value.
      return tagMarker('unreadable');
    } finally {
      this.#open.delete(value);
    }
  }

  #stop(marker: 'depth' | 'cut'): Json {
    this.flags.add('truncated');
    return tagMarker(marker);
  }

  /** Types of the language that have a meaning of their own. */
  #known(value: object, depth: number): Json | undefined {
    if (value instanceof Date) return this.#text(tagDate(value), true);
    if (Array.isArray(value)) return this.#array(value, depth);
    if (ArrayBuffer.isView(value))
      return this.#bytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength));
    if (value instanceof ArrayBuffer) return this.#bytes(new Uint8Array(value));
    if (value instanceof Map) return this.#map(value, depth);
    if (value instanceof Set) return this.#array([...value], depth);
    if (value instanceof Error) return this.#error(value, depth);
    if (value instanceof RegExp || value instanceof URL) return this.#text(String(value));
    if (value instanceof Promise) return tagMarker('promise');
    return this.#converted(value, depth);
  }

  #converted(value: object, depth: number): Json | undefined {
    if (BOXED.has(Object.prototype.toString.call(value))) return this.#take(value.valueOf(), depth + 1);
    const toJSON: unknown = Reflect.get(value, 'toJSON');
    if (typeof toJSON !== 'function') return undefined;
    const converted: unknown = Reflect.apply(toJSON, value, []);
    return converted === value ? undefined : (this.#take(converted, depth + 1) ?? null);
  }

  /** File contents never enter the trail: their size and digest do. */
  #bytes(bytes: Uint8Array): Json {
    return this.#spend(tagBytes(bytes.length, createHash('sha256').update(bytes).digest('hex')), 80);
  }

  #error(error: Error, depth: number): Json {
    const { name, message } = error;
    const code: unknown = Reflect.get(error, 'code');
    return this.#members({ name, message, ...(code === undefined ? {} : { code }) }, depth);
  }

  #array(values: readonly unknown[], depth: number): Json {
    const out: Json[] = [];
    for (let i = 0; i < values.length; i += 1) {
      if (this.#left <= 0) {
        out.push(this.#stop('cut'));
        break;
      }
      const value = this.#pair(values[i]) ?? values[i];
      out.push(this.#take(value, depth + 1) ?? this.#spend(null, 4));
    }
    return out;
  }

  /** Headers and form fields often come as a list of pairs: the name there decides as a key does. */
  #pair(value: unknown): readonly unknown[] | undefined {
    if (!Array.isArray(value) || value.length !== 2) return undefined;
    const name: unknown = value[0];
    return typeof name === 'string' && this.#isSecret(name) ? [name, HIDDEN] : undefined;
  }

  #map(map: ReadonlyMap<unknown, unknown>, depth: number): Json {
    const entries = [...map];
    if (!entries.every(([key]) => typeof key === 'string')) return this.#array(entries, depth);
    const out = emptyObject();
    for (const [key, value] of entries) if (!this.#member(out, String(key), () => value, depth)) break;
    return out;
  }

  #members(value: object, depth: number): Json {
    const out = emptyObject();
    const hideValue = NAME_KEYS.some((key) => this.#names(value, key));
    for (const key of Object.keys(value)) {
      const read = (): unknown => Reflect.get(value, key);
      if (hideValue && key === 'value') out[key] = this.#hidden(read());
      else if (!this.#member(out, key, read, depth)) break;
    }
    return out;
  }

  /** False when the budget has run out and the rest is left away. */
  #member(out: Record<string, Json>, name: string, read: () => unknown, depth: number): boolean {
    if (this.#left <= 0) {
      out['~cut'] = this.#stop('cut');
      return false;
    }
    const key = this.#cut(this.#clean(name), 256);
    this.#left -= key.length + 4;
    const copy = this.#isSecret(name) ? this.#hidden(attempt(read)) : this.#read(read, depth);
    if (copy !== undefined) out[key] = copy;
    return true;
  }

  #read(read: () => unknown, depth: number): Json | undefined {
    try {
      return this.#take(read(), depth + 1);
    } catch {
      // One getter that throws costs that member, not its neighbours.
      return tagMarker('unreadable');
    }
  }

  #names(value: object, key: string): boolean {
    const name: unknown = attempt(() => Reflect.get(value, key));
    return typeof name === 'string' && 'value' in value && this.#isSecret(name);
  }

  #isSecret(name: string): boolean {
    return this.#redactor?.isSecret(name) ?? false;
  }

  /** A flag or an absence gives nothing away; every other value under a secret name is hidden. */
  #hidden(value: unknown): Json {
    if (typeof value === 'boolean') return value;
    return value === undefined || value === null ? null : this.#spend(tagMarker('redacted'), 14);
  }
}

function symbolMarker(value: symbol): Marker {
  if (value === HIDDEN) return 'redacted';
  return value === UNREADABLE ? 'unreadable' : 'symbol';
}

function emptyObject(): Record<string, Json> {
  return Object.create(null) as Record<string, Json>;
}

function attempt(read: () => unknown): unknown {
  try {
    return read();
  } catch {
    return UNREADABLE;
  }
}

function textOf(value: unknown): string {
  try {
    return typeof value === 'object' ? (JSON.stringify(value) ?? '') : String(value);
  } catch {
    return tagMarker('unreadable');
  }
}

/** The longest whole-character prefix of at most `limit` bytes. */
function atCodePoint(bytes: Buffer, limit: number): string {
  let end = limit;
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.toString('utf8', 0, end);
}
