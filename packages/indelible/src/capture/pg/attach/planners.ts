import type { Capturing } from '../../capturing.js';
import { loadCatalogue } from '../catalogue/load.js';
import { Planner } from '../planner.js';
import type { Ask } from './aside.js';
import type { Planners } from './database.js';

const TABLES = `SELECT nspname::text AS schema, relname::text AS name
  FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace ON pg_namespace.oid = relnamespace
  WHERE relkind IN ('r', 'p') AND NOT relispartition AND relpersistence <> 't'
    AND nspname NOT IN ('pg_catalog', 'information_schema') AND nspname !~ '^pg_toast'`;

/** Reads the catalogue of a database and makes planners of it. */
export async function loadPlanners(capturing: Capturing, ask: Ask): Promise<Planners> {
  const catalogue = await loadCatalogue(async (text, params) => ({ rows: await ask(text, params) }));
  const first = new Planner(catalogue, capturing);
  const planners = new Map([[keyOf(catalogue.schemas), first]]);
  return {
    planner(schemas) {
      const planner = planners.get(keyOf(schemas)) ?? first.withSearchPath(schemas);
      planners.set(keyOf(schemas), planner);
      return planner;
    },
    async count() {
      const rows = await ask(TABLES);
      return rows.filter(
        ({ schema, name }) =>
          capturing.tables.rulesOf({ schema: String(schema), name: String(name) }) !== undefined,
      ).length;
    },
  };
}

function keyOf(schemas: readonly string[]): string {
  return JSON.stringify(schemas);
}
