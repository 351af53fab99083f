import type { Entry } from '../../event/entry.js';
import type { EventReader } from '../../stores/store.js';

const NEWEST = { column: 'timestamp', descending: true } as const;
/** Of a record's newest events one should know its subject. */
const LOOKED_AT = 5;

/** A record as its events name it. */
export interface RecordName {
  readonly model: string;
  readonly id: string;
  readonly tenantId: string | undefined;
}

/**
 * Knows who records were about when they were last recorded: for a change that cannot say so any more. What
 * is on its way is asked first, so that a batch that is repeated gives the same answers.
 */
export class LastSubjects {
  readonly #reader: Pick<EventReader, 'find'>;
  readonly #onTheirWay = new Map<string, string>();

  constructor(reader: Pick<EventReader, 'find'>) {
    this.#reader = reader;
  }

  add({ core }: Entry): void {
    const { target, subject_id, tenant_id } = core;
    if (target?.id === undefined || subject_id === undefined) return;
    this.#onTheirWay.set(nameOf({ model: target.type, id: target.id, tenantId: tenant_id }), subject_id);
  }

  async of(record: RecordName): Promise<string | undefined> {
    return this.#onTheirWay.get(nameOf(record)) ?? (await this.#stored(record));
  }

  async #stored({ model, id, tenantId = '' }: RecordName): Promise<string | undefined> {
    const where = { targetType: model, targetId: id } as const;
    const { entries } = await this.#reader.find({ tenantId, where, order: NEWEST, limit: LOOKED_AT });
    return entries.find(({ core }) => core.subject_id !== undefined)?.core.subject_id;
  }
}

function nameOf({ model, id, tenantId = '' }: RecordName): string {
  return JSON.stringify([tenantId, model, id]);
}
