import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { basename } from 'node:path';

import { LARGEST_TEXT } from './layout.js';
import { refused } from './refusal.js';

const CHUNK = 256 * 1024;
const NEWLINE = 0x0a;

/**
 * The lines of a file, each without its end, in memory for one of them. Refuses what two readers could take for two
 * things: other line ends, a last line without one, and bytes that are no UTF-8.
 */
export async function* readLines(path: string, longest: number): AsyncGenerator<string> {
  const name = basename(path);
  let [parts, length, number]: [Buffer[], number, number] = [[], 0, 1];
  for await (const data of createReadStream(path, { highWaterMark: CHUNK })) {
    const chunk = data as Buffer;
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end !== -1; end = chunk.indexOf(NEWLINE, from)) {
      const last = chunk.subarray(from, end);
      if (length + last.length > longest)
        throw refused(`line ${number} of ${name} is longer than ${longest} bytes`);
      yield textOf(Buffer.concat([...parts, last]), `line ${number} of ${name}`);
      [parts, length, from, number] = [[], 0, end + 1, number + 1];
    }
    parts.push(chunk.subarray(from));
    length += chunk.length - from;
    if (length > longest) throw refused(`line ${number} of ${name} is longer than ${longest} bytes`);
  }
  if (length > 0) throw refused(`the last line of ${name} has no end`);
}

/** A small file as a whole. */
export async function readText(path: string): Promise<string> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size > LARGEST_TEXT)
      throw refused(`${basename(path)} has ${size} bytes, and never has more than ${LARGEST_TEXT}`);
    return textOf(await file.readFile(), basename(path));
  } finally {
    await file.close();
  }
}

export async function digestOfFile(
  path: string,
): Promise<{ readonly bytes: number; readonly sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK })) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { bytes, sha256: hash.digest('hex') };
}

function textOf(bytes: Buffer, where: string): string {
  const text = decoded(bytes);
  if (text === undefined) throw refused(`${where} is no UTF-8`);
  if (text.includes('\r')) throw refused(`${where} has a carriage return`);
  return text;
}

function decoded(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
