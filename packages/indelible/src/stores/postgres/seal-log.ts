import { AuditError } from '../../event/errors.js';
import type { Lag, LogHead, Pending, SealBatch, SealedLeaf, SealLog, StoredCheckpoint } from '../seal-log.js';
import { gently } from '../sql/decode.js';
import type { Execute, Row } from '../sql/reader.js';
import { unpackHashes } from '../sql/packed.js';
import type { Connections } from './connections.js';
import type { PostgresSettings } from './options.js';
import { copying, searching, searchingInParts } from './read.js';
import { timeText } from './rows.js';
import { unsealedEntryOf, UNSEALED_COLUMNS } from './sealing/entries.js';
import { hashesOf, indexOf, leavesOf } from './sealing/leaves.js';
import { RawLeaves } from './sealing/raw-leaves.js';
import { formatPlace, type Now, parsePlace, type Place, resume } from './sealing/place.js';
import { seal } from './sealing/seal.js';
import { straysBehind } from './sealing/strays.js';
import { type Asked, type Found, Unsealed } from './sealing/unsealed.js';

/** Beyond, "so many and more" is enough to know. */
const COUNTED = 10_000;

const STAND = `SELECT size::text, encode(root, 'hex') AS root, encode(frontier, 'hex') AS frontier, place,
    indelible_cluster() AS cluster, pg_current_snapshot()::text AS snapshot, pg_postmaster_start_time()::text AS started
  FROM indelible_head`;

const NODES = `SELECT encode(hash, 'hex') AS hash FROM indelible_node
  WHERE level = $1 AND index >= $2::bigint AND index < $3::bigint ORDER BY index`;

const CHECKPOINTS = `SELECT place::text, size::text, note, ${timeText('sealed_at')} FROM indelible_checkpoint`;

/** The head, and what was read with it in one statement. */
interface Stand {
  readonly head: LogHead;
  readonly place: Place | undefined;
  readonly now: Now;
  /** What tells this state of the log from any other that this process may meet. */
  readonly name: string;
}

/** The Merkle log in a PostgreSQL database. */
export class PostgresSealLog implements SealLog {
  readonly #connections: Connections;
  readonly #writeTimeoutMs: number;
  readonly #execute: Execute;
  readonly #search: Execute;
  readonly #unsealed: Unsealed;
  readonly #rawLeaves: RawLeaves;
  #lookedThrough: { readonly name: string; readonly place: Place } | undefined;

  constructor(connections: Connections, settings: PostgresSettings, execute: Execute) {
    this.#connections = connections;
    this.#writeTimeoutMs = settings.writeTimeoutMs;
    this.#execute = execute;
    this.#search = searching(connections, settings.readTimeoutMs);
    this.#unsealed = new Unsealed(searchingInParts(connections, settings.readTimeoutMs));
    this.#rawLeaves = new RawLeaves(copying(connections, settings.readTimeoutMs));
  }

  async head(): Promise<LogHead> {
    return (await this.#stand()).head;
  }

  async pending(limit: number): Promise<Pending> {
    const stand = await this.#stand();
    const { rows, place, hasMore } = await this.#find(stand, { limit, columns: UNSEALED_COLUMNS });
    const entries = await gently(rows, unsealedEntryOf);
    return { head: stand.head, entries, place: formatPlace(place), hasMore };
  }

  seal(batch: SealBatch): Promise<boolean> {
    const limit = this.#writeTimeoutMs;
    return this.#connections.use(limit, (connection) => seal(connection, batch, limit));
  }

  async lag(): Promise<Lag> {
    const columns = timeText('recorded_at');
    const { rows } = await this.#find(await this.#stand(), { limit: COUNTED, columns });
    const [oldest = null] = rows.map((row) => String(row['recorded_at'])).toSorted();
    return { count: rows.length, oldest };
  }

  leaves(from: number, limit: number): Promise<readonly SealedLeaf[]> {
    return leavesOf(this.#execute, from, from + limit);
  }

  /** In what form the log is altered is told from the leaves as they are otherwise read. */
  async rawLeaves(from: number, limit: number): Promise<readonly SealedLeaf[]> {
    return (await this.#rawLeaves.read(from, from + limit)) ?? this.leaves(from, limit);
  }

  leafHashes(from: number, to: number): Promise<readonly Uint8Array[]> {
    return hashesOf(this.#execute, from, to);
  }

  async nodes(level: number, from: number, to: number): Promise<readonly Uint8Array[]> {
    const rows = await this.#execute({ sql: NODES, parameters: [level, from, to] });
    return rows.map((row) => bytes(row['hash']));
  }

  indexOf(id: string): Promise<number | undefined> {
    return indexOf(this.#execute, id);
  }

  async checkpoints(
    after: number,
    limit: number,
  ): Promise<readonly (StoredCheckpoint & { readonly place: number })[]> {
    const sql = `${CHECKPOINTS} WHERE place > $1::bigint ORDER BY indelible_checkpoint.place LIMIT $2`;
    const rows = await this.#execute({ sql, parameters: [after, limit] });
    return rows.map((row) => ({ place: Number(row['place']), ...checkpointOf(row) }));
  }

  async lastCheckpoint(): Promise<StoredCheckpoint | undefined> {
    const sql = `${CHECKPOINTS} ORDER BY indelible_checkpoint.place DESC LIMIT 1`;
    const [row] = await this.#execute({ sql, parameters: [] });
    return row && checkpointOf(row);
  }

  async strays(limit: number): Promise<readonly string[]> {
    const stand = await this.#stand();
    return straysBehind(this.#search, resume(this.#known(stand), stand.now), limit);
  }

  async #stand(): Promise<Stand> {
    const [row] = await this.#search({ sql: STAND, parameters: [] });
    if (row === undefined) throw withoutHead(this.#connections.place);
    return standOf(row);
  }

  async #find(stand: Stand, asked: Asked): Promise<Found> {
    const found = await this.#unsealed.from(resume(this.#known(stand), stand.now), stand.now, asked);
    if (!found.hasMore && found.rows.length === 0)
      this.#lookedThrough = { name: stand.name, place: found.place };
    return found;
  }

  /**
   * A trail that was restored is looked through once. Where that finds nothing there is nothing to seal and so to
   * keep its end with, so it is remembered here, as long as the log and the server are the same.
   */
  #known({ place, name }: Stand): Place | undefined {
    return this.#lookedThrough?.name === name ? this.#lookedThrough.place : place;
  }
}

function standOf(row: Row): Stand {
  const { size, place, cluster, snapshot, started } = row;
  return {
    head: { size: Number(size), root: bytes(row['root']), frontier: unpackHashes(bytes(row['frontier'])) },
    place: parsePlace(String(place)),
    now: { cluster: String(cluster), snapshot: String(snapshot) },
    name: JSON.stringify([size, row['root'], place, cluster, started]),
  };
}

function checkpointOf(row: Row): StoredCheckpoint {
  return { size: Number(row['size']), note: String(row['note']), sealedAt: String(row['sealed_at']) };
}

function bytes(hex: unknown): Buffer {
  return Buffer.from(String(hex), 'hex');
}

function withoutHead(place: string): AuditError {
  return new AuditError(
    'LOG_DAMAGED',
    `The log in ${place} has no head: its row in indelible_head was deleted. Nothing is sealed until it is back; find out who did it, and put it back from a backup.`,
  );
}
