import type { Catalogue, EmptyCatalogue } from './event/actions.js';
import type { AuditOptions } from './trail/options.js';

export type { AuditOptions };

/**
 * The configuration of a trail, typed, for `indelible.config.ts`: the command line reads it there, and the
 * application gives the same object to `createAudit`.
 *
 * @example
 * ```ts
 * // indelible.config.ts
 * export default defineConfig({ store: createSqliteStore({ path: './audit.db' }) });
 *
 * // in the application
 * const audit = createAudit(config);
 * ```
 */
export function defineConfig<const C extends Catalogue = EmptyCatalogue>(
  config: AuditOptions<C>,
): AuditOptions<C> {
  return config;
}
