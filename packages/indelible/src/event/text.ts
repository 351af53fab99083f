import { createHash } from 'node:crypto';

import { tagCut } from './tagged.js';

/** NUL, and any surrogate; whether a surrogate stands alone is looked at only when there is one. */
const SUSPECT = /[\0\ud800-\udfff]/;
const BROKEN = /\0|\p{Surrogate}/gu;

/** The text with NUL and halves of characters replaced, which neither UTF-8 nor PostgreSQL can hold. */
export function mendText(text: string): string {
  return SUSPECT.test(text) ? text.replace(BROKEN, '\ufffd') : text;
}

/** What is left of a text that is too long: of what may be shown the beginning, with length and digest of the whole. */
export function cutText(text: string, limitBytes: number, shown: string = text): string {
  const bytes = Buffer.from(text);
  const digest = createHash('sha256').update(bytes).digest('hex');
  const beginning = shown === text ? bytes : Buffer.from(shown);
  return tagCut(bytes.length, digest, atCodePoint(beginning, limitBytes));
}

/** At most so many characters of a text, none of them split. */
export function clipText(text: string, characters: number): string {
  if (text.length <= characters) return text;
  const last = text.charCodeAt(characters - 1);
  return text.slice(0, last >= 0xd800 && last <= 0xdbff ? characters - 1 : characters);
}

/** The longest whole-character prefix of at most `limit` bytes. */
function atCodePoint(bytes: Buffer, limit: number): string {
  let end = Math.min(limit, bytes.length);
  while (end > 0 && ((bytes[end] ?? 0) & 0xc0) === 0x80) end -= 1;
  return bytes.toString('utf8', 0, end);
}
