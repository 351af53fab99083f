import { readFileSync } from 'node:fs';

import type { Recording } from './recording.js';

/** What a server has done so far. */
export interface Mark {
  /** Processor time of all threads, in microseconds. */
  readonly process: number;
  /** That of the thread that answers requests; null where the system does not tell. */
  readonly main: number | null;
  readonly recorded: number;
  readonly stored: number;
  readonly dropped: number;
  readonly errors: readonly string[];
}

export function markNow(recording: Recording | undefined): Mark {
  const { user, system } = process.cpuUsage();
  const stats = recording?.audit.stats();
  return {
    process: user + system,
    main: mainThread(),
    recorded: stats?.recorded ?? 0,
    stored: stats?.stored ?? 0,
    dropped: stats?.dropped ?? 0,
    errors: (recording?.errors ?? []).map(String),
  };
}

/** Linux counts in nanoseconds how long each thread ran; the first thread has the number of the process. */
function mainThread(): number | null {
  try {
    const [ran] = readFileSync(`/proc/self/task/${process.pid}/schedstat`, 'latin1').split(' ');
    return Number(ran) / 1000;
  } catch {
    return null;
  }
}
