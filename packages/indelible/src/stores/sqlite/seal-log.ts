import { AuditError } from '../../event/errors.js';
import type { StoredEntry } from '../../event/read.js';
import { deathAt } from '../failpoints.js';
import { checkBatch } from '../seal-batch.js';
import type { Lag, LogHead, Pending, SealBatch, SealedLeaf, SealLog, StoredCheckpoint } from '../seal-log.js';
import { unpackHashes, unpackIds } from '../sql/packed.js';
import type { Execute, Row } from '../sql/reader.js';
import { indexOf } from './indexes.js';
import { fromRow } from './rows.js';
import {
  CHECKPOINTS,
  ENTRIES,
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
    const found = await this.#ask(PENDING, [row['place'], limit + 1]);
    const rows = found.slice(0, limit);
    return {
      head: headOf(row),
      entries: rows.map(pendingOf),
      place: String(rows.at(-1)?.['place'] ?? row['place']),
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

  async leaves(from: number, limit: number): Promise<readonly SealedLeaf[]> {
    const to = from + limit;
    const rows = await this.#ask(LEAVES, [to, from]);
    const found = rows.flatMap(leavesOf).filter(({ index }) => index >= from && index < to);
    const entries = await this.#entries(found.map(({ id }) => id));
    return found.map((leaf) => ({ ...leaf, entry: entries.get(leaf.id) }));
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

  #ask(sql: string, parameters: readonly unknown[]): Promise<readonly Row[]> {
    return this.#execute({ sql, parameters });
  }

  async #headRow(): Promise<Row> {
    const [row] = await this.#ask(HEAD, []);
    if (row === undefined) throw headless();
    return row;
  }

  async #entries(ids: readonly string[]): Promise<Map<string, StoredEntry>> {
    const rows = await this.#ask(ENTRIES, [JSON.stringify(ids.map((id) => id.replaceAll('-', '')))]);
    return new Map(rows.map(fromRow).map((entry) => [entry.core.id, entry]));
  }
}

/** With the subjects of an event that concerns many, for it is counted for each. */
function pendingOf(row: Row): StoredEntry {
  const entry = fromRow(row);
  const subjects = JSON.parse(String(row['subjects'])) as string[];
  return subjects.length === 0 ? entry : { ...entry, search: { ...entry.search, subjects } };
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
