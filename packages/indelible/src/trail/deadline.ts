import { AuditError, type ErrorCode } from '../event/errors.js';
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

/** A store that counts as failed when it takes too long: nothing of the trail may wait for one that hangs. */
export function impatient(store: EventWriter, ms: number): EventWriter {
  return { append: (entries) => inTime(store.append(entries), ms, 'the store') };
}
