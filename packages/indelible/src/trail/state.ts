import type { AuditEvent, Json } from '../event/event.js';

/** How a record stood at a moment, as far as the trail knows. */
export interface RecordState {
  /** False before it was created and after it was deleted. */
  readonly exists: boolean;
  readonly fields: Readonly<Record<string, Json>> | null;
  /** False when the trail begins in the middle of the record's life, so that fields may be missing. */
  readonly isComplete: boolean;
  /** The last event that touched it. */
  readonly lastEventId: string | null;
}

const WHOLE = new Set(['CREATE', 'SNAPSHOT', 'RESTORE']);
const PARTIAL = new Set(['UPDATE', 'REVERT']);

/** Follows a record's life, oldest event first. A key that is used again after a delete begins a new life. */
export class StateTracker {
  #state: RecordState = { exists: false, fields: null, isComplete: true, lastEventId: null };

  get state(): RecordState {
    return this.#state;
  }

  follow(event: AuditEvent): void {
    if (event.outcome !== 'success') return;
    if (event.action === 'DELETE') this.#set(event, null, true);
    else if (WHOLE.has(event.action) && event.after) this.#set(event, event.after, !isCut(event));
    else if (PARTIAL.has(event.action) && event.after) this.#update(event, event.after);
  }

  #update(event: AuditEvent, after: NonNullable<AuditEvent['after']>): void {
    const { fields, isComplete } = this.#state;
    this.#set(event, { ...fields, ...after }, fields !== null && isComplete && !isCut(event));
  }

  #set(event: AuditEvent, fields: RecordState['fields'], isComplete: boolean): void {
    this.#state = { exists: fields !== null, fields, isComplete, lastEventId: event.id };
  }
}

function isCut(event: AuditEvent): boolean {
  return event.erased || event.flags.includes('not_restorable');
}
