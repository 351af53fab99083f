import { createHash } from 'node:crypto';

import type { Flag } from './flag.js';
import { Snapshot } from './snapshot.js';
import { unescapeText } from './tagged.js';
import { clipText, mendText } from './text.js';

const ID_BYTES = 255;
const KEPT_CHARACTERS = 40;
const TOLD_BYTES = 16 * 1024;

/**
 * An id as it was given; past what an index can hold, its beginning and its digest. What stands in the core
 * is never erased and is searched for as a whole, so nothing in it is masked.
 */
export function idText(value: unknown, flags: Set<Flag>): string | undefined {
  if (value === undefined || value === null) return undefined;
  const text = typeof value === 'string' ? value : toldId(value, flags);
  const id = mendText(text);
  if (id !== text) flags.add('sanitized');
  if (id === '') return undefined;
  if (id.length * 3 <= ID_BYTES || Buffer.byteLength(id) <= ID_BYTES) return id;
  flags.add('truncated');
  return `${clipText(id, KEPT_CHARACTERS)}~${createHash('sha256').update(id).digest('hex')}`;
}

/** Whole numbers are ids as good as texts; of anything else the event says that it was odd. */
function toldId(value: unknown, flags: Set<Flag>): string {
  if (Number.isSafeInteger(value) || (typeof value === 'bigint' && BigInt.asIntN(64, value) === value))
    return String(value);
  return unescapeText(new Snapshot(TOLD_BYTES, undefined, flags).text(value, TOLD_BYTES) ?? '');
}
