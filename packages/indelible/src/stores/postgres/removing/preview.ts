import type { SelectionPreview } from '../../removal.js';
import type { Row } from '../../sql/reader.js';

/** Adds up what the parts of a selection hold. */
export class Preview {
  readonly #byAction = new Map<string, number>();
  readonly #byModel = new Map<string, number>();
  #count = 0;
  #oldest: string | null = null;
  #newest: string | null = null;

  /** So many events of one action and one model. */
  add(row: Row): void {
    const count = Number(row['count']);
    if (count === 0) return;
    this.#count += count;
    addTo(this.#byAction, String(row['action']), count);
    addTo(this.#byModel, String(row['model']), count);
    const [oldest, newest] = [String(row['oldest']), String(row['newest'])];
    if (this.#oldest === null || oldest < this.#oldest) this.#oldest = oldest;
    if (this.#newest === null || newest > this.#newest) this.#newest = newest;
  }

  result(): SelectionPreview {
    return {
      count: this.#count,
      byAction: Object.fromEntries(this.#byAction),
      byModel: Object.fromEntries(this.#byModel),
      oldest: this.#oldest,
      newest: this.#newest,
    };
  }
}

function addTo(counts: Map<string, number>, name: string, count: number): void {
  counts.set(name, (counts.get(name) ?? 0) + count);
}
