import { afterAll, describe, it } from 'vitest';

import { holdToContract } from './hold-to-contract.js';
import { typeOrmBinding } from './typeorm/binding.js';

holdToContract(typeOrmBinding, { afterAll, describe, it });
