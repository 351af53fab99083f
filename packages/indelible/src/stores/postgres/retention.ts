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

const DECIDE = `INSERT INTO indelible_deletion (event_id, kind, manifest, note) VALUES ($1, $2, $3, $4)
  ON CONFLICT (event_id) DO NOTHING`;
const IS_SAME = `SELECT kind = $2 AND manifest = $3 AND note = $4 AS same FROM indelible_deletion WHERE event_id = $1`;
const FINISH = 'SELECT indelible_finish($1) AS decided';
const MANIFEST = 'SELECT manifest FROM indelible_deletion WHERE event_id = $1';
const HOLD_CHANGES = 'SELECT indelible_hold_changes()::text AS changes';
const REMOVALS = `SELECT event_id::text, kind, note, ${timeText('decided_at')}, ${timeText('done_at')}
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
    const { eventId, kind, manifest, note } = removal;
    const given = [eventId, kind, manifest, note];
    await this.#use(async (connection) => {
      const { rowCount } = await connection.query(DECIDE, given);
      if (rowCount === 1) return;
      const { rows } = await connection.query<{ same: boolean }>(IS_SAME, given);
      if (rows[0]?.same !== true) throw otherRemoval(eventId);
    });
  }

  async remove(eventId: string, ids: readonly string[], holdChanges: number): Promise<number | undefined> {
    this.#connections.requireOpen();
    checkIds(ids);
    const batch = { eventId, ids, holdChanges };
    return this.#use((connection) => remove(connection, batch, this.#writeTimeoutMs));
  }

  async holdChanges(): Promise<number> {
    const [row] = await this.#execute({ sql: HOLD_CHANGES, parameters: [] });
    return Number(row?.['changes']);
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

  async manifestOf(eventId: string): Promise<string | undefined> {
    const [row] = await this.#execute({ sql: MANIFEST, parameters: [eventId] });
    return row && String(row['manifest']);
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
    note: String(row['note']),
    decidedAt: String(row['decided_at']),
    doneAt: row['done_at'] as string | null,
  };
}
