import type { Command } from 'commander';

import { examples } from './examples.js';
import type { Invocation } from './invocation.js';
import { addKeysCreate } from './keys-create.js';
import { addKeysList } from './keys-list.js';
import { addKeysShow } from './keys-show.js';

export function addKeys(program: Command, invocation: Invocation): void {
  const keys = program
    .command('keys')
    .description('The Ed25519 keys that sign the checkpoints of the trail.')
    .helpCommand(false)
    .addHelpText(
      'after',
      examples(
        ['list them', 'indelible keys'],
        ['make the first', 'indelible keys create --name example.com/audit'],
      ),
    );
  addKeysList(keys, invocation);
  addKeysCreate(keys, invocation);
  addKeysShow(keys, invocation);
}
