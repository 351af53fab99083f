import type { Command } from 'commander';

import {
  type BaselineCount,
  type BaselineOptions,
  type BaselineTable,
  takeBaseline,
} from '../capture/baseline/baseline.js';
import { postgresBaseline } from '../capture/pg/baseline.js';
import { sqliteBaseline } from '../capture/sqlite/baseline.js';
import type { SqliteCaptureLike } from '../capture/sqlite/sqlite-capture-like.js';
import { AuditError } from '../event/errors.js';
import { captureOf } from '../trail/door.js';
import { Audit } from '../trail/create-audit.js';
import type { Settings } from '../trail/options.js';
import type { Outbox } from '../trail/outbox.js';
import { examples } from './examples.js';
import type { Invocation } from './invocation.js';
import type { Terminal } from './terminal.js';

interface GivenOptions {
  readonly model?: readonly string[];
  readonly dryRun?: boolean;
  readonly json?: boolean;
}

const ACTOR = { type: 'system', name: 'indelible baseline' } as const;
const NEWEST = { column: 'timestamp', descending: true } as const;

export function addBaseline(program: Command, invocation: Invocation): void {
  program
    .command('baseline')
    .description(
      'Record, as a SNAPSHOT each, the records that are older than the trail. What the trail knows already is passed over, so it can be stopped and run again.',
    )
    .option('--model <name...>', 'only these models (default: every model that is captured)')
    .option('--dry-run', 'count what would be recorded, and record nothing')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        ['see what the trail does not know yet', 'indelible baseline --dry-run'],
        ['record it', 'indelible baseline'],
      ),
    )
    .action(async (options: GivenOptions) => {
      const settings = await invocation.config();
      await run(settings, options, invocation.terminal);
    });
}

async function run(settings: Settings, options: GivenOptions, terminal: Terminal): Promise<void> {
  const { outbox } = settings;
  if (outbox === undefined) {
    await settings.store.close();
    throw new AuditError(
      'NO_OUTBOX',
      "A baseline reads the application's database through the outbox, and the configuration has none; add one, such as outbox: createPostgresOutbox(pool).",
    );
  }
  const audit = new Audit({ ...settings, log: () => undefined });
  try {
    // What was captured and is still on its way is known too.
    await audit.flush();
    const counts = await take(audit, settings, outbox, options, terminal);
    await audit.flush();
    tell(counts, options, terminal);
  } finally {
    await audit.close();
  }
}

async function take(
  audit: Audit,
  settings: Settings,
  outbox: Outbox,
  { model: models, dryRun = false }: GivenOptions,
  terminal: Terminal,
): Promise<BaselineCount[]> {
  const tables = chosen(await tablesOf(audit, outbox, terminal), models);
  const context = audit.run({ actor: ACTOR }, () => captureOf(audit).context());
  const counts: BaselineCount[] = [];
  for (const table of tables)
    counts.push(await takeBaseline(table, { knows: knowing(settings), context, isDry: dryRun }));
  return counts;
}

async function tablesOf(
  audit: Audit,
  { application }: Outbox,
  terminal: Terminal,
): Promise<readonly BaselineTable[]> {
  const { tables } = captureOf(audit);
  const warn = (message: string): void => terminal.note(message);
  return application.kind === 'postgres'
    ? postgresBaseline((text, params) => application.query(text, params), tables, warn)
    : sqliteBaseline(application.database as SqliteCaptureLike, tables, warn);
}

function chosen(
  tables: readonly BaselineTable[],
  models: readonly string[] | undefined,
): readonly BaselineTable[] {
  if (models === undefined) return tables;
  const known = tables.map(({ model }) => model);
  const unknown = models.find((model) => !known.includes(model));
  if (unknown === undefined) return tables.filter(({ model }) => models.includes(model));
  throw new AuditError(
    'INVALID_OPTIONS',
    `There is no captured model ${unknown}; there are ${known.toSorted().join(', ') || 'none'}.`,
  );
}

function knowing({ store }: Settings): BaselineOptions['knows'] {
  return async (targetType, targetId) => {
    const where = { targetType, targetId };
    const { entries } = await store.find({ tenantId: null, where, order: NEWEST, limit: 1 });
    return entries.length > 0;
  };
}

function tell(counts: readonly BaselineCount[], { dryRun, json }: GivenOptions, terminal: Terminal): void {
  const taken = counts.reduce((sum, count) => sum + count.taken, 0);
  if (json === true) {
    terminal.json({ models: counts, taken, dry_run: dryRun === true });
    return;
  }
  for (const { model, records, taken: news } of counts)
    terminal.line(`${model}: ${records} records, ${news} of them unknown to the trail`);
  terminal.line(dryRun === true ? `${taken} would be recorded.` : `${taken} recorded.`);
}
