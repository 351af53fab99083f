import { existsSync } from 'node:fs';

import type { Command } from 'commander';

import { examples } from './examples.js';
import type { Invocation } from './invocation.js';
import { described, keyFileOf, readKeyFile } from './key-file.js';

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
        ['the keys of this project', 'indelible keys'],
        ['for a program', 'indelible keys list --json'],
      ),
    )
    .action((options: ListOptions) => list(options, invocation));
}

async function list({ file: given, json }: ListOptions, invocation: Invocation): Promise<void> {
  const { terminal } = invocation;
  const file = await keyFileOf(invocation, given);
  const keys = existsSync(file) ? [readKeyFile(file, terminal)] : [];
  if (keys.length === 0) terminal.note(`There is no key in ${file}: make one with indelible keys create.`);
  if (json === true) terminal.json(keys.map((key) => described(key, file)));
  else for (const { name, id } of keys) terminal.line(`${id}  ${name}  ${file}`);
}
