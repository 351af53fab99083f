import type { Capturing } from '../../capturing.js';
import { Attachment, type AttachOptions } from './attachment.js';
import type { PgPoolLike, Pool } from './driver.js';
import { refused, requireDriver, requirePool } from './requirements.js';

/** Has a pool of `pg` capture, in place. It must not have connected yet. */
export function attachPool<P extends PgPoolLike>(
  capturing: Capturing,
  pool: P,
  options: AttachOptions = {},
): P {
  requirePool(pool);
  const attachment = new Attachment(capturing, options);
  if (attachment.has(pool, 'pool')) return pool;
  requireDriver(pool.Client, 'pool');
  if (pool.totalCount > 0)
    throw refused(
      `This pool has ${pool.totalCount} connections already, whose changes would not be captured. ` +
        'Attach it directly after it is made, before its first query.',
    );
  attachment.pool(pool as unknown as Pool);
  return pool;
}
