import type {
  Removal,
  Retention,
  SelectedLeaf,
  Selection,
  SelectionPreview,
  StoredRemoval,
} from '../stores/removal.js';

/** How a call of the store is made to fail, when it is. */
export type Through = <T>(call: () => Promise<T>) => Promise<T>;

/** What lets events of a store go, failing as the store around it does. */
export class FaultyRetention implements Retention {
  readonly #retention: Retention;
  readonly #through: Through;

  constructor(retention: Retention, through: Through) {
    this.#retention = retention;
    this.#through = through;
  }

  preview(selection: Selection): Promise<SelectionPreview> {
    return this.#through(() => this.#retention.preview(selection));
  }

  select(selection: Selection, afterId: string | null, limit: number): Promise<readonly SelectedLeaf[]> {
    return this.#through(() => this.#retention.select(selection, afterId, limit));
  }

  decide(removal: Removal): Promise<void> {
    return this.#through(() => this.#retention.decide(removal));
  }

  remove(eventId: string, ids: readonly string[], holdChanges: number): Promise<number | undefined> {
    return this.#through(() => this.#retention.remove(eventId, ids, holdChanges));
  }

  holdChanges(): Promise<number> {
    return this.#through(() => this.#retention.holdChanges());
  }

  finish(eventId: string): Promise<void> {
    return this.#through(() => this.#retention.finish(eventId));
  }

  removals(): Promise<readonly StoredRemoval[]> {
    return this.#through(() => this.#retention.removals());
  }

  manifestOf(eventId: string): Promise<string | undefined> {
    return this.#through(() => this.#retention.manifestOf(eventId));
  }

  exclusively<T>(work: () => Promise<T>): Promise<T | undefined> {
    return this.#through(() => this.#retention.exclusively(work));
  }
}
