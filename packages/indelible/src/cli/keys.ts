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
        ['indelible keys', 'list them'],
        ['indelible keys create --name example.com/audit', 'make the first'],
      ),
    );
  addKeysList(keys, invocation);
  addKeysCreate(keys, invocation);
  addKeysShow(keys, invocation);
}
