import { createReadStream } from 'node:fs';
import { open, readdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';

import { Zip, ZipDeflate } from 'fflate';

import { AuditError } from '../event/errors.js';
import { NAMES } from './layout.js';

/** Lengths and offsets in a plain .zip have 32 bits. */
const LARGEST = 0xffffffff;
/** A regular file of its owner, as Unix has it in the upper half. */
const ATTRIBUTES = 0o100600 * 0x10000;
const UNIX = 3;

/** Packs the files of a folder in constant memory; the file is there whole, or not at all. */
export async function zipFolder(folder: string, path: string): Promise<void> {
  const present = new Set(await readdir(folder));
  const names = NAMES.filter((name) => present.has(name));
  await refuseTooLarge(folder, names);
  const partial = `${path}.partial.zip`;
  const file = await open(partial, 'wx', 0o600);
  try {
    for await (const bytes of packed(folder, names)) await file.appendFile(bytes);
    await file.sync();
    await file.close();
    await rename(partial, path);
  } catch (error) {
    await file.close();
    await rm(partial, { force: true });
    throw error;
  }
}

async function* packed(folder: string, names: readonly string[]): AsyncGenerator<Uint8Array> {
  let ready: Uint8Array[] = [];
  const zip = new Zip((error, bytes) => {
    if (error) throw error;
    ready.push(bytes);
  });
  for (const name of names) {
    const entry = new ZipDeflate(name, { level: 6 });
    entry.os = UNIX;
    entry.attrs = ATTRIBUTES;
    zip.add(entry);
    for await (const chunk of createReadStream(join(folder, name), { highWaterMark: 256 * 1024 })) {
      entry.push(chunk as Uint8Array);
      yield* ready;
      ready = [];
    }
    entry.push(new Uint8Array(0), true);
  }
  zip.end();
  yield* ready;
}

async function refuseTooLarge(folder: string, names: readonly string[]): Promise<void> {
  let total = 0;
  for (const name of names) total += (await stat(join(folder, name))).size;
  if (total < LARGEST) return;
  throw new AuditError(
    'BUNDLE_REFUSED',
    `The bundle has ${total} bytes, and a .zip holds 4 GiB: give the name of a folder, without .zip, or a narrower filter.`,
  );
}
