import type { CheckpointQueue, QueuedCheckpoint } from './checkpoint-queue.js';
import type { Findings } from './findings.js';
import type { TreeCheck } from './tree-check.js';
import type { SignedHead } from './trust.js';

/** A checkpoint that was kept elsewhere than in the trail. */
export interface KnownCheckpoint extends SignedHead {
  /** Where it came from, for people. */
  readonly name: string;
}

interface Parts {
  readonly queue: CheckpointQueue;
  /** In the order of their sizes. */
  readonly known: readonly KnownCheckpoint[];
  readonly tree: TreeCheck;
  readonly findings: Findings;
  /** The name of the log; that of its first checkpoint when it is not given. */
  readonly origin: string | undefined;
  /** The place of the checkpoint before the first of the queue. */
  readonly place: number;
}

/** Holds the tree against every signed root, in the log's checkpoints and in those that were kept elsewhere. */
export class CheckpointCheck {
  readonly #parts: Parts;
  #origin: string | undefined;
  readonly #known: KnownCheckpoint[];
  /** Roots that could not be held against anything, since one before them differed. */
  #unknown = 0;
  #checked = 0;
  #compared = 0;
  /** The leaves up to here are those of a checkpoint from elsewhere. */
  #continued = 0;
  #place: number;
  #largest = 0;

  constructor(parts: Parts) {
    this.#parts = parts;
    this.#origin = parts.origin;
    this.#place = parts.place;
    this.#known = parts.known.filter(({ size }) => size >= parts.tree.size);
  }

  get origin(): string | undefined {
    return this.#origin;
  }

  /** How many of the log's own were signed and hold. */
  get checked(): number {
    return this.#checked;
  }

  /** How many of those from elsewhere the log continues. */
  get compared(): number {
    return this.#compared;
  }

  get unknown(): number {
    return this.#unknown;
  }

  /** The place of the last one that was looked at. */
  get place(): number {
    return this.#place;
  }

  /** Those that were kept elsewhere for a larger log than this one has come to. */
  get ahead(): readonly KnownCheckpoint[] {
    return this.#known;
  }

  /** How far leaves may be appended before the next root must be compared. */
  async next(): Promise<number> {
    const checkpoint = await this.#parts.queue.peek();
    const own = checkpoint ? sizeOf(checkpoint) : Infinity;
    return Math.max(Math.min(own, this.#known[0]?.size ?? Infinity), this.#parts.tree.size);
  }

  /** Compares whatever was signed for the tree as it stands. */
  async compareDue(): Promise<void> {
    const { queue, tree } = this.#parts;
    for (let next = await queue.peek(); next && sizeOf(next) <= tree.size; next = await queue.peek()) {
      queue.shift();
      this.#compare(next);
    }
    for (let next = this.#known[0]; next && next.size <= tree.size; next = this.#known[0]) {
      this.#known.shift();
      this.#compareKnown(next);
    }
  }

  #compare(checkpoint: QueuedCheckpoint): void {
    const { signed, place, size } = checkpoint;
    const { findings } = this.#parts;
    const at = { index: lastLeaf(size) };
    this.#comparePlace(place);
    if (signed === undefined) return findings.add('BAD_SIGNATURE', unsigned(checkpoint), at);
    if (signed.size !== size)
      return findings.add(
        'FORK',
        `checkpoint ${place} stands at ${size} leaves and was signed for ${signed.size}`,
        at,
      );
    this.#compareOrigin(signed, `checkpoint ${place}`);
    if (size < this.#largest)
      return findings.add(
        'FORK',
        `checkpoint ${place} is for ${size} leaves, fewer than the one before it`,
        at,
      );
    this.#largest = size;
    if (this.#holds(signed, `checkpoint ${place}`)) this.#checked += 1;
  }

  /** They are counted without a gap, so that one that was taken away is seen. */
  #comparePlace(place: number): void {
    const expected = this.#place + 1;
    this.#place = place;
    if (place === expected) return;
    const what =
      expected === place - 1 ? `checkpoint ${expected} is` : `checkpoints ${expected} to ${place - 1} are`;
    this.#parts.findings.add('GAP', `${what} gone`);
  }

  /** Where it differs, the log went another way some time since the last one that it continues. */
  #compareKnown(known: KnownCheckpoint): void {
    const { name, size, root } = known;
    const { tree, findings } = this.#parts;
    this.#compareOrigin(known, name);
    const comparison = tree.probe(root);
    if (comparison === 'differs')
      findings.add('FORK', `the leaves up to ${size} have another root than the checkpoint of ${name}`, {
        index: size > 0 ? this.#continued : null,
        last: lastLeaf(size),
      });
    if (comparison !== 'holds' && comparison !== 'repaired') return;
    this.#compared += 1;
    this.#continued = size;
  }

  /** The first root that differs is told of; those behind it must differ too, whatever they are. */
  #holds({ root, size }: SignedHead, name: string): boolean {
    const { tree, findings } = this.#parts;
    const from = tree.proved;
    const comparison = tree.compare(root);
    if (comparison === 'unknown') this.#unknown += 1;
    if (comparison === 'differs')
      findings.add('FORK', `the leaves up to ${size} have another root than ${name} was signed for`, {
        index: size > 0 ? Math.min(from, size - 1) : null,
        last: lastLeaf(size),
      });
    return comparison === 'holds' || comparison === 'repaired';
  }

  #compareOrigin({ origin }: SignedHead, name: string): void {
    this.#origin ??= origin;
    if (origin !== this.#origin)
      this.#parts.findings.add(
        'FORK',
        `${name} is of the log ${origin}, and this one is called ${this.#origin}`,
      );
  }
}

function unsigned({ place, size, sealedAt }: QueuedCheckpoint): string {
  return `checkpoint ${place}, at ${size} leaves, of ${sealedAt}, is signed by none of the keys given, or was altered`;
}

/** What was signed counts, where it was; else what the row says, so that it is come to at its time. */
function sizeOf({ signed, size }: QueuedCheckpoint): number {
  return signed === undefined ? size : Math.max(signed.size, size);
}

function lastLeaf(size: number): number | null {
  return size > 0 ? size - 1 : null;
}
