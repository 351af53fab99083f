import { existsSync } from 'node:fs';

import type { Command } from 'commander';

import { examples } from './examples.js';
import type { Invocation } from './invocation.js';
import { isReadableByOthers, keyFileOf, readKeyFile } from './key-file.js';

interface ListOptions {
  readonly file?: string;
  readonly json?: boolean;
}

export function addKeysList(keys: Command, invocation: Invocation): void {
  keys
    .command('list', { isDefault: true })
    .description('List the keys: name, id, file. What is secret in them is never shown.')
    .option('--file <file>', "the key file (default: the configuration's keys.file, else indelible.key)")
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        ['indelible keys', 'the keys of this project'],
        ['indelible keys list --json', 'for a program'],
      ),
    )
    .action(async ({ file: given, json }: ListOptions) => {
      const { terminal } = invocation;
      const file = await keyFileOf(invocation, given);
      const found = existsSync(file) ? [readKeyFile(file)] : [];
      if (json === true) {
        terminal.json(
          found.map(({ name, id, verifierKey }) => ({ name, id, file, verifier_key: verifierKey })),
        );
      } else for (const { name, id } of found) terminal.line(`${id}  ${name}  ${file}`);
      if (found.length === 0)
        terminal.note(`There is no key in ${file}: make one with indelible keys create.`);
      else if (isReadableByOthers(file)) terminal.note(`Others may read ${file}: run chmod 600 on it.`);
    });
}
