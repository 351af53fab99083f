import type { EventQuery } from '../query.js';
import type { Execute } from '../sql/reader.js';

/** Whether the trail has the index for texts, which needs an extension that not every server offers. */
export class TextIndex {
  readonly #execute: Execute;
  #exists = false;

  constructor(execute: Execute) {
    this.#execute = execute;
  }

  get exists(): boolean {
    return this.#exists;
  }

  /** Looks it up for a question about a text, until it is found: a later migration may make it. */
  async prepare({ search, where }: Pick<EventQuery, 'search' | 'where'>): Promise<void> {
    if (this.#exists || (search === undefined && where.actorText === undefined)) return;
    const [row] = await this.#execute({
      sql: `SELECT to_regclass('indelible_event_text') IS NOT NULL AS exists`,
      parameters: [],
    });
    this.#exists = row?.['exists'] === true;
  }
}
