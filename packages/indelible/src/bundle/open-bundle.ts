import { lstat, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { messageOf } from '../event/errors.js';
import { isBundleFile, NAMES, OPTIONAL } from './layout.js';
import { refused } from './refusal.js';
import { unzip } from './zip-reader.js';

/** Does something with the folder of a bundle; what a .zip was unpacked into is gone afterwards. */
export async function withBundle<T>(
  path: string,
  mostBytes: number,
  work: (folder: string) => Promise<T>,
): Promise<T> {
  if (await isFolder(path)) return inFolder(path, work);
  const folder = await mkdtemp(join(tmpdir(), 'indelible-bundle-'));
  try {
    await unzip(path, folder, mostBytes);
    return await inFolder(folder, work);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function inFolder<T>(folder: string, work: (folder: string) => Promise<T>): Promise<T> {
  const names = await readdir(folder);
  for (const name of names) {
    if (!isBundleFile(name))
      throw refused(`it holds ${JSON.stringify(name.slice(0, 100))}, which no bundle does`);
    if (!(await lstat(join(folder, name))).isFile())
      throw refused(`${name} is no file, but a link or a folder`);
  }
  const missing = NAMES.filter((name) => !OPTIONAL.has(name) && !names.includes(name));
  if (missing.length > 0) throw refused(`it has no ${missing.join(', ')}`);
  return work(folder);
}

async function isFolder(path: string): Promise<boolean> {
  try {
    const found = await lstat(path);
    if (found.isFile() || found.isDirectory()) return found.isDirectory();
  } catch (error) {
    throw refused(messageOf(error), error);
  }
  throw refused(`${path} is neither a file nor a folder`);
}
