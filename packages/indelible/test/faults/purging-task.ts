import type { Failpoint } from '../../src/stores/failpoints.js';

/** What a test asks of a process that removes events, as JSON in its first argument. */
export interface PurgingTask {
  readonly path: string;
  readonly kind: 'purge' | 'erase';
  /** The key that the trail is sealed with. */
  readonly key: string;
  readonly batchSize: number;
  readonly dieAt?: Failpoint | undefined;
}

export const WHY = { reason: 'asked for by the person', request: 'GDPR-2026-014' } as const;
