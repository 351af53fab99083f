import type { Ask } from './aside.js';

/** What a connection finds when it is made. */
export interface Greeting {
  /** The schemas in which a name without one is looked for. */
  readonly searchPath: readonly string[];
  /** The function that writes to the outbox, with its schema, as SQL; undefined when it is missing, or may not be called. */
  readonly put: string | undefined;
  readonly version: string;
  /** The process that answers. */
  readonly processId: unknown;
}

export const SEARCH_PATH = 'SELECT array_to_json(current_schemas(false))::text AS path';

const GREETING = `${SEARCH_PATH}, current_setting('server_version') AS version, pg_backend_pid() AS process,
    (SELECT format('%I.%I', nspname, proname)
      FROM pg_catalog.pg_proc JOIN pg_catalog.pg_namespace ON pg_namespace.oid = pronamespace
      WHERE proname = 'indelible_put' AND pronargs = 2 AND proargtypes[0] = 'text'::regtype
        AND has_schema_privilege(pg_namespace.oid, 'USAGE') AND has_function_privilege(pg_proc.oid, 'EXECUTE')
      ORDER BY pg_function_is_visible(pg_proc.oid) DESC, nspname LIMIT 1) AS put`;

export async function greet(ask: Ask): Promise<Greeting> {
  const [row] = await ask(GREETING);
  const put = row?.['put'];
  return {
    searchPath: searchPathOf(row),
    put: typeof put === 'string' ? put : undefined,
    version: String(row?.['version']),
    processId: row?.['process'],
  };
}

export function searchPathOf(row: Readonly<Record<string, unknown>> | undefined): readonly string[] {
  const path: unknown = JSON.parse(String(row?.['path'] ?? '[]'));
  return Array.isArray(path) ? path.map(String) : [];
}
