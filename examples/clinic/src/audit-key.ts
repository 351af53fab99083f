import { existsSync, writeFileSync } from 'node:fs';

import { SigningKey } from 'indelible/integrity';

/** Under this name the clinic signs how its trail stands. */
const ORIGIN = 'clinic.example/audit';

/**
 * Makes the key on the very first start, for a demonstration. A real clinic makes it once by
 * `npx indelible keys create`, keeps it where the database's owner cannot read it, and the public part with its auditor.
 */
export function makeKeyOnce(file: string): void {
  if (existsSync(file)) return;
  writeFileSync(file, `${SigningKey.create(ORIGIN).encode()}\n`, { mode: 0o600, flag: 'wx' });
}
