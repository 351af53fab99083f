import { inject } from 'vitest';
import { embeddedBinaries, machineBinaries } from './binaries.js';
import type { PostgresServer } from './find.js';
import { OwnServer } from './server.js';

export { createDatabase, type TestDatabase } from './database.js';
export type { PostgresServer } from './find.js';
export type { OwnServer, StopMode } from './server.js';

/**
 * The servers of this run, at least one, of different major versions.
 *
 * @example
 * ```ts
 * describe.each(postgresServers())('$name', (server) => { ... });
 * ```
 */
export function postgresServers(): PostgresServer[] {
  return inject('postgres');
}

/** A server of a test's own, to stop or crash: the machine's PostgreSQL where it has one, else the embedded. */
export async function startPostgres({ version }: { version?: 'embedded' } = {}): Promise<OwnServer> {
  const binaries = (version === undefined ? machineBinaries() : undefined) ?? embeddedBinaries();
  if (typeof binaries === 'string') throw new Error(`No PostgreSQL can be started: ${binaries}`);
  return OwnServer.launch(binaries);
}
