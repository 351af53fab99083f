import { CORE_COLUMNS } from '../sql/decode.js';
import { COLUMNS } from './rows.js';

/** What JSON cannot hold, or not exactly. */
const IN_TEXT: Readonly<Record<string, string>> = {
  id: 'lower(hex(id))',
  payload_digest: 'lower(hex(payload_digest))',
};
const ENTRY = `${COLUMNS.join(', ')}, recorded_at`;
/** In one text, which costs its way from thread to thread half of what an object does. */
const UNSEALED = [...CORE_COLUMNS, 'role'].map((name) => `'${name}', ${IN_TEXT[name] ?? name}`).join(', ');
const HASHED = [...CORE_COLUMNS, 'payload', 'salt'].map(inDigits).join(', ');
/** The runs that hold leaves from one index up to another. */
const IN_RUNS = `FROM indelible_seal WHERE first_index < ?
  AND first_index >= coalesce((SELECT max(first_index) FROM indelible_seal WHERE first_index <= ?), 0)
  ORDER BY first_index`;
const CHECKPOINT = 'SELECT place, size, note, sealed_at FROM indelible_checkpoint';

export const HEAD = 'SELECT size, root, frontier, CAST(place AS TEXT) AS place FROM indelible_head';
export const STANDS_AT = 'SELECT 1 FROM indelible_head WHERE size = ? AND root = ?';
export const PENDING: string = `SELECT CAST(seq AS TEXT) AS place, json_object(${UNSEALED}) AS event
  FROM indelible_event WHERE seq > CAST(? AS INTEGER) ORDER BY seq LIMIT ?`;
export const LAG = `SELECT count(*) AS count, min(recorded_at) AS oldest FROM (
  SELECT recorded_at FROM indelible_event WHERE seq > (SELECT place FROM indelible_head) ORDER BY seq LIMIT ?)`;
export const LEAVES: string = `SELECT first_index, ids, hashes ${IN_RUNS}`;
export const LEAF_HASHES: string = `SELECT first_index, hashes ${IN_RUNS}`;
export const ENTRIES: string = `SELECT ${ENTRY} FROM indelible_event WHERE id IN (SELECT unhex(value) FROM json_each(?))`;
/** The same without what is not hashed, and without bytes, each of which costs its way from thread to thread dearly. */
export const HASHED_ENTRIES: string = `SELECT ${HASHED} FROM indelible_event
  WHERE id IN (SELECT unhex(value) FROM json_each(?))`;
export const NODES = `SELECT hash FROM indelible_node WHERE level = ? AND node_index >= ? AND node_index < ?
  ORDER BY node_index`;
/** The first run that reaches as far as the id is nearly always the one; a later one is when it was stored late. */
export const RUNS_WITH = `SELECT first_index, ids FROM indelible_seal
  WHERE greatest_id >= ? AND least_id <= ? AND instr(ids, ?) > 0 ORDER BY greatest_id, least_id LIMIT ?`;
/** For each of many ids the first run that reaches over it. */
export const LIKELY_RUNS = `WITH wanted AS MATERIALIZED (SELECT unhex(value) AS id FROM json_each(?))
  SELECT id, (SELECT first_index FROM indelible_seal
    WHERE greatest_id >= id AND least_id <= id ORDER BY greatest_id, least_id LIMIT 1) AS run FROM wanted`;
export const RUNS =
  'SELECT first_index, ids FROM indelible_seal WHERE first_index IN (SELECT value FROM json_each(?))';
export const CHECKPOINTS: string = `${CHECKPOINT} WHERE place > ? ORDER BY place LIMIT ?`;
export const LAST_CHECKPOINT: string = `${CHECKPOINT} ORDER BY place DESC LIMIT 1`;

/** The ids of a part of the events that the log has passed, from the index of ids alone: the + keeps it to that. */
export const PASSED = `SELECT min(id) AS first, max(id) AS last, group_concat(hex(id), '') AS ids FROM (
  SELECT id FROM indelible_event WHERE id > ? AND +seq <= CAST(? AS INTEGER) ORDER BY id LIMIT ?)`;
/** Runs that may hold an id of such a part, the next ones behind a run. */
export const RUNS_BEHIND = `SELECT greatest_id, least_id, first_index, hex(ids) AS ids FROM indelible_seal
  WHERE (greatest_id, least_id, first_index) > (?, ?, ?) AND least_id <= ?
  ORDER BY greatest_id, least_id, first_index LIMIT ?`;

function inDigits(name: string): string {
  if (name !== 'salt' && IN_TEXT[name] === undefined) return name;
  return `CASE WHEN ${name} IS NOT NULL THEN lower(hex(${name})) END AS ${name}`;
}
