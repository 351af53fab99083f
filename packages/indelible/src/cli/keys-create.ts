import { type Command, InvalidArgumentError } from 'commander';

import { messageOf } from '../event/errors.js';
import { checkKeyName, SigningKey } from '../integrity/note-key.js';
import { examples } from './examples.js';
import type { Invocation } from './invocation.js';
import { described, keyFileOf, writeKeyFile } from './key-file.js';

interface CreateOptions {
  readonly name: string;
  readonly file?: string;
  readonly json?: boolean;
}

export function addKeysCreate(keys: Command, invocation: Invocation): void {
  keys
    .command('create')
    .description('Make a signing key. Its file is readable by its owner only, and is never overwritten.')
    .requiredOption('--name <origin>', 'what the key signs for, such as example.com/audit', keyName)
    .option('--file <file>', "where to write it (default: the configuration's keys.file, else indelible.key)")
    .option('--json', 'print JSON')
    .addHelpText(
      'after',
      examples(
        ['make the key of this project', 'indelible keys create --name example.com/audit'],
        ['keep it elsewhere', 'indelible keys create --name example.com/audit --file /etc/audit.key'],
      ),
    )
    .action(async ({ name, file: given, json }: CreateOptions) => {
      const { terminal } = invocation;
      const file = await keyFileOf(invocation, given);
      const key = SigningKey.create(name);
      writeKeyFile(file, key);
      if (json === true) return terminal.json(described(key, file));
      terminal.line(
        `The key ${key.id} of ${name} is in ${file}: keep it secret, out of version control, and backed up.`,
      );
      terminal.line('With this line anyone can check what it signs:');
      terminal.line(key.verifierKey);
    });
}

function keyName(name: string): string {
  try {
    checkKeyName(name);
    return name;
  } catch (error) {
    throw new InvalidArgumentError(messageOf(error));
  }
}
