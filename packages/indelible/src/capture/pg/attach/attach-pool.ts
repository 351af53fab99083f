import type { Capturing } from '../../capturing.js';
import { Attachment, type AttachParts } from './attachment.js';
import type { PgPoolLike, Pool } from './driver.js';
import { requireDriver, requirePool } from './requirements.js';

/** Has a pool of `pg` capture, in place. */
export function attachPool<P extends PgPoolLike>(
  capturing: Capturing,
  pool: P,
  options: AttachParts = {},
): P {
  requirePool(pool);
  const attachment = new Attachment(capturing, options);
  if (attachment.has(pool, 'pool')) return pool;
  requireDriver(pool.Client, 'pool');
  attachment.pool(pool as unknown as Pool);
  return pool;
}
