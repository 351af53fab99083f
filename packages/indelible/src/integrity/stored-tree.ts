import { AuditError } from '../event/errors.js';
import { foldEdge } from './frontier.js';
import { isHash } from './hash.js';
import { consistencySpans, inclusionSpans, rootOf, type Span, subtreesOf, wholeSpan } from './tree.js';

/** Levels of nodes are eight heights apart, and are read 256 at a time. */
const TILE_HEIGHT = 8;
const TILE_WIDTH = 256;

/** Where the hashes of leaves are kept, and the roots of all whole subtrees of 256^level leaves. */
export interface TreeSource {
  leafHashes(from: number, to: number): Promise<readonly Uint8Array[]>;
  nodes(level: number, from: number, to: number): Promise<readonly Uint8Array[]>;
}

/**
 * Roots and proofs of a stored log, of any size it has had, without reading all of its leaves: at most two runs
 * of 256 hashes are read for each level. It believes what it reads: a proof made of altered hashes is one that
 * does not verify.
 */
export class StoredTree {
  readonly #source: TreeSource;

  constructor(source: TreeSource) {
    this.#source = source;
  }

  async root(size: number): Promise<Uint8Array> {
    return new Tiles(this.#source, size).rootOf(wholeSpan(size));
  }

  /** The proof that the tree of this size holds the leaf at the index. */
  async inclusion(index: number, size: number): Promise<Uint8Array[]> {
    return this.#rootsOf(inclusionSpans(index, size), size);
  }

  /** The proof that the tree of the second size continues that of the first. */
  async consistency(size1: number, size2: number): Promise<Uint8Array[]> {
    return this.#rootsOf(consistencySpans(size1, size2), size2);
  }

  async #rootsOf(spans: readonly Span[], size: number): Promise<Uint8Array[]> {
    const tiles = new Tiles(this.#source, size);
    return Promise.all(spans.map((span) => tiles.rootOf(span)));
  }
}

/** What one question reads of a tree of one size, each run of hashes once. */
class Tiles {
  readonly #source: TreeSource;
  readonly #size: number;
  readonly #read: Map<string, Promise<readonly Uint8Array[]>> = new Map();

  constructor(source: TreeSource, size: number) {
    this.#source = source;
    this.#size = size;
  }

  async rootOf(span: Span): Promise<Uint8Array> {
    const roots = subtreesOf(span).map(({ height, index }) => this.#subtree(height, index));
    return foldEdge(await Promise.all(roots));
  }

  /** A perfect subtree has its root, or 2, 4 ... 128 nodes below it, within one tile of the level under it. */
  async #subtree(height: number, index: number): Promise<Uint8Array> {
    const level = Math.floor(height / TILE_HEIGHT);
    const width = 2 ** (height % TILE_HEIGHT);
    const tile = Math.floor((index * width) / TILE_WIDTH);
    const from = index * width - tile * TILE_WIDTH;
    const hashes = await this.#tile(level, tile);
    return rootOf(hashes.slice(from, from + width));
  }

  #tile(level: number, tile: number): Promise<readonly Uint8Array[]> {
    const key = `${level}/${tile}`;
    const known = this.#read.get(key) ?? this.#readTile(level, tile);
    this.#read.set(key, known);
    return known;
  }

  async #readTile(level: number, tile: number): Promise<readonly Uint8Array[]> {
    const whole = Math.floor(this.#size / TILE_WIDTH ** level);
    const from = tile * TILE_WIDTH;
    const to = Math.min(from + TILE_WIDTH, whole);
    const hashes = await (level === 0
      ? this.#source.leafHashes(from, to)
      : this.#source.nodes(level, from, to));
    if (hashes.length !== to - from || !hashes.every(isHash)) throw damaged(level, from, to, hashes.length);
    return hashes;
  }
}

function damaged(level: number, from: number, to: number, found: number): AuditError {
  const what = level === 0 ? 'hashes of leaves' : `nodes of level ${level}`;
  return new AuditError(
    'LOG_DAMAGED',
    `The log lacks ${what}: asked for ${from} up to ${to}, found ${found} or some that are not of 32 bytes. Ask for a size the log has reached; if it has, restore the log from a copy.`,
  );
}
