import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';

import { type Command, Option } from 'commander';

import { AuditError } from '../event/errors.js';
import type { Settings } from '../trail/options.js';
import type { VerifyOptions } from '../verify/options.js';
import { readResumeState, type ResumeState } from '../verify/resume.js';
import { verifyEvent } from '../verify/verify-event.js';
import { verifyTrail } from '../verify/verify.js';
import { anchoredNotes } from './anchored-notes.js';
import { examples } from './examples.js';
import { EXIT_CODES, exitCodeOf } from './exit-codes.js';
import { checkpointsIn } from './given-checkpoints.js';
import type { Invocation } from './invocation.js';
import { verifyBundleAt } from './verify-bundle.js';
import { keysOf } from './verify-keys.js';
import { Progress } from './verify-progress.js';
import { tellEvent, tellTrail } from './verify-report.js';

interface GivenOptions {
  readonly bundle?: string;
  readonly event?: string;
  readonly from?: string;
  readonly to?: string;
  readonly key?: readonly string[];
  readonly checkpoint?: readonly string[];
  readonly origin?: string;
  readonly floorDays?: string;
  readonly show: string;
  readonly resume?: string;
  readonly json?: boolean;
}

export function addVerify(program: Command, invocation: Invocation): void {
  program
    .command('verify')
    .description(
      'Prove that nothing in the trail was altered, removed or slipped in: every event, leaf and signed checkpoint is computed anew. Ends with 1 when something is wrong, and with 3 when it could not be verified.',
    )
    .option('--event <id>', 'one event, and the proof that it is in the log')
    .option('--from <time>', 'only what was sealed from then on (2026-03-14, or RFC 3339)')
    .option('--to <time>', 'only what was sealed up to then')
    .option(
      '--key <key...>',
      "verifier keys, or files of keys (default: the configuration's keys.file and keys.previous)",
    )
    .option(
      '--checkpoint <file...>',
      'checkpoints that were kept elsewhere, or the file of a file anchor: the log must continue them',
    )
    .option('--origin <name>', 'the name that the log must have')
    .option('--floor-days <days>', 'the least age that anything may have been purged at')
    .option('--show <n>', 'how many violations are told of one by one', '20')
    .addOption(
      new Option(
        '--resume <file>',
        'go on where this file says that a verification was broken off; it is written meanwhile',
      ).conflicts(['event', 'from', 'to']),
    )
    .addOption(
      new Option('--bundle <path>', 'an evidence bundle instead of the trail: no store is needed').conflicts([
        'event',
        'from',
        'to',
        'checkpoint',
        'origin',
        'floorDays',
        'resume',
      ]),
    )
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        [
          'the whole trail, by a key and a checkpoint kept elsewhere',
          'indelible verify --key a.vkey --checkpoint b',
        ],
        ['one event', 'indelible verify --event 019a6e2b-7c00-7abc-8def-001122334455'],
      ),
    )
    .action((options: GivenOptions) => run(options, invocation));
}

/** A trail that cannot be read is not one that was altered: nothing is known of it. */
async function run(options: GivenOptions, invocation: Invocation): Promise<void> {
  try {
    if (options.bundle === undefined) await verify(options, invocation);
    else await verifyBundleAt(options.bundle, options, invocation);
  } catch (error) {
    if (!(error instanceof AuditError) || exitCodeOf(error) === EXIT_CODES.usage.code) throw error;
    invocation.terminal.failure(error.code, `Nothing was verified. ${error.message}`);
    invocation.exitCode = EXIT_CODES.pending.code;
  }
}

async function verify(options: GivenOptions, invocation: Invocation): Promise<void> {
  const settings = await invocation.config();
  try {
    const given = await optionsOf(settings, options, invocation);
    if (options.event === undefined) await trail(settings, given, options, invocation);
    else await event(settings, given, options.event, options, invocation);
  } finally {
    await settings.store.close();
  }
}

async function trail(
  { store }: Settings,
  given: VerifyOptions,
  { resume, json, show }: GivenOptions,
  invocation: Invocation,
): Promise<void> {
  const { terminal } = invocation;
  const file = resume === undefined ? undefined : invocation.path(resume);
  const progress = new Progress(terminal, process.stderr.isTTY);
  const found = await verifyTrail(store, {
    ...given,
    resume: file === undefined ? undefined : stateIn(file),
    onState: file === undefined ? undefined : (state) => keep(file, state),
    onProgress: (verified, of) => progress.tell(verified, of),
  });
  if (file !== undefined) rmSync(file, { force: true });
  if (json === true) terminal.json(found);
  else tellTrail(found, Number(show), terminal);
  if (found.violationCount > 0) invocation.exitCode = EXIT_CODES.failed.code;
  else if (!found.isGood) invocation.exitCode = EXIT_CODES.pending.code;
}

async function event(
  { store }: Settings,
  given: VerifyOptions,
  id: string,
  { json }: GivenOptions,
  invocation: Invocation,
): Promise<void> {
  const found = await verifyEvent(store, id, given);
  if (json === true) invocation.terminal.json(found);
  else tellEvent(found, invocation.terminal);
  if (!found.isGood) invocation.exitCode = EXIT_CODES.failed.code;
  else if (found.verdict === 'PENDING') invocation.exitCode = EXIT_CODES.pending.code;
}

async function optionsOf(
  settings: Settings,
  options: GivenOptions,
  invocation: Invocation,
): Promise<VerifyOptions> {
  const { from, to, origin, floorDays, checkpoint = [], show } = options;
  const keys = keysOf(settings, options.key, invocation);
  const { terminal } = invocation;
  const anchored = await anchoredNotes(settings, keys, terminal);
  const files = checkpoint.map((file) => checkpointsIn(invocation.path(file), keys, terminal));
  return {
    keys,
    origin,
    from,
    to,
    floorDays: floorDays === undefined ? undefined : numberIn('--floor-days', floorDays),
    most: Math.max(numberIn('--show', show), 1),
    knownCheckpoints: [...anchored, ...(await Promise.all(files)).flat()],
  };
}

function numberIn(option: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new AuditError('INVALID_OPTIONS', `${option} takes a whole number, and was given ${text}.`);
}

/** A file that is not there, or is no such state, begins a verification anew. */
function stateIn(file: string): ResumeState | undefined {
  const isThere = statSync(file, { throwIfNoEntry: false }) !== undefined;
  return isThere ? readResumeState(readFileSync(file, 'utf8')) : undefined;
}

/** Written beside and moved: whoever breaks off meanwhile finds the state before. */
function keep(file: string, state: ResumeState): void {
  writeFileSync(`${file}.new`, JSON.stringify(state), { mode: 0o600 });
  renameSync(`${file}.new`, file);
}
