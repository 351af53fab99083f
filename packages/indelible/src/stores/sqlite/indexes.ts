import { idBytes, idText, indexOfId } from '../sql/packed.js';
import type { Execute, Row } from '../sql/reader.js';
import { LIKELY_RUNS, RUNS, RUNS_WITH } from './seal-statements.js';

const ID_BYTES = 16;
/** How many runs are in memory at a time. */
const RUNS_AT_ONCE = 50;

/** The index of an event's leaf; undefined while it has none. */
export async function indexOf(execute: Execute, id: string): Promise<number | undefined> {
  // The bytes of an id may also lie over the end of one and the beginning of the next: then all runs are asked.
  const bytes = idBytes(id);
  for (const most of [1, -1]) {
    const rows = await execute({ sql: RUNS_WITH, parameters: [bytes, bytes, bytes, most] });
    for (const row of rows) {
      const n = indexOfId(row['ids'], id);
      if (n !== -1) return Number(row['first_index']) + n;
    }
    if (rows.length === 0) break;
  }
  return undefined;
}

/**
 * Where the leaves of many events are; those that have none are left out. Each is looked for in the run that is
 * likely to hold it, all those of a run together, and by itself when it is not there.
 */
export async function indexesOf(execute: Execute, ids: readonly string[]): Promise<Map<string, number>> {
  const found = new Map<string, number>();
  const likely = await likelyRuns(execute, ids);
  const runs = [...likely.keys()];
  for (let at = 0; at < runs.length; at += RUNS_AT_ONCE) {
    const some = JSON.stringify(runs.slice(at, at + RUNS_AT_ONCE));
    for (const row of await execute({ sql: RUNS, parameters: [some] }))
      for (const id of likely.get(Number(row['first_index'])) ?? []) {
        const index = indexIn(row, id) ?? (await indexOf(execute, id));
        if (index !== undefined) found.set(id, index);
      }
  }
  return found;
}

/** The ids by the first index of their runs; without those that no run reaches over. */
async function likelyRuns(execute: Execute, ids: readonly string[]): Promise<Map<number, string[]>> {
  const runs = new Map<number, string[]>();
  const digits = JSON.stringify(ids.map((id) => id.replaceAll('-', '')));
  for (const row of await execute({ sql: LIKELY_RUNS, parameters: [digits] })) {
    if (row['run'] === null) continue;
    const run = Number(row['run']);
    const others = runs.get(run);
    if (others === undefined) runs.set(run, [idText(row['id'])]);
    else others.push(idText(row['id']));
  }
  return runs;
}

function indexIn(row: Row, id: string): number | undefined {
  const { buffer, byteOffset, byteLength } = row['ids'] as Uint8Array;
  const ids = Buffer.from(buffer, byteOffset, byteLength);
  const bytes = idBytes(id);
  for (let at = ids.indexOf(bytes); at !== -1; at = ids.indexOf(bytes, at + 1))
    if (at % ID_BYTES === 0) return Number(row['first_index']) + at / ID_BYTES;
  return undefined;
}
