import type { Audit } from '../../../src/trail/create-audit.js';
import type { Ground } from '../ground.js';

/** How an ORM is opened. */
export interface Way {
  readonly database: Ground['database'];
  readonly url: string;
  /** True when the ORM names its statements, so that the server keeps their plans; the engine keeps the names. */
  readonly isPrepared: boolean;
  /** False when capture must not name what it sends, as behind a pooler; its own choice otherwise. */
  readonly prepare?: false | undefined;
  /** The trail that captures; undefined for the ORM as it is. */
  readonly audit: Audit | undefined;
}
