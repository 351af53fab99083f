import type { SelectedLeaf, Selection, SelectionPreview } from '../removal.js';
import type { Execute, Row } from './reader.js';
import { type IdRange, rangeEndStatement, type SelectionDialect, selectionStatement } from './selection.js';

/** So many events are looked at by one statement, so that none takes long, and so many given by it at most. */
const LOOKED_AT = 50_000;
const GIVEN = 5_000;

export interface SelectingFrom {
  readonly own: SelectionDialect;
  readonly execute: Execute;
  /** Where the leaves of some events are, given in the order of their ids; those without one are left out. */
  readonly indexesOf: (ids: readonly string[]) => Promise<ReadonlyMap<string, number>>;
  /** A stored time as RFC 3339. */
  readonly timeText: (value: unknown) => string;
  /** How many events one statement looks at. */
  readonly lookedAt?: number | undefined;
}

/** An event of a selection, with its leaf. */
interface Found extends SelectedLeaf {
  readonly row: Row;
}

/** What a selection holds, from either SQL database. It is read part by part, so that no reading takes long. */
export class SqlSelecting {
  readonly #from: SelectingFrom;

  constructor(from: SelectingFrom) {
    this.#from = from;
  }

  async select(
    selection: Selection,
    afterId: string | null,
    limit: number,
  ): Promise<readonly SelectedLeaf[]> {
    const found: SelectedLeaf[] = [];
    for await (const part of this.#parts(selection, afterId, limit)) {
      found.push(...part.map(({ id, index }) => ({ id, index })));
      if (found.length >= limit) break;
    }
    return found.slice(0, limit);
  }

  async preview(selection: Selection): Promise<SelectionPreview> {
    const preview = new Preview();
    for await (const part of this.#parts(selection, null, GIVEN))
      for (const { row } of part) preview.add(row, this.#from.timeText);
    return preview.result();
  }

  /** Part by part of the trail, since a selection may ask for any of its events, and for few of them. */
  async *#parts(selection: Selection, afterId: string | null, size: number): AsyncIterable<Found[]> {
    const limit = Math.min(Math.max(size, 1), GIVEN);
    for (let after = afterId; ;) {
      const upTo = await this.#endOf(after);
      yield* this.#within(selection, { after, upTo }, limit);
      if (upTo === null) return;
      after = upTo;
    }
  }

  /** Events without a leaf are passed over: those that wait for theirs, and those that were slipped in. */
  async *#within(selection: Selection, { after, upTo }: IdRange, limit: number): AsyncIterable<Found[]> {
    const { own, execute, indexesOf } = this.#from;
    for (let last = after; ;) {
      const rows = await execute(selectionStatement(own, selection, { after: last, upTo }, limit));
      const ids = rows.map((row) => own.dialect.idText(row['id']));
      const indexes = ids.length === 0 ? new Map<string, number>() : await indexesOf(ids);
      yield rows.flatMap((row, n) => {
        const [id = '', index] = [ids[n], indexes.get(ids[n] ?? '')];
        return index === undefined ? [] : [{ id, index, row }];
      });
      if (rows.length < limit) return;
      last = ids.at(-1) ?? null;
    }
  }

  async #endOf(after: string | null): Promise<string | null> {
    const { own, execute, lookedAt = LOOKED_AT } = this.#from;
    const [row] = await execute(rangeEndStatement(own.dialect, after, lookedAt));
    return row === undefined ? null : own.dialect.idText(row['id']);
  }
}

/** Counts events as they come by. */
class Preview {
  readonly #byAction = new Map<string, number>();
  readonly #byModel = new Map<string, number>();
  #count = 0;
  #oldest: string | null = null;
  #newest: string | null = null;

  add(row: Row, timeText: (value: unknown) => string): void {
    this.#count += 1;
    count(this.#byAction, String(row['action']));
    count(this.#byModel, String(row['target_type'] ?? ''));
    const time = timeText(row['recorded_at']);
    if (this.#oldest === null || time < this.#oldest) this.#oldest = time;
    if (this.#newest === null || time > this.#newest) this.#newest = time;
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

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}
