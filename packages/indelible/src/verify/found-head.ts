import { AuditError } from '../event/errors.js';
import type { LogHead, SealLog } from '../stores/seal-log.js';
import type { Findings } from './findings.js';

/** Where a log says that it stands. */
export interface FoundHead extends LogHead {
  /** True when that was taken away, and is what the last checkpoint says. */
  readonly isLost: boolean;
}

export async function headOf(
  log: Pick<SealLog, 'head' | 'lastCheckpoint'>,
  findings: Findings,
): Promise<FoundHead> {
  try {
    return { ...(await log.head()), isLost: false };
  } catch (error) {
    if (!(error instanceof AuditError) || error.code !== 'LOG_DAMAGED') throw error;
    findings.add('FORK', error.message);
    const last = await log.lastCheckpoint();
    return { size: last?.size ?? 0, root: new Uint8Array(), frontier: [], isLost: true };
  }
}
