import type { FileHandle } from 'node:fs/promises';

import { type BundleFile, isBundleFile, NAMES } from './layout.js';
import { refused } from './refusal.js';

/** A file of a .zip, as its directory has it and its own header agrees. */
export interface ZippedFile {
  readonly name: BundleFile;
  readonly isDeflated: boolean;
  readonly packedBytes: number;
  readonly bytes: number;
  /** Where its data begins. */
  readonly offset: number;
}

const END = 0x06054b50;
const END_LENGTH = 22;
const ENTRY = 0x02014b50;
const ENTRY_LENGTH = 46;
const LOCAL = 0x04034b50;
const LOCAL_LENGTH = 30;
const ENCRYPTED = 0x1;
const DEFLATED = 8;
const REGULAR = 0o100000;
const KIND = 0o170000;
/** No directory of so few files is larger. */
const LARGEST_DIRECTORY = 64 * 1024;

/**
 * The files of a .zip, which must be just those of a bundle. Whatever lets two programs see two things in one file is
 * refused: what is not in the directory, what is there twice, and what does not agree with itself.
 */
export async function readDirectory(file: FileHandle): Promise<readonly ZippedFile[]> {
  const { size } = await file.stat();
  if (size < END_LENGTH) throw refused('the file is no .zip');
  const end = await readAt(file, size - END_LENGTH, END_LENGTH);
  const [count, length, start] = [end.readUInt16LE(10), end.readUInt32LE(12), end.readUInt32LE(16)];
  // Without a comment the directory ends just before its end record, and that at the end of the file.
  const isSound =
    end.readUInt32LE(0) === END &&
    end.readUInt32LE(4) === 0 &&
    end.readUInt16LE(8) === count &&
    end.readUInt16LE(20) === 0 &&
    start + length === size - END_LENGTH;
  if (!isSound) throw refused('the file is no plain .zip, without a comment and in one part');
  if (count > NAMES.length || length > LARGEST_DIRECTORY) throw refused(`the .zip has ${count} files`);
  const files = await entriesIn(file, await readAt(file, start, length), count);
  checkApart(files, start);
  return files;
}

async function entriesIn(file: FileHandle, directory: Buffer, count: number): Promise<ZippedFile[]> {
  const files: ZippedFile[] = [];
  let at = 0;
  for (let n = 0; n < count; n += 1) {
    if (at + ENTRY_LENGTH > directory.length || directory.readUInt32LE(at) !== ENTRY)
      throw refused('the directory of the .zip is damaged');
    const lengths = [28, 30, 32].map((offset) => directory.readUInt16LE(at + offset));
    const [nameLength = 0] = lengths;
    const name = directory.toString('latin1', at + ENTRY_LENGTH, at + ENTRY_LENGTH + nameLength);
    if (!isBundleFile(name))
      throw refused(`the .zip holds ${JSON.stringify(name.slice(0, 100))}, which no bundle does`);
    if (files.some((other) => other.name === name)) throw refused(`the .zip holds ${name} twice`);
    files.push(await entryAt(file, directory.subarray(at, at + ENTRY_LENGTH), name));
    at += ENTRY_LENGTH + lengths.reduce((sum, length) => sum + length, 0);
  }
  if (at !== directory.length) throw refused('the directory of the .zip is damaged');
  return files;
}

async function entryAt(file: FileHandle, entry: Buffer, name: BundleFile): Promise<ZippedFile> {
  const [flags, method] = [entry.readUInt16LE(8), entry.readUInt16LE(10)];
  const kind = (entry.readUInt32LE(38) >>> 16) & KIND;
  if (kind !== 0 && kind !== REGULAR) throw refused(`${name} in the .zip is no file, but a link or a device`);
  if ((flags & ENCRYPTED) !== 0) throw refused(`${name} in the .zip is encrypted`);
  if (method !== 0 && method !== DEFLATED)
    throw refused(`${name} in the .zip is packed in a way no bundle is`);
  const local = await readAt(file, entry.readUInt32LE(42), LOCAL_LENGTH + name.length);
  const isSame =
    local.readUInt32LE(0) === LOCAL &&
    local.readUInt16LE(8) === method &&
    local.readUInt16LE(26) === name.length &&
    local.toString('latin1', LOCAL_LENGTH) === name;
  if (!isSame) throw refused(`the .zip has two opinions about ${name}`);
  return {
    name,
    isDeflated: method === DEFLATED,
    packedBytes: entry.readUInt32LE(20),
    bytes: entry.readUInt32LE(24),
    offset: entry.readUInt32LE(42) + LOCAL_LENGTH + name.length + local.readUInt16LE(28),
  };
}

/** Files that share their data are how a small file becomes an endless one. */
function checkApart(files: readonly ZippedFile[], end: number): void {
  let free = 0;
  for (const { name, offset, packedBytes } of files.toSorted((a, b) => a.offset - b.offset)) {
    if (offset < free || offset + packedBytes > end)
      throw refused(`${name} in the .zip overlaps something else`);
    free = offset + packedBytes;
  }
}

async function readAt(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const { bytesRead, buffer } = await file.read(Buffer.alloc(length), 0, length, at);
  if (bytesRead < length) throw refused('the .zip is cut short');
  return buffer;
}
