import { createRequire } from 'node:module';

import { AuditError } from '../../event/errors.js';

/** The first Node that better-sqlite3 13 and later run on; on Node 20 they end the process with a crash. */
const NODE_FOR_13 = 22;

/** Refuses to start with a driver that is missing or would crash. */
export function checkDriver(
  version: string | undefined = installedVersion(),
  node: string = process.versions.node,
): void {
  if (version === undefined || major(version) < 13 || major(node) >= NODE_FOR_13) return;
  throw new AuditError(
    'INVALID_OPTIONS',
    `better-sqlite3 ${version} does not run on Node ${node}: install better-sqlite3@12, or use Node ${NODE_FOR_13} or later.`,
  );
}

function installedVersion(): string | undefined {
  try {
    return (createRequire(import.meta.url)('better-sqlite3/package.json') as { version: string }).version;
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== 'MODULE_NOT_FOUND') return undefined;
    throw new AuditError(
      'INVALID_OPTIONS',
      'A trail in a SQLite file needs the package better-sqlite3, which is not installed: npm install better-sqlite3@12',
      cause,
    );
  }
}

function major(version: string): number {
  return Number.parseInt(version, 10);
}
