import { afterAll, describe, it } from 'vitest';

import { httpContract } from '../../src/testing/http/http-contract.js';
import { nestBinding } from './nestjs/binding.js';
import { onExpress, onFastify } from './nestjs/platforms.js';

for (const platform of [onExpress, onFastify]) {
  httpContract(platform.name, { binding: nestBinding(platform) }, { afterAll, describe, it });
}
