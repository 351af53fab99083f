import { createHmac, randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';

/** Tells attempted names apart without telling them: people type passwords into the box for the name. */
export type NameDigest = (name: string) => string;

/** Keyed by a file of its own, so that nobody can guess names from the trail alone. */
export function openNameDigest(keyFile: string): NameDigest {
  if (!existsSync(keyFile)) writeFileSync(keyFile, randomBytes(32), { mode: 0o600, flag: 'wx' });
  const key = readFileSync(keyFile);
  return (name) => `hmac-sha256:${createHmac('sha256', key).update(name.toLowerCase()).digest('hex')}`;
}
