import { timeOf } from '../event/id.js';
import type { StoredEntry } from '../event/read.js';
import { readEvent } from '../event/read.js';
import { manifestDigest } from '../integrity/manifest-digest.js';
import { CLOCK_TOLERANCE_MS, type Removal, type RemovalKind } from '../stores/removal.js';
import { type Manifest, type ManifestPart, readManifest } from './manifest.js';
import type { Trust } from './trust.js';

const DAY_MS = 86_400_000;
/** A cut-off goes by the clock of the database, and the decision by that of a process. */
const SKEW_MS = 3_600_000;
const ACTION_OF: Readonly<Record<RemovalKind, string>> = {
  purge: 'RETENTION_PURGE',
  erase: 'SUBJECT_ERASED',
};

/** The event that vouches for a removal, as it was found. */
export interface Vouching {
  readonly entry: StoredEntry;
  /** Of its leaf; null while it has none. */
  readonly index: number | null;
  /** What is wrong with the event itself; undefined when nothing is. */
  readonly problem: string | undefined;
}

export interface ClaimTerms {
  readonly trust: Trust;
  /** How old what is purged must have been at least, whatever the trail itself asked for, in days. */
  readonly floorDays: number;
  readonly now: number;
}

/** A removal whose event vouches for it: what it may explain. */
export interface Claim {
  readonly kind: RemovalKind;
  /** Whether it explains that this leaf has lost its event, or its payload. */
  covers(index: number, id: string): boolean;
}

/** What a removal explains, or why it explains nothing. */
export function claimOf(removal: Removal, vouching: Vouching | undefined, terms: ClaimTerms): Claim | string {
  const manifest = readManifest(removal.manifest);
  if (manifest === undefined || manifest.kind !== removal.kind) return 'its manifest cannot be read';
  if (!terms.trust.answersFor(removal)) return 'it is signed by no key given here';
  const problem = vouchingProblem(removal, manifest, vouching) ?? ageProblem(manifest, vouching, terms);
  return problem ?? { kind: manifest.kind, covers: (index, id) => isCovered(manifest, index, id) };
}

function vouchingProblem(
  { eventId, kind, manifest: text }: Removal,
  { ranges }: Manifest,
  vouching: Vouching | undefined,
): string | undefined {
  if (vouching === undefined) return `there is no event ${eventId}, which should vouch for it`;
  const { entry, index, problem } = vouching;
  const { action, metadata } = readEvent(entry);
  if (problem !== undefined) return `its event was altered: ${problem}`;
  if (action !== ACTION_OF[kind]) return `its event is of the action ${action}, not ${ACTION_OF[kind]}`;
  if (metadata?.['manifest'] !== manifestDigest(text)) return 'its event vouches for another manifest';
  if (metadata['count'] !== ranges.count) return 'its event tells another number of events';
  // An honest removal is decided once its event is sealed, and whoever can insert rows can write one that is not.
  if (index === null) return 'its event has no leaf yet';
  const last = ranges.last ?? -1;
  if (last >= index) return `it takes the leaf ${last}, which came after its event`;
  return undefined;
}

/** Too young is too young, whoever signed for it. */
function ageProblem(
  { decidedAt, parts }: Manifest,
  vouching: Vouching | undefined,
  { floorDays, now }: ClaimTerms,
): string | undefined {
  const told = vouching === undefined ? now : Math.min(timeOf(vouching.entry.core.id), now);
  if (decidedAt > told + CLOCK_TOLERANCE_MS)
    return 'it claims to be decided later than its event was recorded';
  for (const part of parts) {
    const floor = part.recordedBefore === undefined ? 0 : Math.max(part.floorDays, floorDays);
    if (decidedAt - (part.recordedBefore ?? 0) < floor * DAY_MS - SKEW_MS)
      return `it took what was not yet ${floor} days old`;
  }
  return undefined;
}

/** The id of a leaf stays when its event goes, and tells when that was made. */
function isCovered({ ranges, parts }: Manifest, index: number, id: string): boolean {
  return ranges.has(index) && parts.some((part) => part.ranges.has(index) && isOfAge(part, id));
}

function isOfAge({ recordedBefore }: ManifestPart, id: string): boolean {
  return recordedBefore === undefined || timeOf(id) < recordedBefore + CLOCK_TOLERANCE_MS;
}
