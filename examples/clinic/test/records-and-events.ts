import { join } from 'node:path';

import Database from 'better-sqlite3';

import { models } from '../src/models.js';

type Row = Readonly<Record<string, unknown>>;
type Connection = Database.Database;

export interface RecordsAndEvents {
  /** How many events still wait in the outbox. */
  readonly waiting: number;
  /** Every record of every model as it stands, under names such as `Appointment 7`. */
  readonly records: ReadonlyMap<string, Row>;
  /** Every record as its events add up to. */
  readonly events: ReadonlyMap<string, Row>;
  readonly actions: readonly string[];
}

/** The tables whose rows are records, and the models they go by. */
const MODELS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(models).map(([model, rules]) => [String((rules as { table?: string }).table), model]),
);
const TABLES = `SELECT name FROM sqlite_master WHERE type = 'table'
  AND name NOT LIKE 'sqlite_%' AND name NOT LIKE 'indelible_%' AND name <> 'sessions'`;

/** Reads both databases of a clinic that has ended, with plain SQL rather than through the library. */
export function recordsAndEvents(dataDir: string): RecordsAndEvents {
  const data = new Database(join(dataDir, 'clinic.db'), { readonly: true });
  const trail = new Database(join(dataDir, 'audit.db'), { readonly: true });
  try {
    const events = trail
      .prepare('SELECT action, target_type, target_id, outcome, payload FROM indelible_event ORDER BY id')
      .all() as EventRow[];
    return {
      waiting: data.prepare('SELECT count(*) FROM indelible_outbox').pluck().get() as number,
      records: recordsOf(data),
      events: addUp(events),
      actions: events.map(({ action }) => action),
    };
  } finally {
    data.close();
    trail.close();
  }
}

interface EventRow {
  readonly action: string;
  readonly target_type: string | null;
  readonly target_id: string;
  readonly outcome: string;
  readonly payload: string;
}

function recordsOf(data: Connection): Map<string, Row> {
  const tables = data.prepare(TABLES).pluck().all() as string[];
  const records = tables.flatMap((table) => {
    const rows = data.prepare(`SELECT * FROM ${table}`).all() as Row[];
    return rows.map((row) => [`${modelOf(table)} ${String(row['id'])}`, shown(row)] as const);
  });
  return sorted(records);
}

/** A table that nobody has named here is one of which nobody has looked whether it is recorded. */
function modelOf(table: string): string {
  const model = MODELS[table];
  if (model === undefined) throw new Error(`Which model are the rows of ${table}?`);
  return model;
}

/** What the records must be like if the events tell everything, and nothing else. */
function addUp(events: readonly EventRow[]): Map<string, Row> {
  const state = new Map<string, Row>();
  for (const { action, target_type, target_id, outcome, payload } of events) {
    if (outcome !== 'success') continue;
    const record = `${target_type} ${target_id}`;
    const { after } = JSON.parse(payload) as { after?: Row };
    if (action === 'DELETE') state.delete(record);
    else if (after) state.set(record, { ...state.get(record), ...shown(after) });
  }
  return sorted([...state]);
}

function sorted(entries: readonly (readonly [string, Row])[]): Map<string, Row> {
  return new Map(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** What events show of a row. */
function shown({ created_at: _created, updated_at: _updated, ...row }: Row): Row {
  return 'password_hash' in row ? { ...row, password_hash: '[redacted]' } : row;
}
