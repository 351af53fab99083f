import { crc32 } from 'node:zlib';

import type { Entry, EventCore, SearchColumns } from '../../event/entry.js';

const CHECKSUM_DIGITS = 8;
const SPACE = 0x20;

/**
 * One entry as a line of the spool: a checksum, what stands around the payload, a tab, and the payload's
 * own text, which is not encoded a second time. JSON text holds neither a tab nor a line break.
 */
export function toLine({ core, salt, search, payload }: Entry): string {
  const text = `${JSON.stringify([core, salt, search])}\t${payload ?? ''}`;
  return `${checksum(text)} ${text}\n`;
}

/** The entry of a line, given without its line break; undefined for one that was torn or damaged. */
export function fromLine(line: Buffer): Entry | undefined {
  const bytes = line.subarray(CHECKSUM_DIGITS + 1);
  const isSound =
    line[CHECKSUM_DIGITS] === SPACE && line.toString('latin1', 0, CHECKSUM_DIGITS) === checksum(bytes);
  return isSound ? parse(bytes.toString()) : undefined;
}

function parse(text: string): Entry | undefined {
  const tab = text.indexOf('\t');
  if (tab < 0) return undefined;
  const [core, salt, search] = JSON.parse(text.slice(0, tab)) as [EventCore, string | null, SearchColumns];
  const payload = text.slice(tab + 1);
  return { core, payload: payload === '' ? null : payload, salt, search };
}

function checksum(data: string | Buffer): string {
  return crc32(data).toString(16).padStart(CHECKSUM_DIGITS, '0');
}
