import type { Submittable, Worded } from './driver.js';

/** What a query, a cursor or a stream over a cursor says, which can be changed for the way and put back. */
export class Words {
  /** True for a query that is sent and answered as a whole, unlike a cursor. */
  readonly isQuery: boolean;
  readonly #holder: Worded;
  #own: Readonly<Worded> | undefined;

  constructor(query: Submittable) {
    this.#holder = holderOf(query);
    this.isQuery = 'requiresPreparation' in query;
  }

  get text(): string | undefined {
    return typeof this.#holder.text === 'string' ? this.#holder.text : undefined;
  }

  get name(): string | undefined {
    const { name } = this.#holder;
    return typeof name === 'string' && name !== '' ? name : undefined;
  }

  /** Undefined when they are no list, which the driver answers with an error of its own. */
  get values(): readonly unknown[] | undefined {
    const { values = [] } = this.#holder;
    if (values === null) return [];
    return Array.isArray(values) ? values : undefined;
  }

  get isReadInParts(): boolean {
    return Boolean(this.#holder.rows);
  }

  /** False for a query of the simple protocol, whose rows are text whatever was asked for. */
  get mayBeBinary(): boolean {
    const { requiresPreparation } = this.#holder;
    return typeof requiresPreparation !== 'function' || requiresPreparation.call(this.#holder) === true;
  }

  replace(words: Worded): void {
    this.restore();
    const { text, values, name, binary } = this.#holder;
    this.#own = { text, values, name, binary };
    Object.assign(this.#holder, words);
  }

  restore(): void {
    if (this.#own !== undefined) Object.assign(this.#holder, this.#own);
    this.#own = undefined;
  }
}

function holderOf(query: Submittable): Worded {
  if ('cursor' in query && typeof query.cursor === 'object' && query.cursor !== null) return query.cursor;
  return query as Worded;
}
