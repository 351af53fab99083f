import { afterAll, describe, it } from 'vitest';

import { holdToContract } from './hold-to-contract.js';
import { prismaBinding } from './prisma/binding.js';

holdToContract(prismaBinding, { afterAll, describe, it });
