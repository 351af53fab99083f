import { crc32 } from 'node:zlib';

import type { Entry, EventCore, SearchColumns } from '../../event/entry.js';

const CHECKSUM_DIGITS = 8;
const SPACE = 0x20;
const NEWLINE = 0x0a;
const TAB = 0x09;
const TEXT_AT = CHECKSUM_DIGITS + 1;
/** At most, in UTF-8, of one UTF-16 code unit. */
const BYTES_OF_CHARACTER = 3;
/** Where the next line is made; it is written before another is. */
const LINE = Buffer.allocUnsafeSlow(64 * 1024);

/**
 * One entry as a line of the spool: a checksum, what stands around the payload, a tab, and the payload's
 * own text, which is not encoded a second time. JSON text holds neither a tab nor a line break. The bytes are good
 * until the next line is made.
 */
export function toLine({ core, salt, search, payload }: Entry): Buffer {
  const around = JSON.stringify([core, salt, search]);
  const most = (around.length + (payload?.length ?? 0)) * BYTES_OF_CHARACTER + CHECKSUM_DIGITS + 3;
  const bytes = most <= LINE.length ? LINE : Buffer.allocUnsafe(most);
  const tab = TEXT_AT + bytes.write(around, TEXT_AT);
  bytes[tab] = TAB;
  const end = tab + 1 + (payload === null ? 0 : bytes.write(payload, tab + 1));
  bytes.write(checksum(bytes.subarray(TEXT_AT, end)), 'latin1');
  bytes[CHECKSUM_DIGITS] = SPACE;
  bytes[end] = NEWLINE;
  return bytes.subarray(0, end + 1);
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
