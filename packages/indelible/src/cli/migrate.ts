import { type Command, Option } from 'commander';

import type { MigrationState, Store } from '../stores/store.js';
import type { Settings } from '../trail/options.js';
import { examples } from './examples.js';
import { EXIT_CODES } from './exit-codes.js';
import type { Invocation } from './invocation.js';
import type { Terminal } from './terminal.js';

interface MigrateOptions {
  readonly roles?: boolean;
  readonly status?: boolean;
  readonly json?: boolean;
}

export function addMigrate(program: Command, invocation: Invocation): void {
  program
    .command('migrate')
    .description('Bring the schema of the trail, and of the outbox where there is one, up to date.')
    .option('--roles', 'make the roles with least privilege too, and grant them their rights (PostgreSQL)')
    .addOption(
      new Option(
        '--status',
        "show the trail's migrations and change nothing; ends with 3 if one is pending",
      ).conflicts('roles'),
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        ['apply what is pending', 'indelible migrate'],
        ['in CI: fail when a deployment forgot to migrate', 'indelible migrate --status'],
      ),
    )
    .action(async (options: MigrateOptions) => {
      const settings = await invocation.config();
      try {
        await (options.status === true
          ? show(settings, options, invocation)
          : apply(settings, options, invocation));
      } finally {
        await settings.store.close();
      }
    });
}

async function show({ store }: Settings, { json }: MigrateOptions, invocation: Invocation): Promise<void> {
  const { terminal } = invocation;
  const migrations = await store.migrations();
  const pending = migrations.filter(({ applied }) => !applied).length;
  if (json === true) {
    terminal.json({ store: store.description, migrations, pending });
  } else {
    list(store, migrations, terminal);
    terminal.line(
      pending === 0 ? 'Up to date.' : `${pending} of ${migrations.length} pending: run indelible migrate.`,
    );
  }
  if (pending > 0) invocation.exitCode = EXIT_CODES.pending.code;
}

async function apply(
  { store, outbox }: Settings,
  { json, roles = false }: MigrateOptions,
  { terminal }: Invocation,
): Promise<void> {
  const before = await store.migrations();
  const migrations = await store.migrate({ roles });
  await outbox?.migrate();
  const pending = new Set(before.filter(({ applied }) => !applied).map(({ name }) => name));
  const news = migrations.map(({ name }) => name).filter((name) => pending.has(name));
  if (json === true) {
    const facts = { store: store.description, migrations, applied_now: news, roles };
    terminal.json({ ...facts, outbox: outbox?.description ?? null });
    return;
  }
  list(store, migrations, terminal);
  if (roles) terminal.line('The roles are there, with their rights.');
  if (outbox !== undefined) terminal.line(`The outbox is there: ${outbox.description}.`);
  terminal.line(`Up to date: ${news.length} applied now.`);
}

function list(store: Store, migrations: readonly MigrationState[], terminal: Terminal): void {
  terminal.line(terminal.style('bold', store.description));
  for (const { name, applied } of migrations) {
    const state = applied ? terminal.style('green', 'applied') : terminal.style('yellow', 'pending');
    terminal.line(`  ${state}  ${name}`);
  }
}
