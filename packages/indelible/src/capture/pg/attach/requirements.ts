import { AuditError } from '../../../event/errors.js';

/** Refuses what is no pool of `pg`, such as the function that postgres.js makes. */
export function requirePool(pool: unknown): void {
  const isPool =
    typeof pool === 'object' &&
    pool !== null &&
    'Client' in pool &&
    'totalCount' in pool &&
    'connect' in pool &&
    typeof pool.connect === 'function';
  if (isPool) return;
  throw refused(
    'This is no Pool of pg. On PostgreSQL changes are captured through pg (npm install pg); ' +
      'postgres.js and drivers over HTTP cannot be attached.',
  );
}

/** Refuses the native client, and others that hide the messages of the server. */
export function requireDriver(Client: unknown, what: string): void {
  const Query: unknown = typeof Client === 'function' ? Reflect.get(Client, 'Query') : undefined;
  const methods: unknown = typeof Query === 'function' ? Query.prototype : undefined;
  if (typeof methods === 'object' && methods !== null && 'handleDataRow' in methods) return;
  throw refused(
    `This ${what} is not made by the pg driver in JavaScript. Take that one, and not pg.native or a driver like it.`,
  );
}

export function refused(message: string): AuditError {
  return new AuditError('INVALID_OPTIONS', message);
}
