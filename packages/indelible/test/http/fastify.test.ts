import { afterAll, describe, it } from 'vitest';

import { httpContract } from '../../src/testing/http/http-contract.js';
import { fastifyBinding } from './fastify/binding.js';

httpContract('Fastify 5', { binding: fastifyBinding }, { afterAll, describe, it });
