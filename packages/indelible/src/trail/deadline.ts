import { AuditError, type ErrorCode } from '../event/errors.js';
import type { SealLog } from '../stores/seal-log.js';
import type { EventWriter } from '../stores/store.js';

/** What `work` resolves to, if it does so in time; what it comes to afterwards is nobody's any more. */
export async function inTime<T>(
  work: Promise<T>,
  ms: number,
  who: string,
  code: ErrorCode = 'STORE_UNAVAILABLE',
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new AuditError(code, `${who} did not answer within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

/**
 * A store that counts as failed when it takes too long: nothing of the trail may wait for one that hangs. Tells how
 * many entries it took.
 */
export function impatient(
  store: EventWriter,
  ms: number,
  onStored: (count: number) => void = () => undefined,
): EventWriter {
  return {
    append: async (entries) => {
      const appended = await inTime(store.append(entries), ms, 'the store');
      onStored(entries.length);
      return appended;
    },
  };
}

/** What of a log it takes to append to it. */
export type SealingLog = Pick<SealLog, 'head' | 'pending' | 'seal' | 'lag' | 'lastCheckpoint'>;

/** A log that counts as failed when it takes too long; what it was asked to seal may be sealed all the same. */
export function impatientLog(log: SealingLog, ms: number): SealingLog {
  const timely = <T>(work: Promise<T>): Promise<T> => inTime(work, ms, 'the log in the store');
  return {
    head: () => timely(log.head()),
    pending: (limit) => timely(log.pending(limit)),
    seal: (batch) => timely(log.seal(batch)),
    lag: () => timely(log.lag()),
    lastCheckpoint: () => timely(log.lastCheckpoint()),
  };
}
