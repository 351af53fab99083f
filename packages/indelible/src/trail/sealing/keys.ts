import { readFileSync, statSync } from 'node:fs';

import { AuditError, messageOf } from '../../event/errors.js';
import { SigningKey, VerifierKey } from '../../integrity/note-key.js';

/** The keys of a log, as its operator gave them: what the store says about keys is never believed. */
export interface SealingKeys {
  /** What checkpoints are signed with: the key of now, and after it those it replaces whose secret is at hand. */
  readonly signing: readonly [SigningKey, ...SigningKey[]];
  /** The texts of the keys that an earlier checkpoint may be signed with, those above among them. */
  readonly known: readonly string[];
}

/** The keys together with those of the files that an earlier checkpoint may be signed with. */
export function withPrevious(key: SigningKey, files: readonly string[]): SealingKeys {
  const lines = files.flatMap((file) => linesOf(file).map((line) => ({ file, line })));
  const previous = lines.map(({ file, line }) => parse(file, line));
  const secret = previous.filter((one) => typeof one !== 'string');
  const signing = secret.filter((one) => one.verifierKey !== key.verifierKey);
  const known = [
    key.verifierKey,
    ...previous.map((one) => (typeof one === 'string' ? one : one.verifierKey)),
  ];
  return { signing: [key, ...signing], known: [...new Set(known)] };
}

/** The signing key in a file; undefined where there is no such file. */
export function keyIn(file: string): SigningKey | undefined {
  if (statSync(file, { throwIfNoEntry: false }) === undefined) return undefined;
  const [line = ''] = linesOf(file);
  return refusing(file, () => SigningKey.parse(line));
}

/** True where others on this machine could sign in this name; Windows has no such bits. */
export function isReadableByOthers(file: string): boolean {
  const found = process.platform === 'win32' ? undefined : statSync(file, { throwIfNoEntry: false });
  return found !== undefined && (found.mode & 0o077) !== 0;
}

function linesOf(file: string): string[] {
  const text = refusing(file, () => readFileSync(file, 'utf8'));
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** A key that signs, or the text of one that only verifies. */
function parse(file: string, line: string): SigningKey | string {
  return refusing(file, () => {
    if (line.startsWith('PRIVATE+KEY+')) return SigningKey.parse(line);
    VerifierKey.parse(line);
    return line;
  });
}

function refusing<T>(file: string, read: () => T): T {
  try {
    return read();
  } catch (cause) {
    throw new AuditError(
      'KEY_INVALID',
      `The key in ${file} cannot be used, and nothing is sealed without it: ${messageOf(cause)}`,
      cause,
    );
  }
}
