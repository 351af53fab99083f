import type { TableRules } from '../../capture/tables.js';
import type { Catalogue } from '../../event/actions.js';
import type { AuditEvent } from '../../event/event.js';
import { captureOf } from '../../trail/door.js';
import type { Audit } from '../../trail/create-audit.js';
import { type OwnDatabase, type OwnRow, OwnTruth } from './own-truth.js';
import { plainValue } from './own-values.js';

export type { OwnDatabase } from './own-truth.js';

/** How what the trail tells compares with what the database's own triggers saw. Lines say what, of which model. */
export interface ChangesAccount {
  /** Rows that changed, but for updates of nothing that counts. */
  readonly rows: number;
  readonly exact: number;
  /** Not told row by row, but by a STATEMENT event of their model. */
  readonly reported: number;
  readonly missed: readonly string[];
  /** Told, and never happened so. */
  readonly false: readonly string[];
}

/** What happens to the rows of a database, beside what the trail tells of it. */
export interface ChangesWatch {
  /** Of everything since the watch began, or since the last account. */
  account(): Promise<ChangesAccount>;
  /** Takes the triggers away. */
  stop(): Promise<void>;
}

const OPS: Readonly<Record<string, OwnRow['op']>> = { CREATE: 'INSERT', UPDATE: 'UPDATE', DELETE: 'DELETE' };
const HIDDEN = '[redacted]';

/**
 * Puts triggers on every captured table of your own test database, whatever its schema, so that what your
 * application really does to its rows can be compared with what the trail tells: for a test that runs the
 * application's own writes and expects nothing missed.
 *
 * @example
 * ```ts
 * const audit = createTestAudit({ outbox: createSqliteOutbox(db) });
 * auditSqlite(audit, db);
 * const watch = await watchChanges(audit, { kind: 'sqlite', query: (sql) => runSql(db, sql) });
 * db.prepare('UPDATE appointment SET status = ? WHERE id = ?').run('completed', 91);
 * const { missed } = await watch.account();
 * await watch.stop();
 * ```
 */
export async function watchChanges<C extends Catalogue>(
  audit: Audit<C>,
  database: OwnDatabase,
): Promise<ChangesWatch> {
  const { tables } = captureOf(audit);
  const truth = await OwnTruth.watch(database, (table) => tables.rulesOf(table) !== undefined);
  const known = new Set((await toldBy(audit)).map(({ id }) => id));
  return {
    async account() {
      const happened = (await truth.take()).flatMap((row) =>
        lineThatHappened(row, tables.rulesOf(row.table)),
      );
      const events = (await toldBy(audit)).filter(({ id }) => !known.has(id));
      for (const { id } of events) known.add(id);
      return compare(happened, events);
    },
    stop: () => truth.stop(),
  };
}

/** One line of a change, and the model it is of. */
interface Line {
  readonly model: string;
  readonly text: string;
}

async function toldBy<C extends Catalogue>(audit: Audit<C>): Promise<AuditEvent[]> {
  await audit.flush();
  const events: AuditEvent[] = [];
  for await (const event of audit.stream({ tenantId: null, ordering: 'timestamp' }))
    if (event.source === 'model' && event.outcome === 'success') events.push(event);
  return events;
}

function compare(happened: readonly Line[], events: readonly AuditEvent[]): ChangesAccount {
  const told = events.flatMap(lineThatWasTold);
  const untold = left(happened, told);
  const isReported = ({ model }: Line): boolean => events.some((event) => speaksFor(event, model));
  const missed = untold.filter((line) => !isReported(line));
  return {
    rows: happened.length,
    exact: happened.length - untold.length,
    reported: untold.length - missed.length,
    missed: missed.map(({ text }) => text),
    false: left(told, happened).map(({ text }) => text),
  };
}

/** The lines of one list that have no partner in the other. */
function left(lines: readonly Line[], others: readonly Line[]): Line[] {
  const counts = new Map<string, number>();
  for (const { text } of others) counts.set(text, (counts.get(text) ?? 0) + 1);
  return lines.filter(({ text }) => {
    const count = counts.get(text) ?? 0;
    counts.set(text, count - 1);
    return count <= 0;
  });
}

/** A STATEMENT that could not say which models it wrote speaks for all. */
function speaksFor({ action, metadata }: AuditEvent, model: string): boolean {
  const models = metadata?.['models'];
  return action === 'STATEMENT' && (!Array.isArray(models) || models.length === 0 || models.includes(model));
}

function lineThatHappened({ op, before, after }: OwnRow, rules: TableRules | undefined): Line[] {
  if (rules === undefined) return [];
  const names = [...(after ?? before ?? new Map<string, string>()).keys()].filter(
    (name) => !rules.isExcluded(name),
  );
  const counted = names.filter(
    (name) => op !== 'UPDATE' || (!rules.isIgnored(name) && before?.get(name) !== after?.get(name)),
  );
  if (op === 'UPDATE' && counted.length === 0) return [];
  const shown = (image: ReadonlyMap<string, string> | undefined, name: string): string | undefined =>
    image && (rules.isHidden(name) ? HIDDEN : image.get(name));
  return [
    lineOf(
      op,
      rules.model,
      counted.map((name) => [name, shown(before, name), shown(after, name)]),
    ),
  ];
}

function lineThatWasTold({ action, target, changes }: AuditEvent): Line[] {
  const op = OPS[action];
  if (op === undefined || target === null) return [];
  const columns = Object.entries(changes ?? {}).map(
    ([name, change]) =>
      [
        name,
        'old' in change ? plainValue(change.old) : undefined,
        'new' in change ? plainValue(change.new) : undefined,
      ] as const,
  );
  // A table of SQLite without a key is named by its rowid, which is no column of it.
  return [
    lineOf(
      op,
      target.type,
      columns.filter(([name]) => name !== 'rowid'),
    ),
  ];
}

type Column = readonly [name: string, before: string | undefined, after: string | undefined];

function lineOf(op: string, model: string, columns: readonly Column[]): Line {
  const texts = columns
    .map(([name, before, after]) => `${name}: ${before ?? ''} > ${after ?? ''}`)
    .toSorted();
  return { model, text: `${op} ${model} { ${texts.join('; ')} }` };
}
