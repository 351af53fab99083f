import type { TestAudit } from '../../test-audit.js';
import type { Signals } from '../signals.js';

/** What the handlers of the kit work with. */
export interface Desk {
  readonly audit: TestAudit;
  readonly signals: Signals;
}
