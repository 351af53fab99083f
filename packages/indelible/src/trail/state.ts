import { AuditError } from '../event/errors.js';
import type { AuditEvent, Json } from '../event/event.js';

/** How a record stood at a moment, as far as the trail knows. */
export interface RecordState {
  /** False before it was created and after it was deleted. */
  readonly exists: boolean;
  readonly fields: Readonly<Record<string, Json>> | null;
  /**
   * False when the trail cannot vouch for all of it: it begins in the middle of the record's life or knows nothing of
   * it, or an event on the way was erased, cut, or recorded without its fields.
   */
  readonly isComplete: boolean;
  /** The last event that touched it. */
  readonly lastEventId: string | null;
}

const WHOLE = ['CREATE', 'SNAPSHOT', 'RESTORE'];
const PARTIAL = ['UPDATE', 'REVERT'];

/** The actions by which a record comes, changes and goes. */
export const LIFE: readonly string[] = [...WHOLE, ...PARTIAL, 'DELETE'];

/** Follows a record's life, oldest event first. A key that is used again after a delete begins a new life. */
export class StateTracker {
  #state: RecordState = { exists: false, fields: null, isComplete: true, lastEventId: null };
  #tenantId: string | null | undefined;

  get state(): RecordState {
    return this.#state;
  }

  /** What an action of the application's own says of the fields counts too. */
  follow(event: AuditEvent): void {
    if (event.outcome !== 'success') return;
    if (!LIFE.includes(event.action) && event.after === null) return;
    this.#checkTenant(event);
    if (event.action === 'DELETE') this.#set(event, null, true);
    else if (isWhole(event)) this.#set(event, event.after ?? {}, saysAll(event));
    else this.#update(event);
  }

  #update(event: AuditEvent): void {
    const { fields, isComplete } = this.#state;
    this.#set(event, { ...fields, ...event.after }, fields !== null && isComplete && saysAll(event));
  }

  #set(event: AuditEvent, fields: RecordState['fields'], isComplete: boolean): void {
    this.#state = { exists: fields !== null, fields, isComplete, lastEventId: event.id };
  }

  /** Records of two tenants may have the same model and id, and are two records. */
  #checkTenant({ tenantId, target }: AuditEvent): void {
    if (this.#tenantId !== undefined && this.#tenantId !== tenantId)
      throw new AuditError(
        'INVALID_FILTER',
        `${target?.type} ${target?.id} is a record of more than one tenant; give the tenantId of one.`,
      );
    this.#tenantId = tenantId;
  }
}

/** An event that has both sides keeps only what differs between them. */
function isWhole({ action, before }: AuditEvent): boolean {
  return WHOLE.includes(action) && before === null;
}

function saysAll({ after, erased, flags }: AuditEvent): boolean {
  return after !== null && !erased && !flags.includes('not_restorable');
}
