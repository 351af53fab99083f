import { afterAll, describe, it } from 'vitest';

import { httpContract } from '../../src/testing/http/http-contract.js';
import { koaBinding } from './koa/binding.js';

httpContract('Koa 3', { binding: koaBinding }, { afterAll, describe, it });
