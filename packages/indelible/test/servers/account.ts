import { execFileSync } from 'node:child_process';

/** The operating-system account a server process runs as; empty for the account of this process. */
export interface Account {
  uid?: number;
  gid?: number;
}

/**
 * PostgreSQL refuses to run as root, so root hands its servers to `postgres`, else to `nobody`.
 * initdb looks its own account up by id, so an id without a name would not do.
 */
export function serverAccount(): Account {
  if (process.getuid?.() !== 0) return {};
  const found = lookUp('postgres') ?? lookUp('nobody');
  if (found === undefined) {
    throw new Error(
      'PostgreSQL cannot be started: this process is root, which PostgreSQL refuses, and there is neither ' +
        'a user `postgres` nor a user `nobody` to start it as. Make one, or run the tests as another user.',
    );
  }
  return found;
}

function lookUp(name: string): Account | undefined {
  const uid = idOf('-u', name);
  const gid = idOf('-g', name);
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}

function idOf(flag: '-u' | '-g', name: string): number | undefined {
  try {
    return Number(
      execFileSync('id', [flag, name], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
    );
  } catch {
    return undefined;
  }
}
