import { type LeafRanges, parseRanges } from '../integrity/ranges.js';
import type { RemovalKind } from '../stores/removal.js';

/** Leaves that may go by one rule. */
export interface ManifestPart {
  readonly ranges: LeafRanges;
  /** Only what was stored before this moment, in milliseconds; undefined where age does not matter. */
  readonly recordedBefore: number | undefined;
  /** How old it must have been for that, in days. */
  readonly floorDays: number;
}

/** What a removal was decided to take. */
export interface Manifest {
  readonly kind: RemovalKind;
  readonly ranges: LeafRanges;
  readonly decidedAt: number;
  readonly parts: readonly ManifestPart[];
}

type Members = Readonly<Record<string, unknown>>;

/** Reads the manifest of a removal; undefined for anything else, whatever it is. */
export function readManifest(text: string): Manifest | undefined {
  const manifest = membersOf(text);
  const { v, kind, count, decided_at: decided } = manifest;
  const ranges = rangesOf(manifest);
  const decidedAt = timeOf(decided);
  const parts = partsOf(manifest);
  if (v !== 1 || (kind !== 'purge' && kind !== 'erase')) return undefined;
  if (ranges === undefined || parts === undefined || decidedAt === undefined) return undefined;
  if (ranges.count !== count || sum(parts) !== count) return undefined;
  if (kind === 'purge' && parts.some(({ recordedBefore }) => recordedBefore === undefined)) return undefined;
  return { kind, ranges, decidedAt, parts };
}

/** Where several rules took part, each has its own ranges; else there is one part, which is all of it. */
function partsOf(manifest: Members): ManifestPart[] | undefined {
  const { rules = [manifest] } = manifest;
  if (!Array.isArray(rules)) return undefined;
  const parts = rules.map((rule) => partOf((rule ?? {}) as Members)).filter((part) => part !== undefined);
  return parts.length === rules.length ? parts : undefined;
}

function partOf(rule: Members): ManifestPart | undefined {
  const { recorded_before: before, floor_days: floorDays = 0 } = rule;
  const ranges = rangesOf(rule);
  const recordedBefore = timeOf(before);
  const isTimed = before === undefined || before === null || recordedBefore !== undefined;
  if (ranges === undefined || !isTimed || typeof floorDays !== 'number' || !(floorDays >= 0))
    return undefined;
  return { ranges, recordedBefore, floorDays };
}

function rangesOf({ ranges }: Members): LeafRanges | undefined {
  return typeof ranges === 'string' ? parseRanges(ranges) : undefined;
}

function timeOf(text: unknown): number | undefined {
  const ms = typeof text === 'string' ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms) ? undefined : ms;
}

function membersOf(text: string): Members {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Members) : {};
  } catch {
    // What is no JSON says nothing.
    return {};
  }
}

function sum(parts: readonly ManifestPart[]): number {
  return parts.reduce((count, { ranges }) => count + ranges.count, 0);
}
