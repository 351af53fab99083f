import type { Json } from './event.js';

/**
 * Values that plain JSON would change or lose stand in the canonical form as tagged strings: `~kind:value`.
 * An ordinary text that happens to begin like one is escaped with `~s:`, so nothing is ever mistaken.
 */
const TAGGED = /^~[a-z]:/;

export type Marker =
  | 'redacted'
  | 'cycle'
  | 'depth'
  | 'cut'
  | 'unreadable'
  | 'function'
  | 'symbol'
  | 'promise';

export function escapeText(text: string): string {
  return text.charCodeAt(0) === 0x7e && TAGGED.test(text) ? `~s:${text}` : text;
}

export function tagNumber(value: number): string {
  return `~n:${value}`;
}

export function tagBigInt(value: bigint): string {
  return `~i:${value}`;
}

export function tagDate(value: Date): string {
  return `~d:${Number.isNaN(value.getTime()) ? 'invalid' : value.toISOString()}`;
}

export function tagBytes(size: number, digest: string): string {
  return `~b:${size}:${digest}`;
}

/** A text that was cut keeps its length in bytes and its digest beside what is left of it. */
export function tagCut(bytes: number, digest: string, kept: string): string {
  return `~t:${bytes}:${digest}:${kept}`;
}

export function tagMarker(marker: Marker): string {
  return `~x:${marker}`;
}

/** A tagged value as people and programs read it: numbers as numbers, the rest as plain JSON. */
export function readTagged(value: Json): Json {
  if (typeof value === 'string') return value.charCodeAt(0) === 0x7e ? readText(value) : value;
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(readTagged);
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, readTagged(member)]));
}

function readText(text: string): Json {
  if (!TAGGED.test(text)) return text;
  const rest = text.slice(3);
  switch (text[1]) {
    case 'n':
      return Number.isFinite(Number(rest)) ? Number(rest) : rest;
    case 'b':
      return { size: Number(rest.split(':')[0]), digest: `sha256:${rest.slice(rest.indexOf(':') + 1)}` };
    case 't':
      return `${rest.slice(rest.indexOf(':', rest.indexOf(':') + 1) + 1)}…`;
    case 'x':
      return `[${rest}]`;
    case 'd':
      return rest === 'invalid' ? '[invalid date]' : rest;
    default:
      return rest;
  }
}

/** A text of ours as it was given, without the escape it may carry. */
export function unescapeText(text: string): string {
  const value = readText(text);
  return typeof value === 'string' ? value : text;
}
