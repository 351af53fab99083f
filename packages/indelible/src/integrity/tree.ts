import { AuditError } from '../event/errors.js';
import { Frontier } from './frontier.js';

/** A run of leaves, from one index up to another, that a single node stands above. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/**
 * The root of the tree over these hashes of leaves, as RFC 6962 has it; that of an empty tree is the SHA-256
 * of nothing.
 *
 * @example
 * ```ts
 * rootOf(['first', 'second'].map((data) => leafHash(data)));
 * ```
 */
export function rootOf(hashes: readonly Uint8Array[]): Uint8Array {
  const frontier = new Frontier();
  for (const hash of hashes) frontier.append(hash);
  return frontier.root();
}

/** All leaves of a tree. */
export function wholeSpan(size: number): Span {
  if (!isCount(size)) throw refusal(`a tree of ${size} leaves`);
  return { from: 0, to: size };
}

/** PATH(index, D[size]) of RFC 6962, section 2.1.1: the spans whose roots prove a leaf, its sibling first. */
export function inclusionSpans(index: number, size: number): Span[] {
  if (!isCount(index) || !isCount(size) || index >= size)
    throw refusal(`a leaf at index ${index} of a tree of ${size}`);
  const spans: Span[] = [];
  let [from, to] = [0, size];
  while (to - from > 1) {
    const middle = from + split(to - from);
    spans.push(index < middle ? { from: middle, to } : { from, to: middle });
    [from, to] = index < middle ? [from, middle] : [middle, to];
  }
  return spans.toReversed();
}

/**
 * PROOF(size1, D[size2]) of RFC 6962, section 2.1.2: the spans whose roots prove that a tree continues a
 * smaller one, the lowest first. None for a tree and itself, nor for the empty one, which everything continues.
 */
export function consistencySpans(size1: number, size2: number): Span[] {
  if (!isCount(size1) || !isCount(size2) || size1 > size2)
    throw refusal(`a tree of ${size1} leaves continued by one of ${size2}`);
  if (size1 === 0 || size1 === size2) return [];
  const spans: Span[] = [];
  let [from, to] = [0, size2];
  while (size1 < to) {
    const middle = from + split(to - from);
    spans.push(size1 <= middle ? { from: middle, to } : { from, to: middle });
    [from, to] = size1 <= middle ? [from, middle] : [middle, to];
  }
  // A span that begins the tree is the smaller tree itself, whose root the verifier knows.
  if (from > 0) spans.push({ from, to });
  return spans.toReversed();
}

/** The perfect subtrees that a span consists of, the largest first; each has 2^height leaves. */
export function subtreesOf({ from, to }: Span): { readonly height: number; readonly index: number }[] {
  const subtrees: { height: number; index: number }[] = [];
  for (let at = from; at < to;) {
    let [height, width] = [0, 1];
    for (; width * 2 <= to - at; width *= 2) height += 1;
    subtrees.push({ height, index: at / width });
    at += width;
  }
  return subtrees;
}

/** The largest power of two below a number of two or more. */
function split(count: number): number {
  let power = 1;
  while (power * 2 < count) power *= 2;
  return power;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function refusal(asked: string): AuditError {
  return new AuditError(
    'NOT_PROVABLE',
    `A proof cannot be made: asked for ${asked}. Give an index below the size, and sizes in their order.`,
  );
}
