import type { Command } from 'commander';

import { examples } from './examples.js';
import type { Invocation } from './invocation.js';
import { keyFileOf, readKeyFile } from './key-file.js';

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
        ['indelible keys show > audit.verifier', 'write it to a file for the auditor'],
        ['indelible keys show --file /etc/indelible/audit.key', 'of a key kept elsewhere'],
      ),
    )
    .action(async ({ file: given, json }: ShowOptions) => {
      const file = await keyFileOf(invocation, given);
      const { name, id, verifierKey } = readKeyFile(file);
      if (json === true) invocation.terminal.json({ name, id, file, verifier_key: verifierKey });
      else invocation.terminal.line(verifierKey);
    });
}
