import type { AuditError } from '../../../event/errors.js';
import { reach } from '../../failpoints.js';
import { isOver, kept, undecided } from '../../removal-check.js';
import type { Connection } from '../connections.js';
import { sqlState } from '../failure.js';

const REMOVE = 'SELECT indelible_remove($1::uuid, $2::uuid[], $3::bigint)::text AS removed';

/** What the function refuses with. */
const UNDECIDED = 'IND02';
const IS_OVER = 'IND03';
const KEPT = 'IND04';

interface Batch {
  readonly eventId: string;
  readonly ids: readonly string[];
  readonly holdChanges: number;
}

/**
 * Removes a batch in one transaction; undefined when a hold has come or gone since it was chosen. The events and their part of the sums go by one function of the server's, so
 * that who may call it can do neither without the other.
 */
export async function remove(
  connection: Connection,
  { eventId, ids, holdChanges }: Batch,
  timeoutMs: number,
): Promise<number | undefined> {
  await connection.query(begin(timeoutMs));
  try {
    reach('removal.begun');
    const { rows } = await connection.query<{ removed: string | null }>(REMOVE, [eventId, ids, holdChanges]);
    reach('removal.events');
    reach('removal.tallies');
    await connection.query('COMMIT');
    reach('removal.committed');
    const removed = rows[0]?.removed ?? null;
    return removed === null ? undefined : Number(removed);
  } catch (error) {
    if (sqlState(error) !== undefined) await connection.query('ROLLBACK');
    throw refusalOf(error, eventId) ?? error;
  }
}

/** Read committed, so that what another batch has removed while this one waited is seen. */
function begin(timeoutMs: number): string {
  const limit = Math.max(1, Math.ceil(timeoutMs));
  return `BEGIN ISOLATION LEVEL READ COMMITTED;
    SET LOCAL idle_in_transaction_session_timeout = ${limit}; SET LOCAL statement_timeout = ${limit}`;
}

function refusalOf(error: unknown, eventId: string): AuditError | undefined {
  const state = sqlState(error);
  if (state === UNDECIDED) return undecided(eventId);
  if (state === IS_OVER) return isOver(eventId);
  return state === KEPT && error instanceof Error ? kept(error.message) : undefined;
}
