import { AuditError } from '../../event/errors.js';
import { deathAt } from '../failpoints.js';
import { checkIds, checkRemoval, isOver, otherRemoval, undecided } from '../removal-check.js';
import {
  HOLD_ACTIONS,
  type Removal,
  type RemovalKind,
  type Retention,
  type SelectedLeaf,
  type Selection,
  type SelectionPreview,
  type StoredRemoval,
} from '../removal.js';
import { idBytes, idText } from '../sql/packed.js';
import type { Row } from '../sql/reader.js';
import { SqlSelecting } from '../sql/selecting.js';
import { indexesOf } from './indexes.js';
import { stepsOf } from './removal-steps.js';
import { SELECTION } from './selection.js';
import type { SqliteFile } from './sqlite-file.js';
import { SqliteThread } from './thread.js';

const REMOVALS = 'SELECT event_id, kind, note, decided_at, done_at FROM indelible_deletion';
const ONE = `${REMOVALS} WHERE event_id = ?`;
const WHOLE = 'SELECT kind, manifest, note FROM indelible_deletion WHERE event_id = ?';
const HOLD_CHANGES = `SELECT count(*) AS changes FROM indelible_event
  WHERE action IN (${HOLD_ACTIONS.map((action) => `'${action}'`).join(', ')})`;
const ALL = `${REMOVALS} ORDER BY place`;
const DECIDE = `INSERT INTO indelible_deletion (event_id, kind, manifest, note)
  SELECT ?, ?, ?, ? WHERE NOT EXISTS (SELECT 1 FROM indelible_deletion WHERE event_id = ?)`;
const FINISH = `UPDATE indelible_deletion SET done_at = CAST(unixepoch('subsec') * 1000 AS INTEGER)
  WHERE event_id = ? AND done_at IS NULL`;
const IS_CLEAN = "SELECT v FROM indelible_event_search_config WHERE k = 'secure-delete'";
const MERGE = "INSERT INTO indelible_event_search (indelible_event_search, rank) VALUES ('merge', ?)";
/** No event has the number 0. */
const SOMETHING = "INSERT INTO indelible_event_search (rowid, actor_text) VALUES (0, 'indelible')";
const NOTHING =
  "INSERT INTO indelible_event_search (indelible_event_search, rowid, actor_text) VALUES ('delete', 0, 'indelible')";
const CLEAN = "INSERT INTO indelible_event_search (indelible_event_search, rank) VALUES ('secure-delete', 1)";
/** So much of the index of texts is merged at a time; what writes meanwhile waits no longer than for that. */
const PAGES = 500;
/** Merging changes its own state at least; less than this, and there was nothing left to do. */
const MERGED = 2;

type Removed =
  | { readonly found: 'undecided' | 'over' | 'held' }
  | { readonly found: 'decided'; readonly removed: number };

/** Lets events of a SQLite file go. */
export class SqliteRetention implements Retention {
  readonly #file: SqliteFile;
  readonly #selecting: SqlSelecting;

