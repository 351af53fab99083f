import { AuditError } from '../event/errors.js';
import type { LogHead, SealBatch } from './seal-log.js';

const HASH_BYTES = 32;
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
