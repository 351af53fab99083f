import { existsSync, readFileSync } from 'node:fs';

import { AuditError, type ErrorCode, messageOf } from '../event/errors.js';
import { SigningKey, VerifierKey } from '../integrity/note-key.js';
import type { Settings } from '../trail/options.js';
import type { Invocation } from './invocation.js';

/** The keys to verify with: those given on the command line, and no others; else the configuration's. */
export function keysOf(
  { keys, seal }: Pick<Settings, 'keys' | 'seal'>,
  given: readonly string[] | undefined,
  invocation: Invocation,
): string[] {
  if (given !== undefined) return given.flatMap((key) => keysIn(key, invocation));
  const own = seal?.key === undefined ? [] : [seal.key.verifierKey];
  const files = [keys.file, ...keys.previous].filter((file) => existsSync(file));
  const found = [...own, ...files.flatMap((file) => keysInFile(file, 'KEY_INVALID'))];
  if (found.length > 0) return [...new Set(found)];
  throw new AuditError(
    'INVALID_OPTIONS',
    `There is no key to verify with: none was given, and the configuration's ${keys.file} is not there. Give --key with the verifier key, as indelible keys show prints it, or with a file that has it.`,
  );
}

/** A key itself, or a file of keys, one a line. */
function keysIn(given: string, invocation: Invocation): string[] {
  const file = invocation.path(given);
  return isKey(given) && !existsSync(file) ? [given] : keysInFile(file, 'INVALID_OPTIONS');
}

function isKey(text: string): boolean {
  try {
    VerifierKey.parse(text);
    return true;
  } catch {
    // Then it is the name of a file, which is told of if it is not there.
    return false;
  }
}

function keysInFile(file: string, code: ErrorCode): string[] {
  try {
    const lines = readFileSync(file, 'utf8').split('\n');
    return lines
      .map((line) => line.trim())
      .filter((line) => line !== '')
      .map(verifierOf);
  } catch (cause) {
    throw new AuditError(code, `There is no key to verify with in ${file}: ${messageOf(cause)}`, cause);
  }
}

/** Of a secret key, only its public half is used. */
function verifierOf(line: string): string {
  if (line.startsWith('PRIVATE+KEY+')) return SigningKey.parse(line).verifierKey;
  VerifierKey.parse(line);
  return line;
}
