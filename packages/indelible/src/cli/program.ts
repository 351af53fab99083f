import { readFileSync } from 'node:fs';

import { Command } from 'commander';

import { addBaseline } from './baseline.js';
import { addBundle } from './bundle.js';
import { examples } from './examples.js';
import { EXIT_CODES } from './exit-codes.js';
import { CONFIG_NAMES } from './find-config.js';
import type { Invocation } from './invocation.js';
import { addKeys } from './keys.js';
import { addMigrate } from './migrate.js';
import { addVerify } from './verify.js';

const CONFIGURATION = `
Configuration:
  The first of ${CONFIG_NAMES.join(', ')} in
  the working directory or above, up to the folder of the nearest package.json.
  A path in it counts from that folder, one on the command line from here.`;

const ENDINGS = Object.values(EXIT_CODES).map(({ code, meaning }) => `  ${code}  ${meaning}`);

/** The command line with all its commands. */
export function createProgram(invocation: Invocation): Command {
  const program = new Command('indelible')
    .description('The audit trail for TypeScript applications: the work of its operator.')
    .version(version(), '-V, --version', 'print the version')
    .helpOption('-h, --help', 'print this help')
    .helpCommand(false)
    .option('--config <file>', 'the configuration to use instead of the one that is found')
    .option('--debug', 'show the stack of an error too')
    .configureHelp({ showGlobalOptions: true })
    .exitOverride()
    .hook('preAction', (root) => {
      invocation.configFile = root.opts<{ config?: string }>().config;
    })
    .configureOutput({ outputError: (message) => refuse(invocation, message) })
    .addHelpText('after', `${CONFIGURATION}\n\nExit codes:\n${ENDINGS.join('\n')}`)
    .addHelpText(
      'after',
      examples(
        ["make the trail's tables, or bring them up to date", 'indelible migrate'],
        ['make the key that signs the trail', 'indelible keys create --name example.com/audit'],
      ),
    );
  addMigrate(program, invocation);
  addBaseline(program, invocation);
  addKeys(program, invocation);
  addVerify(program, invocation);
  addBundle(program, invocation);
  return program;
}

function refuse({ terminal }: Invocation, message: string): void {
  terminal.failure('USAGE', `${message.trim().replace(/^error: |\.$/g, '')}. See indelible --help.`);
}

function version(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(text) as { version: string }).version;
}
