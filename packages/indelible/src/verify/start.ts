import { messageOf } from '../event/errors.js';
import { Frontier } from '../integrity/frontier.js';
import { StoredTree } from '../integrity/stored-tree.js';
import type { LogHead, SealLog, StoredCheckpoint } from '../stores/seal-log.js';
import type { Findings } from './findings.js';
import { isEqual } from './leaf-state.js';
import type { Trust } from './trust.js';

/** Where a verification begins. */
export interface Start {
  readonly size: number;
  /** Undefined when the tree there is not the one that was signed. */
  readonly frontier: Frontier | undefined;
  /** Of the checkpoint at its size; 0 for the beginning of the log. */
  readonly place: number;
}

/** The leaves that were sealed in a span of time. */
export interface Stretch {
  readonly start: Start;
  readonly to: number;
}

export interface Span {
  readonly from: number;
  readonly to: number;
}

interface Parts {
  readonly trust: Trust;
  readonly findings: Findings;
  readonly head: LogHead;
}

type Placed = StoredCheckpoint & { readonly place: number };
type Log = Pick<SealLog, 'checkpoints' | 'leafHashes' | 'nodes'>;

const PAGE = 1_000;

export function beginning(): Start {
  return { size: 0, frontier: new Frontier(), place: 0 };
}

/**
 * From the last signed checkpoint before the span to the first one after it. The tree at its beginning is put together
 * from stored hashes, and believed because it has the root that was signed.
 */
export async function stretchOf(log: Log, span: Span, parts: Parts): Promise<Stretch> {
  const { first, last } = await boundsOf(log, span, parts);
  const start = first === undefined ? beginning() : await startOf(log, first, parts);
  return { start, to: Math.max(Math.min(last?.size ?? Infinity, parts.head.size), start.size) };
}

async function boundsOf(
  log: Log,
  { from, to }: Span,
  { trust, head }: Parts,
): Promise<{ first?: Placed; last?: Placed }> {
  let first: Placed | undefined;
  for (let place = 0; ;) {
    const page = await log.checkpoints(place, PAGE);
    for (const checkpoint of page) {
      const at = Date.parse(checkpoint.sealedAt);
      const { size, note } = checkpoint;
      if (at < from && size <= head.size && trust.open(note)?.size === size) first = checkpoint;
      if (at >= to) return { ...(first && { first }), last: checkpoint };
    }
    const end = page.at(-1);
    if (end === undefined) return first ? { first } : {};
    place = end.place;
  }
}

async function startOf(
  log: Log,
  { size, note, place }: Placed,
  { trust, findings, head }: Parts,
): Promise<Start> {
  const signed = trust.open(note);
  const at = { index: size > 0 ? size - 1 : null };
  try {
    const frontier = new Frontier(size, size === head.size ? head.frontier : await edgeAt(log, size));
    if (signed && isEqual(frontier.root(), signed.root)) return { size, frontier, place };
    const what = `the tree stored up to ${size} leaves is not the one that checkpoint ${place} was signed for`;
    findings.add('FORK', what, at);
  } catch (cause) {
    findings.add('FORK', `the tree of ${size} leaves cannot be put together: ${messageOf(cause)}`, at);
  }
  return { size, frontier: undefined, place };
}

/** What proves the leaf behind a tree is just the edge of that tree. */
async function edgeAt(log: Log, size: number): Promise<Uint8Array[]> {
  return size === 0 ? [] : (await new StoredTree(log).inclusion(size, size + 1)).toReversed();
}
