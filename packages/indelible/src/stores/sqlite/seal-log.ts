import { AuditError } from '../../event/errors.js';
import type { StoredEntry } from '../../event/read.js';
import { deathAt } from '../failpoints.js';
import { checkBatch } from '../seal-batch.js';
import type {
  Lag,
  LogHead,
  Pending,
  SealBatch,
  SealedLeaf,
  SealLog,
  StoredCheckpoint,
  UnsealedEntry,
} from '../seal-log.js';
import { gently, storedEntry, unsealedEntry } from '../sql/decode.js';
import { dashed, unpackHashes, unpackIds } from '../sql/packed.js';
import type { Execute, Row } from '../sql/reader.js';
import { indexOf } from './indexes.js';
import { fromRow } from './rows.js';
import {
  CHECKPOINTS,
  ENTRIES,
  HASHED_ENTRIES,
  HEAD,
  LAG,
  LAST_CHECKPOINT,
  LEAF_HASHES,
  LEAVES,
  NODES,
  PENDING,
  STANDS_AT,
} from './seal-statements.js';
import { stepsOf } from './seal-steps.js';
import { straysIn } from './strays.js';
import type { Message } from './thread.js';

/** Events that are read at a time. */
const PART = 1_000;
/** Lag is counted no further. */
const LAG_BOUND = 10_000;

/** The Merkle log beside the events of a SQLite file. The order of its leaves is that of the rows, which is commit order. */
export class SqliteSealLog implements SealLog {
  readonly #execute: Execute;
  readonly #write: (message: Message) => Promise<unknown>;

  constructor(execute: Execute, write: (message: Message) => Promise<unknown>) {
    this.#execute = execute;
    this.#write = write;
  }

  async head(): Promise<LogHead> {
    return headOf(await this.#headRow());
  }

  /** The head is read first: what is sealed meanwhile makes the batch come too late, and loses nothing. */
  async pending(limit: number): Promise<Pending> {
    const row = await this.#headRow();
    const found = await this.#pending(row['place'], limit + 1);
    const taken = found.slice(0, limit);
    return {
      head: headOf(row),
      entries: await gently(taken, unsealedOf),
      place: String(taken.at(-1)?.['place'] ?? row['place']),
      hasMore: found.length > limit,
    };
  }

  async seal(batch: SealBatch): Promise<boolean> {
    checkBatch(batch);
    const { size, root } = batch.from;
    const standing = { sql: STANDS_AT, params: [size, root] };
    const isSealed = await this.#write({
      operation: 'seal',
      standing,
      steps: stepsOf(batch),
      dieAt: deathAt(),
    });
    return isSealed === true;
  }

  async lag(): Promise<Lag> {
    const [row] = await this.#ask(LAG, [LAG_BOUND]);
    const oldest = row?.['oldest'] ?? null;
    return { count: Number(row?.['count']), oldest: oldest === null ? null : timeText(oldest) };
  }

  leaves(from: number, limit: number): Promise<readonly SealedLeaf[]> {
    return this.#leaves(from, limit, { sql: ENTRIES, decode: fromRow });
  }

  rawLeaves(from: number, limit: number): Promise<readonly SealedLeaf[]> {
    return this.#leaves(from, limit, { sql: HASHED_ENTRIES, decode: hashedEntryOf });
  }

  async leafHashes(from: number, to: number): Promise<readonly Uint8Array[]> {
    const rows = await this.#ask(LEAF_HASHES, [to, from]);
    return rows.flatMap((row) => {
      const first = Number(row['first_index']);
      return unpackHashes(row['hashes']).filter((_, n) => first + n >= from && first + n < to);
    });
  }

  async nodes(level: number, from: number, to: number): Promise<readonly Uint8Array[]> {
    const rows = await this.#ask(NODES, [level, from, to]);
    return rows.map((row) => row['hash'] as Uint8Array);
  }

  indexOf(id: string): Promise<number | undefined> {
    return indexOf(this.#execute, id);
  }

  async checkpoints(
    after: number,
    limit: number,
  ): Promise<readonly (StoredCheckpoint & { readonly place: number })[]> {
    const rows = await this.#ask(CHECKPOINTS, [after, limit]);
    return rows.map((row) => ({ place: Number(row['place']), ...checkpointOf(row) }));
  }

  async lastCheckpoint(): Promise<StoredCheckpoint | undefined> {
    const [row] = await this.#ask(LAST_CHECKPOINT, []);
    return row && checkpointOf(row);
  }

  async strays(limit: number): Promise<readonly string[]> {
    const { place } = await this.#headRow();
    return straysIn(this.#execute, place, limit);
  }

  /** Part by part: thousands that come from their thread at once would hold up the application for long. */
  async #pending(behind: unknown, limit: number): Promise<readonly Row[]> {
    const found: Row[] = [];
    let last = behind;
    while (found.length < limit) {
      const count = Math.min(limit - found.length, PART);
      const rows = await this.#ask(PENDING, [last, count]);
      found.push(...rows);
      if (rows.length < count) break;
      last = rows.at(-1)?.['place'];
    }
    return found;
  }

  #ask(sql: string, parameters: readonly unknown[]): Promise<readonly Row[]> {
    return this.#execute({ sql, parameters });
  }

  async #headRow(): Promise<Row> {
    const [row] = await this.#ask(HEAD, []);
    if (row === undefined) throw headless();
    return row;
  }

  async #leaves(from: number, limit: number, { sql, decode }: EntryReading): Promise<SealedLeaf[]> {
    const to = from + limit;
    const runs = await this.#ask(LEAVES, [to, from]);
    const found = runs.flatMap(leavesOf).filter(({ index }) => index >= from && index < to);
    const rows = await this.#ask(sql, [JSON.stringify(found.map(({ id }) => id.replaceAll('-', '')))]);
    const entries = new Map(rows.map(decode).map((entry) => [entry.core.id, entry]));
    return found.map(({ index, id, hash }) => ({ index, id, hash, entry: entries.get(id) }));
  }
}

/** How entries are read by their ids. */
interface EntryReading {
  readonly sql: string;
  readonly decode: (row: Row) => StoredEntry;
}

/** Without what is not hashed. */
function hashedEntryOf(row: Row): StoredEntry {
  return storedEntry(row, {
    id: dashed(String(row['id'])),
    payloadDigest: String(row['payload_digest']),
    salt: row['salt'] as string | null,
    recordedAt: null,
  });
}

function unsealedOf({ event }: Row): UnsealedEntry {
  const row = JSON.parse(String(event)) as Row;
  return unsealedEntry(row, { id: dashed(String(row['id'])), payloadDigest: String(row['payload_digest']) });
}

function headOf(row: Row): LogHead {
  return {
    size: Number(row['size']),
    root: row['root'] as Uint8Array,
    frontier: unpackHashes(row['frontier']),
  };
}

function leavesOf(row: Row): Omit<SealedLeaf, 'entry'>[] {
  const first = Number(row['first_index']);
  const ids = unpackIds(row['ids']);
  return unpackHashes(row['hashes']).map((hash, n) => ({ index: first + n, id: ids[n] ?? '', hash }));
}

function checkpointOf(row: Row): StoredCheckpoint {
  return { size: Number(row['size']), note: String(row['note']), sealedAt: timeText(row['sealed_at']) };
}

function timeText(ms: unknown): string {
  return new Date(Number(ms)).toISOString();
}

function headless(): AuditError {
  return new AuditError(
    'LOG_DAMAGED',
    'The Merkle log has no head: the row of indelible_head was taken away. Nothing can be sealed or proved until the file is brought back from a backup.',
  );
}
