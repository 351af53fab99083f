import { readdirSync, readFileSync } from 'node:fs';

import type { Recording } from './recording.js';

/** What a server has done so far. */
export interface Mark {
  /** Processor time of all threads, in microseconds. */
  readonly process: number;
  /** That of each thread by its number, the one that answers requests under `main`; none where the system does not tell. */
  readonly threads: Readonly<Record<string, number>>;
  readonly recorded: number;
  readonly stored: number;
  readonly dropped: number;
  readonly errors: readonly string[];
}

const TASKS = '/proc/self/task';

export function markNow(recording: Recording | undefined): Mark {
  const { user, system } = process.cpuUsage();
  const stats = recording?.audit.stats();
  return {
    process: user + system,
    threads: threads(),
    recorded: stats?.recorded ?? 0,
    stored: stats?.stored ?? 0,
    dropped: stats?.dropped ?? 0,
    errors: (recording?.errors ?? []).map(String),
  };
}

/** Linux counts in nanoseconds how long each thread ran; the first thread has the number of the process. */
function threads(): Record<string, number> {
  if (process.platform !== 'linux') return {};
  const all = readdirSync(TASKS).map((task) => [
    task === String(process.pid) ? 'main' : task,
    Number(readFileSync(`${TASKS}/${task}/schedstat`, 'latin1').split(' ')[0]) / 1000,
  ]);
  return Object.fromEntries(all) as Record<string, number>;
}
