import type { About, ClinicAudit } from './audit.js';
import type { Rows } from './database/rows.js';
import type { ModelName } from './models.js';

interface Seen {
  readonly id: number;
  /** Whose record it is. */
  readonly patient: number | undefined;
}

/** Records who looked at what. No change tells of it. */
export class Reads {
  readonly #audit: ClinicAudit;

  constructor(audit: ClinicAudit) {
    this.#audit = audit;
  }

  async one(about: About): Promise<void> {
    await this.#audit.record({ action: 'READ', source: 'read', ...about });
  }

  /** A list with everything on its page, and whose records those are. */
  async list(model: ModelName, { rows, count }: Rows<Seen>): Promise<void> {
    const patients = rows.flatMap(({ patient }) => (patient === undefined ? [] : [String(patient)]));
    await this.#audit.record({
      action: 'LIST',
      source: 'read',
      target: { type: model },
      subjects: [...new Set(patients)],
      metadata: { count, ids: rows.map(({ id }) => id) },
    });
  }
}
