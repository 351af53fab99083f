import { afterAll, describe, it } from 'vitest';

import { openSqliteRemoval } from '../../../test/sqlite-removal.js';
import { removalContract } from '../../testing/removal/removal-contract.js';

removalContract('SQLite', openSqliteRemoval, { afterAll, describe, it });
