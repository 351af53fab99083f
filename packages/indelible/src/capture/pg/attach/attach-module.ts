import type { Capturing } from '../../capturing.js';
import { Attachment, type AttachParts } from './attachment.js';
import type { ClientClass, PgModuleLike, PoolClass } from './driver.js';
import { requireDriver } from './requirements.js';

/**
 * The `pg` module with a Client and a Pool that capture, for whoever takes the whole module: `driver` of
 * TypeORM, `dialectModule` of Sequelize.
 */
export function attachModule<M extends PgModuleLike>(
  capturing: Capturing,
  pg: M,
  options: AttachParts = {},
): M {
  const attachment = new Attachment(capturing, options);
  if (attachment.has(pg, 'module')) return pg;
  const { Client, Pool } = pg as unknown as { Client: ClientClass; Pool: PoolClass };
  requireDriver(Client, 'module');
  const parts = { Client: attachment.clientClass(Client), Pool: attachment.poolClass(Pool) };
  const module = { ...pg, ...parts };
  // An ES module holds itself once more; whoever prefers that one must not go past us.
  if ('default' in module) Object.assign(module, { default: { ...(module.default as object), ...parts } });
  attachment.claim(module);
  return module;
}
