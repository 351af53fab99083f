import { AuditError } from '../event/errors.js';
import { foldEdge } from '../integrity/frontier.js';
import { nodeHash } from '../integrity/hash.js';
import { StoredTree, type TreeSource } from '../integrity/stored-tree.js';
import { inclusionSpans, type Span, subtreesOf } from '../integrity/tree.js';

/** As the log keeps them: a level is eight heights above the one below, and is read 256 hashes at a time. */
const TILE_HEIGHT = 8;
const TILE_WIDTH = 256;
/** Enough for the ways up from neighbouring leaves of any log; about 10 MB. */
const MOST_TILES = 256;

/** The hashes of a tile, and above them row by row those of every pair that is whole. */
type Tile = readonly (readonly Uint8Array[])[];

/**
 * Proofs of many leaves in the tree of one size. What a tile is hashed to is kept for the next leaves, since whoever
 * makes a bundle asks for neighbours; what is sealed never changes, so nothing kept is ever out of date.
 */
export class Proving {
  readonly #source: TreeSource;
  readonly #size: number;
  readonly #tiles: Map<string, Promise<Tile>> = new Map();

  constructor(source: TreeSource, size: number) {
    this.#source = source;
    this.#size = size;
  }

  /** The hash of a leaf, as the log has it. */
  async leaf(index: number): Promise<Uint8Array> {
    return this.#subtree(0, index);
  }

  async inclusion(index: number): Promise<Uint8Array[]> {
    return Promise.all(inclusionSpans(index, this.#size).map((span) => this.#rootOf(span)));
  }

  /** That the tree continues the one of an earlier size; of the empty one everything is a continuation. */
  async consistency(size: number): Promise<Uint8Array[]> {
    return size === 0 ? [] : new StoredTree(this.#source).consistency(size, this.#size);
  }

  async #rootOf(span: Span): Promise<Uint8Array> {
    const roots = subtreesOf(span).map(({ height, index }) => this.#subtree(height, index));
    return foldEdge(await Promise.all(roots));
  }

  async #subtree(height: number, index: number): Promise<Uint8Array> {
    const row = height % TILE_HEIGHT;
    const width = TILE_WIDTH / 2 ** row;
    const tile = Math.floor(index / width);
    const rows = await this.#tile(Math.floor(height / TILE_HEIGHT), tile);
    const hash = rows[row]?.[index - tile * width];
    if (hash !== undefined) return hash;
    throw new AuditError(
      'LOG_DAMAGED',
      `The log lacks the hashes of a subtree: height ${height}, number ${index}. No evidence can be made of it; restore the log from a copy.`,
    );
  }

  #tile(level: number, tile: number): Promise<Tile> {
    const key = `${level}/${tile}`;
    const found = this.#tiles.get(key) ?? this.#read(level, tile);
    this.#tiles.delete(key);
    this.#tiles.set(key, found);
    const [oldest] = this.#tiles.keys();
    if (this.#tiles.size > MOST_TILES && oldest !== undefined) this.#tiles.delete(oldest);
    return found;
  }

  async #read(level: number, tile: number): Promise<Tile> {
    const whole = Math.floor(this.#size / TILE_WIDTH ** level);
    const from = tile * TILE_WIDTH;
    const to = Math.min(from + TILE_WIDTH, whole);
    const hashes = level === 0 ? this.#source.leafHashes(from, to) : this.#source.nodes(level, from, to);
    return rowsOver(await hashes);
  }
}

function rowsOver(hashes: readonly Uint8Array[]): Tile {
  const rows = [hashes];
  for (let row = hashes; row.length > 1 && rows.length < TILE_HEIGHT; rows.push(row)) row = paired(row);
  return rows;
}

function paired(row: readonly Uint8Array[]): Uint8Array[] {
  const above: Uint8Array[] = [];
  for (let at = 0; at + 1 < row.length; at += 2) {
    const [left, right] = [row[at], row[at + 1]];
    if (left !== undefined && right !== undefined) above.push(nodeHash(left, right));
  }
  return above;
}
