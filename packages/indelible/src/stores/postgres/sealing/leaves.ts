import type { SealedLeaf } from '../../seal-log.js';
import type { Execute, Row } from '../../sql/reader.js';
import { unpackHashes } from '../../sql/packed.js';
import { entriesOf } from './entries.js';

const RUNS = `SELECT first::text, ids::text, encode(hashes, 'hex') AS hashes FROM indelible_seal
  WHERE first >= coalesce((SELECT max(first) FROM indelible_seal WHERE first <= $1::bigint), 0) AND first < $2::bigint
  ORDER BY indelible_seal.first`;

/** Runs are met in the order of their greatest ids, the first of which is nearly always the one. */
const INDEX = `SELECT (first + array_position(ids, $1::uuid) - 1)::text AS index FROM indelible_seal
  WHERE greatest >= $1::uuid AND least <= $1::uuid AND array_position(ids, $1::uuid) IS NOT NULL
  ORDER BY greatest LIMIT 1`;

/** What else may stand there, once somebody has altered the log, no event can have. */
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

type Leaf = Omit<SealedLeaf, 'entry'>;

/** The leaves from one index up to another, each with its event when that is still there. */
export async function leavesOf(execute: Execute, from: number, to: number): Promise<SealedLeaf[]> {
  const leaves = await sealedOf(execute, from, to);
  const ids = leaves.map(({ id }) => id).filter((id) => ID.test(id));
  const entries = await entriesOf(execute, ids);
  return leaves.map(({ index, id, hash }) => ({ index, id, hash, entry: entries.get(id) }));
}

export async function hashesOf(execute: Execute, from: number, to: number): Promise<Uint8Array[]> {
  return (await sealedOf(execute, from, to)).map(({ hash }) => hash);
}

export async function indexOf(execute: Execute, id: string): Promise<number | undefined> {
  const [row] = await execute({ sql: INDEX, parameters: [id] });
  return row === undefined ? undefined : Number(row['index']);
}

async function sealedOf(execute: Execute, from: number, to: number): Promise<Leaf[]> {
  const rows = await execute({ sql: RUNS, parameters: [from, Math.max(from, to)] });
  return rows.flatMap(unpack).filter(({ index }) => index >= from && index < to);
}

function unpack(row: Row): Leaf[] {
  const first = Number(row['first']);
  const ids = String(row['ids']).slice(1, -1).split(',');
  const hashes = unpackHashes(Buffer.from(String(row['hashes']), 'hex'));
  return hashes.map((hash, n) => ({ index: first + n, id: ids[n] ?? '', hash }));
}
