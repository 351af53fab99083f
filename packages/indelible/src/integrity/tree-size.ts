/** Sizes and indexes of trees are unsigned integers of 64 bits, as RFC 6962 has them. */
const MAX_SIZE = 2n ** 64n - 1n;

/** A size or an index as a big integer; undefined for anything that is none, whatever it is. */
export function treeSize(value: unknown): bigint | undefined {
  if (typeof value === 'number') return Number.isSafeInteger(value) && value >= 0 ? BigInt(value) : undefined;
  return typeof value === 'bigint' && value >= 0n && value <= MAX_SIZE ? value : undefined;
}
