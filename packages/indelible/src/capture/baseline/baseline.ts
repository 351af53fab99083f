/** A record that is there, as the baseline meets it. */
export interface StandingRecord {
  /** As the trail names it. */
  readonly id: string;
  /** The values of its key as the database takes them back. */
  readonly key: readonly unknown[];
}

/** One table whose records may be older than the trail. */
export interface BaselineTable {
  readonly model: string;
  readonly name: string;
  /** The records after a place in the order of the key, at most so many. */
  after(place: readonly unknown[] | undefined, limit: number): Promise<readonly StandingRecord[]>;
  /** Writes the records as they stand now into the outbox, in one statement; answers how many are still there. */
  put(records: readonly StandingRecord[], context: string): Promise<number>;
}

/** What was found and done for one table. */
export interface BaselineCount {
  readonly model: string;
  readonly records: number;
  /** Records the trail knew nothing of, of which it now has a SNAPSHOT. */
  readonly taken: number;
}

export interface BaselineOptions {
  /** Whether the trail knows anything of a record. */
  readonly knows: (model: string, id: string) => Promise<boolean>;
  /** The context of the snapshots, as JSON text. */
  readonly context: string;
  /** Counts what would be taken, and writes nothing. */
  readonly isDry: boolean;
}

const BATCH = 500;

/**
 * Takes a SNAPSHOT of every record that the trail knows nothing of, so that its later events have something to
 * follow on. It can be stopped and begun again at any time: what is known already is passed over.
 */
export async function takeBaseline(table: BaselineTable, options: BaselineOptions): Promise<BaselineCount> {
  let [records, taken] = [0, 0];
  let place: readonly unknown[] | undefined;
  for (;;) {
    const batch = await table.after(place, BATCH);
    records += batch.length;
    const unknown = await unknownOf(table.model, batch, options);
    taken +=
      options.isDry || unknown.length === 0 ? unknown.length : await table.put(unknown, options.context);
    place = batch.at(-1)?.key;
    if (batch.length < BATCH) return { model: table.model, records, taken };
  }
}

async function unknownOf(
  model: string,
  batch: readonly StandingRecord[],
  { knows }: BaselineOptions,
): Promise<StandingRecord[]> {
  const known = await Promise.all(batch.map(({ id }) => knows(model, id)));
  return batch.filter((_, at) => known[at] === false);
}
