import { spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Account } from './account.js';

export interface Watch {
  /** Ends the watch, which removes the folder. */
  end(): Promise<void>;
}

interface Watched {
  pgCtl: string;
  data: string;
  folder: string;
  account: Account;
}

/**
 * Waits until the pipe from this process closes, as it does however this process ends, kill -9 included;
 * then stops whatever server still runs on the data and removes the folder. pg_ctl goes by the
 * server's own pid file, and runs under the account of the servers, so nothing else can be hit.
 */
const SCRIPT = 'cat >/dev/null; "$1" stop -D "$2" -m immediate -s >/dev/null 2>&1; rm -rf "$3" 2>/dev/null';

/** Makes sure the server in a folder does not outlive this process. */
export function watchFolder({ pgCtl, data, folder, account }: Watched): Watch {
  const watcher = spawn('/bin/sh', ['-c', SCRIPT, 'indelible-watch', pgCtl, data, folder], {
    cwd: '/',
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    ...account,
  });
  watcher.unref();
  const { stdin } = watcher;
  if ('unref' in stdin && typeof stdin.unref === 'function') stdin.unref();
  return {
    end: async () => {
      if (watcher.exitCode !== null || watcher.signalCode !== null) return;
      const ended = once(watcher, 'exit');
      watcher.ref();
      stdin.end();
      await ended;
    },
  };
}
