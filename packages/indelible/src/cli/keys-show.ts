import type { Command } from 'commander';

import { examples } from './examples.js';
import type { Invocation } from './invocation.js';
import { described, keyFileOf, readKeyFile } from './key-file.js';

interface ShowOptions {
  readonly file?: string;
  readonly json?: boolean;
}

export function addKeysShow(keys: Command, invocation: Invocation): void {
  keys
    .command('show')
    .description('Print the verifier key, which an auditor needs and which may be given to anyone.')
    .option('--file <file>', "the key file (default: the configuration's keys.file, else indelible.key)")
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        ['write it to a file for the auditor', 'indelible keys show > audit.verifier'],
        ['of a key kept elsewhere', 'indelible keys show --file /etc/audit.key'],
      ),
    )
    .action(async ({ file: given, json }: ShowOptions) => {
      const file = await keyFileOf(invocation, given);
      const key = readKeyFile(file, invocation.terminal);
      if (json === true) invocation.terminal.json(described(key, file));
      else invocation.terminal.line(key.verifierKey);
    });
}
