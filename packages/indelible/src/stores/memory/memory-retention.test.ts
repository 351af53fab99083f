import { afterAll, describe, it } from 'vitest';

import { openMemoryRemoval } from '../../../test/memory-removal.js';
import { removalContract } from '../../testing/removal/removal-contract.js';

removalContract('memory', () => openMemoryRemoval(), { afterAll, describe, it });
