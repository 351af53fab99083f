import { sql } from 'kysely';

import type { SelectionDialect } from '../sql/selection.js';
import { DIALECT } from './dialect.js';

export const SELECTION: SelectionDialect = {
  dialect: DIALECT,
  moment: (ms) => sql`${ms}`,
};
