/** What a trail has done since it was created; `audit.stats()` gives a copy. */
export interface TrailStats {
  /** Events handed in, the trail's own among them. */
  recorded: number;
  /** Attempts, requests and searches that were counted with others, and are told by one event for all of them. */
  folded: number;
  /** Events the store has confirmed. */
  stored: number;
  /** Events on their way by the spool; what a dead process left is counted once it has been read. */
  waiting: number;
  /** Events lost because neither disk nor memory had room; an AUDIT_GAP event tells of them. */
  dropped: number;
  /** Events refused together with what they describe, by `failClosed` or for want of any durable place. */
  refused: number;
  /** Events whose id the trail already held with another body. */
  conflicts: number;
  /** Rows of the outbox that were refused again and again, and are set aside there. */
  setAside: number;
  /** Failures of the store, the spool or the outbox. */
  failures: number;
  /** Leaves of the log, by whichever process, as far as this one knows. */
  sealed: number;
  /** Stored events that had no leaf yet when this process last looked, and what it stored since. */
  unsealed: number;
  /** When the log was last seen to grow, or to give a sign of life; null until then, and where nothing is sealed. */
  sealedAt: string | null;
  /** Turns of the sealer that failed. */
  sealFailures: number;
  /** False from a failure of the store until it answers again. */
  storeIsUp: boolean;
}

export function newStats(): TrailStats {
  return {
    recorded: 0,
    folded: 0,
    stored: 0,
    waiting: 0,
    dropped: 0,
    refused: 0,
    conflicts: 0,
    setAside: 0,
    failures: 0,
    sealed: 0,
    unsealed: 0,
    sealedAt: null,
    sealFailures: 0,
    storeIsUp: true,
  };
}
