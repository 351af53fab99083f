import { closeSync, fsyncSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';

import { AuditError, messageOf } from '../event/errors.js';
import { SigningKey } from '../integrity/note-key.js';
import { DEFAULT_KEY_FILE } from '../trail/options.js';
import type { Invocation } from './invocation.js';
import type { Terminal } from './terminal.js';

/** The key file meant: the one given, else the configuration's, else `indelible.key` where the command was started. */
export async function keyFileOf(invocation: Invocation, given: string | undefined): Promise<string> {
  if (given !== undefined) return invocation.path(given);
  const config = await invocation.configIfAny();
  return resolve(config?.keys.file ?? DEFAULT_KEY_FILE);
}

/** Writes a key that only its owner can read; a file that is already there is left alone. */
export function writeKeyFile(file: string, key: SigningKey): void {
  const descriptor = create(file);
  try {
    writeSync(descriptor, `${key.encode()}\n`);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function create(file: string): number {
  try {
    return openSync(file, 'wx', 0o600);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') {
      throw AuditError.from(error, 'KEY_INVALID', `The key could not be written to ${file}`);
    }
    throw new AuditError(
      'KEY_EXISTS',
      `There is a file ${file} already, and a key that is lost cannot sign again: it is left as it is. Give another --file, or move that one away.`,
    );
  }
}

/** Reads a key; warns when others on this machine could read it too. */
export function readKeyFile(file: string, terminal: Terminal): SigningKey {
  const text = read(file);
  if (isReadableByOthers(file)) terminal.note(`Others may read ${file}: run chmod 600 on it.`);
  try {
    return SigningKey.parse(text.trim());
  } catch (error) {
    throw new AuditError('KEY_INVALID', `${file} cannot be used. ${messageOf(error)}`, error);
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    const remedy = 'Make one with indelible keys create --name <origin>, or give --file the path of yours';
    throw new AuditError('KEY_INVALID', `There is no key to be read: ${messageOf(error)}. ${remedy}.`, error);
  }
}

/** A key as `--json` shows it. */
export function described({ name, id, verifierKey }: SigningKey, file: string): Record<string, string> {
  return { name, id, file, verifier_key: verifierKey };
}

/** Windows has no such bits. */
function isReadableByOthers(file: string): boolean {
  return process.platform !== 'win32' && (statSync(file).mode & 0o077) !== 0;
}
