import { AuditError } from '../event/errors.js';
import type { LogHead, SealBatch } from './seal-log.js';

const HASH_BYTES = 32;
/** Leaves a row: few enough to be read for one of them, many enough that there are few rows. */
const RUN = 1_024;
/** Any version: an id of another is sealed like the rest, so that it holds up nothing. */
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Refuses a batch that no log could hold, whatever it has come to. */
export function checkBatch(batch: SealBatch): void {
  const { ids, leaves, nodes, tallies, from, head } = batch;
  const isSound: Readonly<Record<string, boolean>> = {
    'as many leaves as ids': leaves.length === ids.length,
    'ids that are ids': ids.every((id) => ID.test(id)),
    'a head that is as many leaves further on': head.size === from.size + ids.length,
    'a frontier of its size': isFrontier(head),
    'hashes of 32 bytes': [...leaves, ...nodes.map(({ hash }) => hash), from.root, head.root].every(isHash),
    'counts that are whole numbers': tallies.every(({ count }) => Number.isSafeInteger(count)),
    'quarters that are times': tallies.every(({ quarter }) => Number.isFinite(Date.parse(quarter))),
  };
  const missing = Object.keys(isSound).filter((name) => !isSound[name]);
  if (missing.length > 0) throw unfit(missing.join(', '));
}

/** Leaves that are kept in one row. */
export interface Run {
  /** The index of the first. */
  readonly first: number;
  readonly least: string;
  readonly greatest: string;
  readonly ids: readonly string[];
  readonly hashes: Buffer;
}

/** The leaves of a batch as they are kept. */
export function runsOf({ from, ids, leaves }: SealBatch): Run[] {
  return Array.from({ length: Math.ceil(ids.length / RUN) }, (_, n) => {
    const [at, end] = [n * RUN, (n + 1) * RUN];
    const run = ids.slice(at, end);
    const hashes = Buffer.concat(leaves.slice(at, end));
    return { first: from.size + at, ...boundsOf(run), ids: run, hashes };
  });
}

function boundsOf(ids: readonly string[]): Pick<Run, 'least' | 'greatest'> {
  let [least = '', greatest = least] = ids;
  for (const id of ids) {
    if (id < least) least = id;
    if (id > greatest) greatest = id;
  }
  return { least, greatest };
}

/** The refusal of a batch that lacks something. */
export function unfit(missing: string): AuditError {
  return new AuditError(
    'INVALID_OPTIONS',
    `A batch could not be sealed, since it lacks ${missing}. Nothing was changed: make it of what pending() answers.`,
  );
}

/** One root for each bit of the size. */
function isFrontier({ size, frontier }: LogHead): boolean {
  const bits =
    Number.isSafeInteger(size) && size >= 0 ? [...size.toString(2).replaceAll('0', '')] : undefined;
  return frontier.length === bits?.length && frontier.every(isHash);
}

function isHash(hash: Uint8Array): boolean {
  return hash.length === HASH_BYTES;
}
