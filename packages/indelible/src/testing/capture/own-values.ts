import { createHash } from 'node:crypto';

const NUMBER = /^-?\d+(?:\.\d+)?$/;
const TIME = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d+))?(?:Z|\+00(?::?00)?)?$/;
const BYTES = /^\\x([0-9a-f]*)$/;

/** A value in one form, whether a trigger's JSON or the trail told it; without its type, so a little loosely. */
export function plainValue(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (typeof value === 'boolean') return String(value);
  if (typeof value === 'number' || typeof value === 'bigint') return plainText(String(value));
  return typeof value === 'string' ? plainText(value) : plainJson(value);
}

/** As SQLite's triggers of the kit write a value: its type and its text, bytes as hexadecimal digits. */
export function typedValue(pair: unknown): string {
  const [type, text] = Array.isArray(pair) ? pair : [];
  if (type === 'null' || typeof text !== 'string') return 'null';
  return type === 'blob' ? digestOf(text) : plainText(type === 'real' ? String(Number(text)) : text);
}

function plainText(text: string): string {
  if (NUMBER.test(text)) return text.includes('.') ? text.replace(/\.?0+$/, '') : text;
  const [, hex] = BYTES.exec(text) ?? [];
  if (hex !== undefined) return digestOf(hex);
  const [, day, hour, fraction = ''] = TIME.exec(text) ?? [];
  return day === undefined ? text : `${day} ${hour}.${fraction.padEnd(6, '0')}`;
}

function plainJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(plainValue).join(',')}]`;
  if (typeof value !== 'object' || value === null) return plainValue(value);
  const members = Object.entries(value)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${plainValue(member)}`);
  return `{${members.join(',')}}`;
}

function digestOf(hex: string): string {
  const bytes = Buffer.from(hex, 'hex');
  return plainJson({
    size: bytes.length,
    digest: `sha256:${createHash('sha256').update(bytes).digest('hex')}`,
  });
}
