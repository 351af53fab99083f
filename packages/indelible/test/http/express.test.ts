import { afterAll, describe, it } from 'vitest';

import { httpContract } from '../../src/testing/http/http-contract.js';
import { expressBinding } from './express/binding.js';

httpContract('Express 5', { binding: expressBinding }, { afterAll, describe, it });
