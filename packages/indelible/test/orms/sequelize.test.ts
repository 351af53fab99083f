import { afterAll, describe, it } from 'vitest';

import { holdToContract } from './hold-to-contract.js';
import { sequelizeBinding } from './sequelize/binding.js';

holdToContract(sequelizeBinding, { afterAll, describe, it });
