import { reach } from '../../failpoints.js';
import { checkBatch, runsOf, unfit } from '../../seal-batch.js';
import type { SealBatch } from '../../seal-log.js';
import type { Connection } from '../connections.js';
import { sqlState } from '../failure.js';
import { parsePlace } from './place.js';

/**
 * The head is swapped first: a batch that comes too late is turned away before it writes anything, and the row's lock
 * keeps every other one out to the end. The advisory lock spares a second sealer the waiting and guards nothing: it
 * may be lost with its connection.
 */
const SWAP = `UPDATE indelible_head SET size = $3, root = $4, frontier = coalesce($5, frontier), place = coalesce($6, place)
  WHERE size = $1 AND root = $2 AND pg_try_advisory_xact_lock(7954885183362)`;

const LEAVES = `INSERT INTO indelible_seal (first, least, greatest, size, ids, hashes)
  VALUES ($1, $2, $3, $4, $5::uuid[], $6)`;

const NODES = `INSERT INTO indelible_node (level, index, hash)
  SELECT * FROM unnest($1::smallint[], $2::bigint[], $3::bytea[])`;

/** In the order of the key, as whoever else may count there would do. */
const TALLIES = `INSERT INTO indelible_rollup (tenant_id, kind, quarter, value, count)
  SELECT tenant_id, kind, quarter, value, sum(count)
  FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::text[], $5::bigint[])
    AS tally (tenant_id, kind, quarter, value, count)
  GROUP BY tenant_id, kind, quarter, value ORDER BY tenant_id, kind, quarter, value
  ON CONFLICT (tenant_id, kind, quarter, value) DO UPDATE SET count = indelible_rollup.count + excluded.count`;

const CHECKPOINT = `INSERT INTO indelible_checkpoint (place, size, note)
  SELECT coalesce(max(place), 0) + 1, $1::bigint, $2 FROM indelible_checkpoint`;

/** Appends a batch in one transaction; false, with nothing changed, when the log does not stand where it begins. */
export async function seal(connection: Connection, batch: SealBatch, timeoutMs: number): Promise<boolean> {
  checkBatch(batch);
  if (parsePlace(batch.place) === undefined) throw unfit('a place');
  await connection.query(begin(timeoutMs));
  try {
    reach('seal.begun');
    const isNext = await swapHead(connection, batch);
    if (isNext) await writeAll(connection, batch);
    await connection.query(isNext ? 'COMMIT' : 'ROLLBACK');
    if (isNext) reach('seal.committed');
    return isNext;
  } catch (error) {
    if (sqlState(error) !== undefined) await connection.query('ROLLBACK');
    throw error;
  }
}

/** A sealer that falls silent in mid-transaction is ended by the server, so that another can go on. */
function begin(timeoutMs: number): string {
  const limit = Math.max(1, Math.ceil(timeoutMs));
  return `BEGIN ISOLATION LEVEL READ COMMITTED;
    SET LOCAL idle_in_transaction_session_timeout = ${limit}; SET LOCAL statement_timeout = ${limit}; SET LOCAL jit = off`;
}

/** Without leaves the log stays where it is, and what is pending is pending still. */
async function swapHead(connection: Connection, { from, head, place, ids }: SealBatch): Promise<boolean> {
  const next =
    ids.length === 0
      ? [from.size, from.root, null, null]
      : [head.size, head.root, Buffer.concat(head.frontier), place];
  const { rowCount } = await connection.query(SWAP, [from.size, from.root, ...next]);
  reach('seal.head');
  return rowCount === 1;
}

async function writeAll(connection: Connection, batch: SealBatch): Promise<void> {
  await writeLeaves(connection, batch);
  reach('seal.leaves');
  await writeNodes(connection, batch);
  reach('seal.nodes');
  await writeTallies(connection, batch);
  reach('seal.tallies');
  await connection.query(CHECKPOINT, [batch.head.size, batch.checkpoint]);
  reach('seal.checkpoint');
}

async function writeLeaves(connection: Connection, batch: SealBatch): Promise<void> {
  for (const { first, least, greatest, ids, hashes } of runsOf(batch)) {
    // As one text, since the driver would quote each of what has been checked to be ids.
    const text = `{${ids.join(',')}}`;
    await connection.query(LEAVES, [first, least, greatest, ids.length, text, hashes]);
  }
}

async function writeNodes(connection: Connection, { nodes, ids }: SealBatch): Promise<void> {
  if (nodes.length === 0 || ids.length === 0) return;
  const columns = [nodes.map(({ level }) => level), nodes.map(({ index }) => index)];
  await connection.query(NODES, [...columns, nodes.map(({ hash }) => Buffer.from(hash))]);
}

async function writeTallies(connection: Connection, { tallies, ids }: SealBatch): Promise<void> {
  if (tallies.length === 0 || ids.length === 0) return;
  await connection.query(TALLIES, [
    tallies.map(({ tenantId }) => tenantId),
    tallies.map(({ kind }) => kind),
    tallies.map(({ quarter }) => quarter),
    tallies.map(({ value }) => value),
    tallies.map(({ count }) => count),
  ]);
}
