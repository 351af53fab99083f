import { afterAll, describe, it } from 'vitest';

import { openMemoryLog } from '../../../test/memory-log.js';
import { sealLogContract } from '../../testing/seal-log/seal-log-contract.js';

sealLogContract('memory', () => openMemoryLog(), { afterAll, describe, it });
