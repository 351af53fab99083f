import { afterAll, describe, it } from 'vitest';

import { kysely } from './kysely/binding.js';
import { holdToContract } from './hold-to-contract.js';

holdToContract(kysely, { afterAll, describe, it });
