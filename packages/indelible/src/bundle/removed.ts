import { parseRanges, type LeafRanges } from '../integrity/ranges.js';
import { manifestDigest } from '../integrity/manifest-digest.js';
import type { RemovalKind } from '../stores/removal.js';

/** A removal that something vouches for. */
export interface VouchedRemoval {
  readonly kind: RemovalKind;
  readonly ranges: LeafRanges;
  /** Where the event stands that vouches for it: only what is before it can be covered. */
  readonly index: number;
}

const ACTIONS: Readonly<Record<RemovalKind, string>> = { purge: 'RETENTION_PURGE', erase: 'SUBJECT_ERASED' };

/** What a manifest lets go; undefined for one that cannot be read. */
export function removalIn(manifest: string): Omit<VouchedRemoval, 'index'> | undefined {
  try {
    const { kind, ranges } = JSON.parse(manifest) as { kind?: unknown; ranges?: unknown };
    const leaves = typeof ranges === 'string' ? parseRanges(ranges) : undefined;
    return leaves && (kind === 'purge' || kind === 'erase') ? { kind, ranges: leaves } : undefined;
  } catch {
    // Somebody has spoilt it; it covers nothing.
    return undefined;
  }
}

/** Whether an event, by its texts, vouches for this manifest. */
export function vouchesFor(core: string, payload: string, manifest: string, kind: RemovalKind): boolean {
  const { action } = JSON.parse(core) as { action?: unknown };
  const { metadata } = JSON.parse(payload) as { metadata?: { manifest?: unknown } };
  return action === ACTIONS[kind] && metadata?.manifest === manifestDigest(manifest);
}

export function isCovered(index: number, kind: RemovalKind, removals: readonly VouchedRemoval[]): boolean {
  return removals.some((one) => one.kind === kind && index < one.index && one.ranges.has(index));
}
