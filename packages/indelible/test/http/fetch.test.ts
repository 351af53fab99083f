import { afterAll, describe, it } from 'vitest';

import { httpContract } from '../../src/testing/http/http-contract.js';
import { fetchBinding } from './fetch/binding.js';

httpContract('fetch', { binding: fetchBinding }, { afterAll, describe, it });
