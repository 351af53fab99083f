import { join } from 'node:path';

import Database from 'better-sqlite3';

type Row = Readonly<Record<string, unknown>>;

export interface RecordsAndEvents {
  /** How many events still wait in the outbox. */
  readonly waiting: number;
  /** Every appointment as it stands, by id. */
  readonly records: ReadonlyMap<string, Row>;
  /** Every appointment as its events add up to, by id. */
  readonly events: ReadonlyMap<string, Row>;
  readonly actions: readonly string[];
}

/** Reads both databases of a clinic that has ended, with plain SQL rather than through the library. */
export function recordsAndEvents(dataDir: string): RecordsAndEvents {
  const data = new Database(join(dataDir, 'clinic.db'), { readonly: true });
  const trail = new Database(join(dataDir, 'audit.db'), { readonly: true });
  try {
    const rows = data.prepare('SELECT * FROM appointments ORDER BY id').all() as Row[];
    const events = trail
      .prepare('SELECT action, target_type, target_id, outcome, payload FROM indelible_event ORDER BY id')
      .all() as EventRow[];
    return {
      waiting: data.prepare('SELECT count(*) FROM indelible_outbox').pluck().get() as number,
      records: new Map(rows.map((row) => [String(row['id']), withoutTimes(row)])),
      events: addUp(events.filter(({ target_type }) => target_type === 'Appointment')),
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

/** What the appointments must be like if the events tell everything, and nothing else. */
function addUp(events: readonly EventRow[]): Map<string, Row> {
  const state = new Map<string, Row>();
  for (const { action, target_id: id, payload } of events) {
    const { after } = JSON.parse(payload) as { after?: Row };
    if (action === 'DELETE') state.delete(id);
    else if (after) state.set(id, { ...state.get(id), ...withoutTimes(after) });
  }
  return new Map([...state].sort(([a], [b]) => Number(a) - Number(b)));
}

function withoutTimes({ created_at: _created, updated_at: _updated, ...row }: Row): Row {
  return row;
}
