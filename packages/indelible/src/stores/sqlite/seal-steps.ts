import type { Failpoint } from '../failpoints.js';
import { type Run, runsOf, unfit } from '../seal-batch.js';
import type { LogHead, SealBatch, Tally } from '../seal-log.js';
import { idBytes, packHashes, packIds } from '../sql/packed.js';

/** A statement and the rows it is run with, after which a failpoint is reached. */
export interface SealStep {
  readonly at: Failpoint;
  readonly sql: string;
  readonly rows: readonly (readonly unknown[])[];
}

const LEAVES = `INSERT INTO indelible_seal (first_index, size, least_id, greatest_id, ids, hashes)
  VALUES (?, ?, ?, ?, ?, ?)`;
const NODE = 'INSERT INTO indelible_node (level, node_index, hash) VALUES (?, ?, ?)';
const TALLY = `INSERT INTO indelible_rollup (quarter, tenant_id, kind, value, count) VALUES (?, ?, ?, ?, ?)
  ON CONFLICT DO UPDATE SET count = count + excluded.count`;
const CHECKPOINT = 'INSERT INTO indelible_checkpoint (size, note) VALUES (?, ?)';
const HEAD = 'UPDATE indelible_head SET size = ?, root = ?, frontier = ?, place = ?';

/** What a batch does to the log, in its order. Without leaves it adds its checkpoint and no more. */
export function stepsOf(batch: SealBatch): SealStep[] {
  const { ids, nodes, tallies, head, checkpoint } = batch;
  const isSign = ids.length === 0;
  const place = placeOf(batch);
  return [
    { at: 'seal.leaves', sql: LEAVES, rows: runsOf(batch).map(runRow) },
    {
      at: 'seal.nodes',
      sql: NODE,
      rows: isSign ? [] : nodes.map(({ level, index, hash }) => [level, index, hash]),
    },
    { at: 'seal.tallies', sql: TALLY, rows: isSign ? [] : tallies.map(tallyRow) },
    { at: 'seal.checkpoint', sql: CHECKPOINT, rows: [[head.size, checkpoint]] },
    { at: 'seal.head', sql: HEAD, rows: isSign ? [] : [headRow(head, place)] },
  ];
}

function runRow({ first, least, greatest, ids, hashes }: Run): unknown[] {
  return [first, ids.length, idBytes(least), idBytes(greatest), packIds(ids), hashes];
}

function tallyRow({ quarter, tenantId, kind, value, count }: Tally): unknown[] {
  return [BigInt(Date.parse(quarter)), tenantId, kind, value, BigInt(count)];
}

function headRow({ size, root, frontier }: LogHead, place: bigint): unknown[] {
  return [size, root, packHashes(frontier), place];
}

/** The number of the last row that is sealed. */
function placeOf({ place }: SealBatch): bigint {
  if (!/^-?\d{1,19}$/.test(place)) throw unfit('a place');
  return BigInt(place);
}
