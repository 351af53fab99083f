import type { AuditEvent } from '../../event/event.js';
import type { ClinicDatabase } from './clinic-orm.js';
import { CLINIC_TABLES, type ClinicTable, tableOn } from './clinic-tables.js';
import type { TruthImage, TruthRow } from './truth.js';
import { eventValue, type Plain, truthValue } from './values.js';

/** A change of a row in one form, whoever told it. */
export interface PlainChange {
  readonly op: TruthRow['op'];
  readonly model: string;
  readonly id: string | null;
  /** Of each column that counts, what it was and what it became. */
  readonly columns: Readonly<Record<string, readonly [Plain, Plain]>>;
}

/** How what was recorded compares with what happened. */
export interface Account {
  /** How many rows changed; an update of nothing but columns that are ignored is no change. */
  readonly rows: number;
  readonly exact: number;
  /** Changed by a statement that the trail tells of as a whole. */
  readonly reported: number;
  readonly missed: readonly PlainChange[];
  /** What happened, and what the trail says of it instead. */
  readonly wrong: readonly (readonly [PlainChange, PlainChange])[];
  /** Told, and never happened. */
  readonly false: readonly PlainChange[];
}

const IGNORED = new Set(['created_at', 'updated_at']);
const OP_OF: Readonly<Record<string, TruthRow['op']>> = {
  CREATE: 'INSERT',
  UPDATE: 'UPDATE',
  DELETE: 'DELETE',
};
const TABLE_OF = new Map(Object.entries(CLINIC_TABLES).map(([table, { model }]) => [model, table]));

export function changesThatHappened(database: ClinicDatabase, truth: readonly TruthRow[]): PlainChange[] {
  return truth.flatMap((row) => {
    const table = tableOn(database, row.table);
    if (table === undefined) return [];
    const columns = columnsThatHappened(database, table, row);
    if (row.op === 'UPDATE' && Object.keys(columns).length === 0) return [];
    const image = row.before ?? row.after ?? {};
    return [{ op: row.op, model: table.model, id: keyOf(database, table, image), columns }];
  });
}

function columnsThatHappened(
  database: ClinicDatabase,
  { columns }: ClinicTable,
  { op, before, after }: TruthRow,
): PlainChange['columns'] {
  const raw = (value: unknown): string => JSON.stringify(value ?? null);
  const kept = Object.entries(columns).filter(
    ([name]) => op !== 'UPDATE' || (!IGNORED.has(name) && raw(before?.[name]) !== raw(after?.[name])),
  );
  const image = (side: TruthImage | undefined, name: string, kind: (typeof kept)[number][1]): Plain =>
    side === undefined ? null : truthValue(database, kind, side[name]);
  return Object.fromEntries(
    kept.map(([name, kind]) => [name, [image(before, name, kind), image(after, name, kind)] as const]),
  );
}

function keyOf(database: ClinicDatabase, { key, columns }: ClinicTable, image: TruthImage): string | null {
  const texts = key.map((name) => [columns[name], truthValue(database, 'text', image[name])] as const);
  if (texts.length < 2) return texts[0]?.[1] ?? null;
  return JSON.stringify(texts.map(([kind, text]) => (kind === 'number' ? Number(text) : text)));
}

function changesThatWereTold(database: ClinicDatabase, events: readonly AuditEvent[]): PlainChange[] {
  return events.flatMap(({ action, outcome, source, target, changes }) => {
    const op = OP_OF[action];
    if (op === undefined || source !== 'model' || outcome !== 'success' || target === null) return [];
    const kinds = tableOn(database, TABLE_OF.get(target.type) ?? '')?.columns ?? {};
    const columns = Object.entries(changes ?? {}).map(([name, change]) => {
      const kind = kinds[name] ?? 'text';
      const sides = [change.old, change.new].map((value) => eventValue(database, kind, value));
      return [name, [sides[0] ?? null, sides[1] ?? null] as const] as const;
    });
    return [{ op, model: target.type, id: target.id, columns: Object.fromEntries(columns) }];
  });
}

/** Compares them as multisets: an order is no part of it. */
export function compare(
  database: ClinicDatabase,
  truth: readonly TruthRow[],
  events: readonly AuditEvent[],
): Account {
  const happened = changesThatHappened(database, truth);
  const told = new Bag(changesThatWereTold(database, events));
  const untold = happened.filter((change) => told.take(wholeOf(change)) === undefined);
  const left = new Bag(told.rest(), recordOf);
  const wrong: [PlainChange, PlainChange][] = [];
  const silent = untold.filter((change) => {
    const other = left.take(recordOf(change));
    if (other !== undefined) wrong.push([change, other]);
    return other === undefined;
  });
  const isReported = reportedBy(events);
  const missed = silent.filter(({ model }) => !isReported(model));
  return {
    rows: happened.length,
    exact: happened.length - untold.length,
    reported: silent.length - missed.length,
    missed,
    wrong,
    false: left.rest(),
  };
}

/** A STATEMENT that could not say which models it wrote speaks for all. */
function reportedBy(events: readonly AuditEvent[]): (model: string) => boolean {
  const statements = events
    .filter(({ action }) => action === 'STATEMENT')
    .map(({ metadata }) => metadata?.['models']);
  return (model) =>
    statements.some((models) => !Array.isArray(models) || models.length === 0 || models.includes(model));
}

function recordOf({ op, model, id }: PlainChange): string {
  return JSON.stringify([op, model, id]);
}

function wholeOf({ op, model, id, columns }: PlainChange): string {
  return JSON.stringify([op, model, id, Object.entries(columns).toSorted(([a], [b]) => (a < b ? -1 : 1))]);
}

/** Changes by a name, of which many may have the same. */
class Bag {
  readonly #byName = new Map<string, PlainChange[]>();

  constructor(changes: readonly PlainChange[], nameOf: (change: PlainChange) => string = wholeOf) {
    for (const change of changes) {
      const name = nameOf(change);
      const same = this.#byName.get(name);
      if (same === undefined) this.#byName.set(name, [change]);
      else same.push(change);
    }
  }

  take(name: string): PlainChange | undefined {
    return this.#byName.get(name)?.shift();
  }

  rest(): PlainChange[] {
    return [...this.#byName.values()].flat();
  }
}
