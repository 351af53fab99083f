import { createHash } from 'node:crypto';

import type { ClinicDatabase } from './clinic-orm.js';
import type { Kind } from './clinic-tables.js';
import { ExactNumber } from './truth.js';

/** A column's value in one form, whether the database's triggers or the trail told it. */
export type Plain = string | null;

const REDACTED = '[redacted]';
const TIME = /^(\d{4,}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d+))?(?:Z|\+00(?::?00)?)$/;
const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d{1,3}))?$/;

export function truthValue(database: ClinicDatabase, kind: Kind, value: unknown): Plain {
  const plain = database === 'sqlite' ? sqliteValue(value) : postgresValue(kind, value);
  return plain !== null && kind === 'secret' ? REDACTED : plain;
}

function postgresValue(kind: Kind, value: unknown): Plain {
  if (value === null || value === undefined) return null;
  if (kind === 'json') return canonical(value);
  if (value instanceof ExactNumber) return decimal(value.text);
  const text = String(value);
  if (kind === 'bytes') return bytes(text.slice('\\x'.length));
  return kind === 'time' ? time(text) : text;
}

/** `[type, text]`, as the trigger wrote it. SQLite gives a value a type, whatever its column says. */
function sqliteValue(value: unknown): Plain {
  const [type, text] = Array.isArray(value) ? value.map(String) : ['null', ''];
  if (type === 'null' || text === undefined) return null;
  if (type === 'blob') return bytes(text);
  if (type === 'real') return decimal(String(Number(text)));
  return type === 'integer' ? decimal(text) : text;
}

export function eventValue(database: ClinicDatabase, kind: Kind, value: unknown): Plain {
  if (value === null || value === undefined) return null;
  if (kind === 'json' && database === 'postgres') return canonical(value);
  if (kind === 'bytes') return canonical(value);
  if (typeof value === 'number') return decimal(String(value));
  const text = typeof value === 'string' ? value : canonical(value);
  if (kind === 'number') return database === 'sqlite' ? double(text) : decimal(text);
  return kind === 'time' && database === 'postgres' ? time(text) : text;
}

/** SQLite holds integers and doubles: a longer text of the same double is the same value. */
function double(text: string): string {
  return /[.eE]/.test(text) && Number.isFinite(Number(text)) ? decimal(String(Number(text))) : decimal(text);
}

/** Without an exponent and the zeros that say nothing; what is no number stays as it is. */
function decimal(text: string): string {
  const [, sign, whole = '', fraction = '', exponent] = NUMBER.exec(text) ?? [];
  if (sign === undefined) return text;
  const shift = Number(exponent ?? 0);
  const digits = `${'0'.repeat(Math.max(0, -shift))}${whole}${fraction}${'0'.repeat(Math.max(0, shift))}`;
  const point = digits.length - fraction.length - Math.max(0, shift) + shift;
  const before = digits.slice(0, point).replace(/^0+(?=\d)/, '');
  const after = digits.slice(point).replace(/0+$/, '');
  return `${sign}${before}${after === '' ? '' : `.${after}`}`;
}

function exact(text: string): string {
  const plain = decimal(text);
  const isHeld = plain.includes('.')
    ? decimal(String(Number(text))) === plain
    : Number.isSafeInteger(Number(text));
  return isHeld ? plain : JSON.stringify(plain);
}

function time(text: string): string {
  const [, day, hour, fraction = ''] = TIME.exec(text) ?? [];
  return day === undefined ? text : `${day} ${hour}.${fraction.padEnd(6, '0')}`;
}

function bytes(hex: string): string {
  const content = Buffer.from(hex, 'hex');
  const digest = `sha256:${createHash('sha256').update(content).digest('hex')}`;
  return canonical({ size: content.length, digest });
}

/** JSON with its keys in order and every number in one form; one that a double cannot hold is a text. */
function canonical(value: unknown): string {
  if (value instanceof ExactNumber) return exact(value.text);
  if (typeof value === 'number') return decimal(String(value));
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonical(member)}`);
  return `{${members.join(',')}}`;
}
