import { canonicalize } from '../integrity/canonical.js';
import { formatRanges, type LeafRanges, parseRanges } from '../integrity/ranges.js';
import type { Clause, EventMatch, RemovalKind } from '../stores/removal.js';
import { readMatch, writtenMatch } from './match.js';
import type { Hold, Policy } from './rule-events.js';

const MANIFEST_VERSION = 1;
/** The cut-off of an erasure, for which age does not matter. */
export const NO_CUT_OFF = '9999-12-31T23:59:59.999Z';

/** The leaves that may go by one clause. No leaf is in two. */
export interface DecidedRule {
  readonly clause: Clause;
  /** How old what goes by it must be at least, in days. */
  readonly floorDays: number;
  /** Of every leaf that may go, in any order. */
  readonly indexes: Float64Array;
  /** All of them are behind this id, which saves looking at what was passed over before; null for the first ones. */
  readonly afterId: string | null;
  /** The greatest id among them. */
  readonly lastId: string;
}

/** What is decided about a removal: which leaves may go, and by what they were chosen. */
export interface Decision {
  readonly kind: RemovalKind;
  readonly rules: readonly DecidedRule[];
  readonly policies: readonly Policy[];
  readonly holds: readonly Hold[];
  readonly reason: string | undefined;
  /** The application's own number of what was asked for. */
  readonly request?: string | undefined;
  readonly decidedAt: string;
}

/** As much of a manifest as it takes to carry it out. */
export interface Manifest {
  readonly ranges: LeafRanges;
  readonly rules: readonly Pick<DecidedRule, 'clause' | 'afterId' | 'lastId'>[];
}

/**
 * The one text of a decision. It stays in the store for as long as the trail, and the event that vouches for it has
 * its digest: members may be added, and none may ever change its meaning.
 */
export function writeManifest(decision: Decision): string {
  const { kind, rules, policies, holds, reason, request, decidedAt } = decision;
  return canonicalize({
    v: MANIFEST_VERSION,
    kind,
    ranges: rangesOf(rules.map(({ indexes }) => indexes)),
    count: countOf(decision),
    rules: rules.map(writtenRule),
    policies: policies.map(({ id, match, days }) => ({ id, match: writtenMatch(match), days })),
    holds: holds.map(({ id, match, placedAt }) => ({ id, match: writtenMatch(match), placed_at: placedAt })),
    reason,
    request,
    decided_at: decidedAt,
  });
}

/** How many leaves may go. */
export function countOf({ rules }: Decision): number {
  return rules.reduce((count, { indexes }) => count + indexes.length, 0);
}

/** Undefined for a text that `writeManifest` does not write. */
export function readManifest(text: string): Manifest | undefined {
  const { v, ranges: given, count, rules: list } = membersOf(parsed(text));
  const ranges = typeof given === 'string' ? parseRanges(given) : undefined;
  const rules = eachOf(list, readRule);
  if (v !== MANIFEST_VERSION || ranges === undefined || ranges.count !== count) return undefined;
  return rules && { ranges, rules };
}

/** The latest of the moments before which something goes. */
export function lastCutOff(clauses: readonly Clause[]): string | undefined {
  return clauses
    .map(({ recordedBefore }) => recordedBefore)
    .toSorted()
    .at(-1);
}

function writtenRule({ clause, floorDays, indexes, afterId, lastId }: DecidedRule): Record<string, unknown> {
  const { match, except, recordedBefore, hasSubject } = clause;
  return {
    match: writtenMatch(match),
    except: except.map(writtenMatch),
    has_subject: hasSubject,
    recorded_before: recordedBefore === NO_CUT_OFF ? undefined : recordedBefore,
    floor_days: floorDays,
    ranges: rangesOf([indexes]),
    after_id: afterId ?? undefined,
    last_id: lastId,
  };
}

function rangesOf(parts: readonly Float64Array[]): string {
  const all = new Float64Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return formatRanges([...all.sort()]);
}

function readRule(written: unknown): Manifest['rules'][number] | undefined {
  const members = membersOf(written);
  const { recorded_before: recordedBefore = NO_CUT_OFF, has_subject: hasSubject } = members;
  const { after_id: afterId = null, last_id: lastId } = members;
  const match = readMatch(members['match']);
  const except = eachOf<EventMatch>(members['except'], readMatch);
  if (match === undefined || except === undefined) return undefined;
  if (typeof recordedBefore !== 'string' || typeof lastId !== 'string') return undefined;
  if (afterId !== null && typeof afterId !== 'string') return undefined;
  if (hasSubject !== undefined && typeof hasSubject !== 'boolean') return undefined;
  return { clause: { match, except, recordedBefore, hasSubject }, afterId, lastId };
}

/** Undefined for anything but a list of which each can be read. */
function eachOf<T>(written: unknown, read: (one: unknown) => T | undefined): readonly T[] | undefined {
  if (!Array.isArray(written)) return undefined;
  const sound = written.map(read).filter((one) => one !== undefined);
  return sound.length === written.length ? sound : undefined;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Somebody has spoilt it in the database; whoever asks is told that it is none.
    return undefined;
  }
}

function membersOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
