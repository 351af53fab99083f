import { afterAll, describe, it } from 'vitest';

import { drizzle } from './drizzle/binding.js';
import { holdToContract } from './hold-to-contract.js';

holdToContract(drizzle, { afterAll, describe, it });
