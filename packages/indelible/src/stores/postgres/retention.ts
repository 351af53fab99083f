import { checkIds, checkRemoval, otherRemoval, undecided } from '../removal-check.js';
import type {
  Removal,
  RemovalKind,
  Retention,
  SelectedLeaf,
  Selection,
  SelectionPreview,
  StoredRemoval,
} from '../removal.js';
import type { Execute, Row } from '../sql/reader.js';
import type { Connection, Connections } from './connections.js';
import type { PostgresSettings } from './options.js';
import { sweeping } from './read.js';
import { remove } from './removing/remove.js';
import { Selecting } from './removing/selecting.js';
import { timeText } from './rows.js';

/** The longest that a timer can wait: a removal may take days, and a lost connection still ends it. */
const RUN_MS = 2_147_483_647;

const DECIDE = `INSERT INTO indelible_deletion (event_id, kind, manifest) VALUES ($1, $2, $3)
  ON CONFLICT (event_id) DO NOTHING`;
const IS_SAME = 'SELECT kind = $2 AND manifest = $3 AS same FROM indelible_deletion WHERE event_id = $1';
const FINISH = 'SELECT indelible_finish($1) AS decided';
const REMOVALS = `SELECT event_id::text, kind, manifest, ${timeText('decided_at')}, ${timeText('done_at')}
  FROM indelible_deletion ORDER BY indelible_deletion.decided_at, indelible_deletion.event_id`;

/** One number for retention and one for the trail: a database may hold several, in schemas of their own. */
const KEY = `7954887, 'indelible_deletion'::regclass::oid::integer`;
const LOCK = `SELECT pg_try_advisory_lock(${KEY}) AS locked`;
const UNLOCK = `SELECT pg_advisory_unlock(${KEY})`;

/** Lets events in a PostgreSQL database go. */
export class PostgresRetention implements Retention {
  readonly #connections: Connections;
  readonly #writeTimeoutMs: number;
  readonly #execute: Execute;
  readonly #selecting: Selecting;

  constructor(connections: Connections, { writeTimeoutMs }: PostgresSettings, execute: Execute) {
    this.#connections = connections;
    this.#writeTimeoutMs = writeTimeoutMs;
    this.#execute = execute;
    this.#selecting = new Selecting(sweeping(connections), sweeping(connections, 'recorded_at'));
  }

  preview(selection: Selection): Promise<SelectionPreview> {
    return this.#selecting.preview(selection);
  }

  select(selection: Selection, afterId: string | null, limit: number): Promise<readonly SelectedLeaf[]> {
    return this.#selecting.select(selection, afterId, limit);
  }

  async decide(removal: Removal): Promise<void> {
    this.#connections.requireOpen();
    checkRemoval(removal);
    const { eventId, kind, manifest } = removal;
    await this.#use(async (connection) => {
      const { rowCount } = await connection.query(DECIDE, [eventId, kind, manifest]);
      if (rowCount === 1) return;
      const { rows } = await connection.query<{ same: boolean }>(IS_SAME, [eventId, kind, manifest]);
      if (rows[0]?.same !== true) throw otherRemoval(eventId);
    });
  }

  async remove(eventId: string, ids: readonly string[]): Promise<number> {
    this.#connections.requireOpen();
    checkIds(ids);
    return this.#use((connection) => remove(connection, eventId, ids, this.#writeTimeoutMs));
  }

  finish(eventId: string): Promise<void> {
    return this.#use(async (connection) => {
      const { rows } = await connection.query<{ decided: boolean }>(FINISH, [eventId]);
      if (rows[0]?.decided !== true) throw undecided(eventId);
    });
  }

  async removals(): Promise<readonly StoredRemoval[]> {
    return (await this.#execute({ sql: REMOVALS, parameters: [] })).map(removalOf);
  }

  /**
   * The lock is a session's, on a connection of its own. Should that be lost before the work is done,
   * another process may begin: no event is removed twice by that, since a batch locks what it removes.
   */
  async exclusively<T>(work: () => Promise<T>): Promise<T | undefined> {
    const outcome = await this.#connections.useApart(RUN_MS, (connection) => alone(connection, work));
    if (outcome === undefined) return undefined;
    if ('failure' in outcome) throw outcome.failure;
    return outcome.done;
  }

  #use<T>(work: (connection: Connection) => Promise<T>): Promise<T> {
    return this.#connections.use(this.#writeTimeoutMs, work);
  }
}

/** The work's own failure says nothing about the connection. */
type Outcome<T> = { readonly done: T } | { readonly failure: unknown };

async function alone<T>(connection: Connection, work: () => Promise<T>): Promise<Outcome<T> | undefined> {
  const { rows } = await connection.query<{ locked: boolean }>(LOCK);
  if (rows[0]?.locked !== true) return undefined;
  const outcome = await work().then(
    (done) => ({ done }),
    (failure: unknown) => ({ failure }),
  );
  await connection.query(UNLOCK);
  return outcome;
}

function removalOf(row: Row): StoredRemoval {
  return {
    eventId: String(row['event_id']),
    kind: row['kind'] as RemovalKind,
    manifest: String(row['manifest']),
    decidedAt: String(row['decided_at']),
    doneAt: row['done_at'] as string | null,
  };
}
