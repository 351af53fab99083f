import { crc32 } from 'node:zlib';

import type { Entry } from '../../event/entry.js';

/** One entry as a line of the spool: a checksum, and the entry as JSON, which holds no line break. */
export function toLine(entry: Entry): string {
  const json = JSON.stringify(entry);
  return `${checksum(json)} ${json}\n`;
}

/** The entry of a line, or undefined for one that was torn or damaged. */
export function fromLine(line: string): Entry | undefined {
  const json = line.slice(9);
  return line[8] === ' ' && line.slice(0, 8) === checksum(json) ? (JSON.parse(json) as Entry) : undefined;
}

function checksum(json: string): string {
  return crc32(json).toString(16).padStart(8, '0');
}
