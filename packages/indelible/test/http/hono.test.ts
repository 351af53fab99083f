import { afterAll, describe, it } from 'vitest';

import { httpContract } from '../../src/testing/http/http-contract.js';
import { honoBinding } from './hono/binding.js';

httpContract('Hono 4', { binding: honoBinding }, { afterAll, describe, it });
