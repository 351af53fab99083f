import type { ClinicAudit } from './audit.js';
import type { Acts } from './database/acts.js';
import type { Db } from './database/clinic-database.js';
import type { Directory } from './users/directory.js';

/** What every part of the clinic works with. */
export interface ClinicParts {
  readonly audit: ClinicAudit;
  readonly db: Db;
  readonly acts: Acts;
  readonly directory: Directory;
}
