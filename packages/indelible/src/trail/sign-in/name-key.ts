import { randomBytes, randomUUID } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';

import { AuditError } from '../../event/errors.js';

const FILE = 'name-digest.key';
const KEY_BYTES = 32;
/** A shorter key could be found by trying. */
export const SHORTEST_KEY = 16;

/** The key that attempted names are digested with, and where it is from. */
export interface NameKey {
  readonly bytes: Uint8Array;
  readonly where: string;
}

export interface NameKeyOptions {
  readonly given: Uint8Array | undefined;
  /** The folder of the spool; undefined where there is no disk. */
  readonly dir: string | undefined;
  readonly report: (error: AuditError) => void;
}

/** The key that was given, or the one in the folder, or, where there is none to be had, one of this process. */
export function openNameKey({ given, dir, report }: NameKeyOptions): NameKey {
  if (given !== undefined) return { bytes: given, where: 'the key of the options' };
  if (dir === undefined) return processKey();
  const file = path.resolve(dir, FILE);
  try {
    return { bytes: keyIn(file) ?? newKeyIn(file), where: file };
  } catch (error) {
    report(
      AuditError.from(
        error,
        'KEY_INVALID',
        `The key for attempted names could not be kept in ${file}; this process has one of its own`,
      ),
    );
    return processKey();
  }
}

function processKey(): NameKey {
  return {
    bytes: randomBytes(KEY_BYTES),
    where: 'a key of this process: the digest of a name changes when it is started anew',
  };
}

function keyIn(file: string): Uint8Array | undefined {
  if (!fs.existsSync(file)) return undefined;
  const bytes = fs.readFileSync(file);
  if (bytes.length >= SHORTEST_KEY) return bytes;
  throw new AuditError(
    'KEY_INVALID',
    `${file} holds ${bytes.length} bytes; remove it, and a new one is made.`,
  );
}

/** Of several processes that make one at the same time, all take that of the first: a link never replaces a file. */
function newKeyIn(file: string): Uint8Array {
  const draft = `${file}.${randomUUID()}`;
  fs.mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 });
  fs.writeFileSync(draft, randomBytes(KEY_BYTES), { mode: 0o600, flag: 'wx', flush: true });
  try {
    fs.linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    fs.rmSync(draft, { force: true });
  }
  return fs.readFileSync(file);
}
