import type { StoredEntry } from '../../../event/read.js';
import type { EventBytes, SealedLeaf } from '../../seal-log.js';
import { idText } from '../../sql/packed.js';
import { type CopyOut, HEADER_BYTES, isEnd, takeRow } from '../copy-out.js';
import { boundsOf } from './bounds.js';
import { EventRows, keyOf, SELECTED_BYTES } from './event-rows.js';

const [ID_BYTES, HASH_BYTES] = [16, 32];
/** Before the ids of an array stands its form, and before each of them its length. */
const [ARRAY_BYTES, ELEMENT_BYTES] = [20, 20];
/** Beyond what the last batch took, and for runs that reach further than the leaves that are asked for. */
const LEAST_BYTES = 128 * 1024;

interface Leaf {
  readonly index: number;
  readonly idAt: number;
  readonly hash: Uint8Array;
}

/** A leaf as it lies in its run, and its event as it lies among the rows. */
class RawLeaf implements SealedLeaf {
  readonly index: number;
  readonly hash: Uint8Array;
  readonly #runs: Buffer;
  readonly #idAt: number;
  readonly #rows: EventRows;
  readonly #at: number | undefined;

  constructor({ index, idAt, hash }: Leaf, runs: Buffer, rows: EventRows, at: number | undefined) {
    this.index = index;
    this.hash = hash;
    this.#runs = runs;
    this.#idAt = idAt;
    this.#rows = rows;
    this.#at = at;
  }

  get id(): string {
    return idText(this.#runs.subarray(this.#idAt, this.#idAt + ID_BYTES));
  }

  get entry(): StoredEntry | undefined {
    return this.#at === undefined ? undefined : this.#rows.take(this.#at).entry();
  }

  get bytes(): EventBytes | undefined {
    const at = this.#at;
    return at === undefined || !this.#rows.isWhole(at) ? undefined : this.#rows.take(at);
  }
}

/** Reads leaves with the bytes of their events. */
export class RawLeaves {
  readonly #copyOut: CopyOut;
  /** As many bytes as an event took in the last batch. */
  #bytesEach = 1_024;

  constructor(copyOut: CopyOut) {
    this.#copyOut = copyOut;
  }

  /** The leaves from one index up to another; undefined when the log does not hold them in the form that it should. */
  async read(from: number, to: number): Promise<SealedLeaf[] | undefined> {
    if (from >= to) return [];
    const runs = await this.#copyOut(runsOf(from, to), LEAST_BYTES);
    const leaves = leavesIn(runs, from, to);
    if (leaves === undefined) return undefined;
    if (leaves.length === 0) return [];
    const expected = Math.ceil(leaves.length * this.#bytesEach) + LEAST_BYTES;
    const rows = new EventRows(await this.#copyOut(eventsOf(runs, leaves), expected));
    this.#bytesEach = rows.bytes.length / leaves.length;
    const places = rows.places();
    return leaves.map((leaf) => new RawLeaf(leaf, runs, rows, places.get(keyOf(runs, leaf.idAt))));
  }
}

/** A statement that copies takes no parameters: these are integers, whatever they were. */
function runsOf(from: number, to: number): string {
  const [first, end] = [BigInt(from), BigInt(to)];
  return `COPY (SELECT first::bigint, ids::uuid[], hashes FROM indelible_seal
    WHERE first >= coalesce((SELECT max(first) FROM indelible_seal WHERE first <= ${first}), 0) AND first < ${end}
    ORDER BY indelible_seal.first) TO STDOUT (FORMAT binary)`;
}

/** The array comes out of a subselect, since the planner would work through a constant one value by value. */
function eventsOf(runs: Buffer, leaves: readonly Leaf[]): string {
  const ids = leaves.map(({ idAt }) => runs.toString('hex', idAt, idAt + ID_BYTES));
  const [least, greatest] = boundsOf(ids);
  return `COPY (SELECT ${SELECTED_BYTES} FROM indelible_event
    WHERE id = ANY((SELECT '{${ids.join(',')}}'::uuid[])::uuid[]) AND id >= '${least}' AND id <= '${greatest}'
    ) TO STDOUT (FORMAT binary)`;
}

function leavesIn(bytes: Buffer, from: number, to: number): Leaf[] | undefined {
  const run = { bytes, from: new Int32Array(3), to: new Int32Array(3) };
  const leaves: Leaf[] = [];
  for (let at = HEADER_BYTES; !isEnd(bytes, at);) {
    at = takeRow(run, at);
    const [first, ids, hashes] = run.from as unknown as [number, number, number];
    const count = ((run.to[2] as number) - hashes) / HASH_BYTES;
    if (hashes < 0 || ids < 0 || !isOfIds(bytes, ids, run.to[1] as number, count)) return undefined;
    const index = Number(bytes.readBigInt64BE(first));
    for (let n = Math.max(from - index, 0); n < Math.min(count, to - index); n += 1) {
      const idAt = ids + ARRAY_BYTES + n * ELEMENT_BYTES + ELEMENT_BYTES - ID_BYTES;
      const hashAt = hashes + n * HASH_BYTES;
      leaves.push({ index: index + n, idAt, hash: bytes.subarray(hashAt, hashAt + HASH_BYTES) });
    }
  }
  return leaves;
}

/** True for an array of just so many ids, none of them NULL. */
function isOfIds(bytes: Buffer, from: number, to: number, count: number): boolean {
  const length = ARRAY_BYTES + count * ELEMENT_BYTES;
  return Number.isInteger(count) && to - from === length && bytes.readInt32BE(from) === 1;
}
