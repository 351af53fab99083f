import { AuditError } from '../event/errors.js';
import type { Store } from '../stores/store.js';
import { inTime } from './deadline.js';
import type { Spool } from './spool/spool.js';
import type { TrailStats } from './stats.js';
import type { Teller } from './teller.js';

/** What is not stored stays on disk; what is in memory alone is lost, and that is told. */
export async function closeSpool(spool: Spool, stats: TrailStats, teller: Teller): Promise<void> {
  const lost = await spool.close();
  stats.dropped += lost;
  if (lost === 0) return;
  teller.report(
    new AuditError(
      'EVENTS_DROPPED',
      `${lost} events are lost: the trail was closed while its store was away, and there was no disk to leave them on.`,
    ),
  );
}

export async function closeStore(store: Store, patienceMs: number, teller: Teller): Promise<void> {
  try {
    await inTime(store.close(), patienceMs, 'the store');
  } catch (error) {
    teller.report(AuditError.from(error, 'STORE_UNAVAILABLE', 'The store could not be closed'));
  }
}
