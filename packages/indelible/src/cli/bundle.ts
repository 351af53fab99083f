import { existsSync } from 'node:fs';

import type { Command } from 'commander';

import { type Bundle, createBundle } from '../bundle/create-bundle.js';
import { AuditError } from '../event/errors.js';
import type { SigningKey } from '../integrity/note-key.js';
import { type EventFilter, parseFilter } from '../trail/filter.js';
import type { Settings } from '../trail/options.js';
import { keyIn } from '../trail/sealing/keys.js';
import { anchoredNotes } from './anchored-notes.js';
import { examples } from './examples.js';
import { EXIT_CODES } from './exit-codes.js';
import { checkpointsIn } from './given-checkpoints.js';
import type { Invocation } from './invocation.js';
import type { Terminal } from './terminal.js';
import { keysOf } from './verify-keys.js';

interface GivenOptions extends Omit<EventFilter, 'days'> {
  readonly output: string;
  readonly tenant?: string;
  readonly allTenants?: boolean;
  readonly days?: string;
  readonly checkpoint?: readonly string[];
  readonly withFindings?: boolean;
  readonly json?: boolean;
}

export function addBundle(program: Command, invocation: Invocation): void {
  program
    .command('bundle')
    .description(
      'Write evidence: the events that match, the proofs that none was altered, and what it takes to verify them on a machine without the store. Without a filter and with --all-tenants it is the whole log.',
    )
    .requiredOption('--output <path>', 'a new folder, or a new file that ends in .zip')
    .option('--tenant <id>', 'the tenant to take from (default: events without one)')
    .option('--all-tenants', 'events of every tenant')
    .option('--start-date <date>', 'from this day or moment on')
    .option('--end-date <date>', 'to the end of this day, or up to this moment')
    .option('--days <n>', 'the last so many days')
    .option('--actor-id <id>', 'by this actor')
    .option('--user <text>', "part of the actor's name or e-mail")
    .option('--action <words>', 'UPDATE, or several with commas between')
    .option('--model <name>', 'of records of this model')
    .option('--object-id <id>', 'of the record with this id')
    .option('--subject-id <id>', 'about this person')
    .option('--outcome <word>', 'success, failure or denied')
    .option('--search <text>', 'part of a name, label or path')
    .option(
      '--checkpoint <file...>',
      'checkpoints kept elsewhere, or the file of a file anchor, which the log is shown to continue',
    )
    .option('--with-findings', 'write it even where something in it does not verify; ends with 1 then')
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        ['all about one patient', 'indelible bundle --subject-id 42 --output ./patient-42.zip'],
        ['the whole log', 'indelible bundle --all-tenants --output ./evidence'],
      ),
    )
    .action(async (options: GivenOptions) => {
      const settings = await invocation.config();
      try {
        const bundle = await make(settings, options, invocation);
        tell(bundle, options, invocation.terminal);
        if (bundle.findingCount > 0) invocation.exitCode = EXIT_CODES.failed.code;
      } finally {
        await settings.store.close();
      }
    });
}

async function make(settings: Settings, options: GivenOptions, invocation: Invocation): Promise<Bundle> {
  const { timeZone, knowsAction, store } = settings;
  const { output, tenant, allTenants, checkpoint = [], json: _, days, withFindings, ...filter } = options;
  const asked: EventFilter = {
    ...filter,
    ...(days !== undefined && { days: Number(days) }),
    tenantId: allTenants === true ? null : (tenant ?? ''),
  };
  if (allTenants === true && tenant !== undefined)
    throw new AuditError('INVALID_OPTIONS', 'Give --tenant or --all-tenants, not both.');
  const query = parseFilter(asked, { tenantId: '', timeZone, knowsAction, now: Date.now() });
  const keys = keysOf(settings, undefined, invocation);
  const { terminal } = invocation;
  const files = checkpoint.map((file) => checkpointsIn(invocation.path(file), keys, terminal));
  const given = (await Promise.all(files)).flat();
  const anchored = await anchoredNotes(settings, keys, terminal);
  return createBundle({
    store,
    query,
    filter: { ...asked },
    output: invocation.path(output),
    keys,
    key: signingKey(settings),
    anchored: [...given, ...anchored].map(({ note }) => note),
    withFindings,
  });
}

function signingKey({ seal, keys }: Settings): SigningKey | undefined {
  return seal?.key ?? (existsSync(keys.file) ? keyIn(keys.file) : undefined);
}

function tell(bundle: Bundle, { json }: GivenOptions, terminal: Terminal): void {
  const { output, origin, size, counts, isSigned, findingCount } = bundle;
  if (!isSigned)
    terminal.note(
      'There is no signing key here: what is in the bundle can be proved, but not that nothing was left out.',
    );
  if (findingCount > 0)
    terminal.note(
      `It does not verify: ${findingCount} findings, which indelible verify --bundle tells of one by one.`,
    );
  if (json === true) {
    terminal.json({ output, origin, size, counts, is_signed: isSigned, finding_count: findingCount });
    return;
  }
  const { events, sealed, emptied, purged, removals, checkpoints } = counts;
  terminal.line(`${events} events of ${origin} at ${size} leaves, ${events - sealed} of them not sealed yet`);
  terminal.line(`${emptied} without their payload, ${purged} purged; ${removals} removals explain them`);
  terminal.line(`${checkpoints} checkpoints kept elsewhere are continued`);
  terminal.line(output);
}
