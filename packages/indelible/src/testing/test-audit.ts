import type { Catalogue, EmptyCatalogue } from '../event/actions.js';
import type { AuditEvent } from '../event/event.js';
import { MemoryStore } from '../stores/memory/memory-store.js';
import { type Audit, createAudit } from '../trail/create-audit.js';
import type { AuditOptions } from '../trail/options.js';

/** A trail whose events a test can look at. */
export interface TestAudit<C extends Catalogue = EmptyCatalogue> extends Audit<C> {
  /** What was recorded, oldest first, without the trail's own start and stop. */
  events(): Promise<AuditEvent[]>;
}

/**
 * A trail in memory that leaves nothing behind. It says nothing but what fails; the options are those of
 * `createAudit`.
 *
 * @example
 * ```ts
 * const audit = createTestAudit();
 * await audit.record({ action: 'READ', target: { type: 'Patient', id: '42' } });
 * console.log((await audit.events()).length); // 1
 * ```
 */
export function createTestAudit<const C extends Catalogue = EmptyCatalogue>(
  options: Partial<AuditOptions<C>> = {},
): TestAudit<C> {
  const audit = createAudit<C>({ store: new MemoryStore(), spool: false, log: () => undefined, ...options });
  return Object.assign(audit, { events: () => eventsOf(audit) });
}

/** What the trail says of itself when it is opened and closed. */
const OWN: ReadonlySet<string> = new Set(['AUDIT_START', 'AUDIT_STOP']);

/** Everything in a trail that the application recorded, and what was lost of it, oldest first. */
export async function eventsOf(audit: Pick<Audit<Catalogue>, 'flush' | 'stream'>): Promise<AuditEvent[]> {
  await audit.flush();
  const events: AuditEvent[] = [];
  for await (const event of audit.stream({ tenantId: null, ordering: 'timestamp' })) {
    if (!OWN.has(event.action)) events.push(event);
  }
  return events;
}