  constructor(file: SqliteFile) {
    this.#file = file;
    this.#selecting = new SqlSelecting({
      own: SELECTION,
      execute: file.execute,
      indexesOf: (ids) => indexesOf(file.execute, ids),
      timeText,
    });
  }

  preview(selection: Selection): Promise<SelectionPreview> {
    return this.#selecting.preview(selection);
  }

  select(selection: Selection, afterId: string | null, limit: number): Promise<readonly SelectedLeaf[]> {
    return this.#selecting.select(selection, afterId, limit);
  }

  async decide(removal: Removal): Promise<void> {
    await this.#file.ready();
    checkRemoval(removal);
    const { eventId, kind, manifest, note } = removal;
    const id = idBytes(eventId);
    const [row] = await this.#file.change(
      { sql: DECIDE, params: [id, kind, manifest, note, id] },
      { sql: WHOLE, params: [id] },
    );
    const isSame = row?.['kind'] === kind && row['manifest'] === manifest && row['note'] === note;
    if (!isSame) throw otherRemoval(eventId);
  }

  async remove(eventId: string, ids: readonly string[], holdChanges: number): Promise<number | undefined> {
    await this.#file.ready();
    checkIds([eventId, ...ids]);
    const id = idBytes(eventId);
    const done = (await this.#file.write({
      operation: 'remove',
      standing: { sql: ONE, params: [id] },
      holds: { sql: HOLD_CHANGES, changes: holdChanges },
      steps: stepsOf(id, ids),
      dieAt: deathAt(),
    })) as Removed;
    if (done.found === 'decided') return done.removed;
    if (done.found === 'held') return undefined;
    throw done.found === 'over' ? isOver(eventId) : undecided(eventId);
  }

  async holdChanges(): Promise<number> {
    const [row] = await this.#file.execute({ sql: HOLD_CHANGES, parameters: [] });
    return Number(row?.['changes']);
  }

  /** What was removed is out of the index of texts and out of the file's log before the removal is said to be over. */
  async finish(eventId: string): Promise<void> {
    await this.#file.ready();
    checkIds([eventId]);
    const params = [idBytes(eventId)];
    const [row] = await this.#file.execute({ sql: ONE, parameters: params });
    if (row === undefined) throw undecided(eventId);
    if (row['done_at'] !== null) return;
    await this.#forgetTexts();
    if ((await this.#file.write({ operation: 'checkpoint' })) !== true) throw beingRead(eventId);
    await this.#file.change({ sql: FINISH, params }, { sql: ONE, params });
  }

  async removals(): Promise<readonly StoredRemoval[]> {
    return (await this.#file.execute({ sql: ALL, parameters: [] })).map(removalOf);
  }

  async manifestOf(eventId: string): Promise<string | undefined> {
    const [row] = await this.#file.execute({ sql: WHOLE, parameters: [idBytes(eventId)] });
    return row && String(row['manifest']);
  }

  /** By a lock on a file of its own, which the system takes back from a process that ends. */
  async exclusively<T>(work: () => Promise<T>): Promise<T | undefined> {
    await this.#file.ready();
    const lock = new SqliteThread({
      path: `${this.#file.path}-retention.lock`,
      readonly: false,
      pragmas: ['busy_timeout = 0'],
    });
    try {
      return (await lock.send({ operation: 'lock' })) === true ? await work() : undefined;
    } finally {
      await lock.close();
    }
  }

  /**
   * The index of texts forgets a few events at once. Of many it is only told, and says itself that it was: it is
   * merged into one here, which leaves nothing of them. Twice, with something new in between: what lies on one level
   * of the index is merged onto the next, and where that is not the last, even if nothing is behind it, what was
   * removed is taken along.
   */
  async #forgetTexts(): Promise<void> {
    const [setting] = await this.#file.execute({ sql: IS_CLEAN, parameters: [] });
    if (setting?.['v'] === 1) return;
    await this.#mergeTexts();
    for (const sql of [SOMETHING, NOTHING]) await this.#merge(sql, []);
    await this.#mergeTexts();
    await this.#merge(CLEAN, []);
  }

  /** The first step, by its sign, begins a merging of all there is; the others go on with it. */
  async #mergeTexts(): Promise<void> {
    for (let pages = -PAGES; (await this.#merge(MERGE, [pages])) >= MERGED;) pages = PAGES;
  }

  async #merge(sql: string, params: readonly unknown[]): Promise<number> {
    return (await this.#file.write({ operation: 'merge', sql, params })) as number;
  }
}

function removalOf(row: Row): StoredRemoval {
  return {
    eventId: idText(row['event_id']),
    kind: row['kind'] as RemovalKind,
    note: String(row['note']),
    decidedAt: timeText(row['decided_at']),
    doneAt: row['done_at'] === null ? null : timeText(row['done_at']),
  };
}

function timeText(ms: unknown): string {
  return new Date(Number(ms)).toISOString();
}

function beingRead(eventId: string): AuditError {
  return new AuditError(
    'STORE_UNAVAILABLE',
    `The removal of the event ${eventId} has removed its events, but the log beside the file still holds them: another process is reading it. Finish the removal again when that has ended.`,
  );
}
