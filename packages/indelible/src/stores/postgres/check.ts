import { AuditError } from '../../event/errors.js';
import type { MigrationState, StoreFinding } from '../store.js';
import type { Connection } from './connections.js';

const OLDEST_VERSION = 150_000;
const MONTHS_AHEAD = 3;
/** Rows of the default partition that are counted; beyond, "more than" is enough to know. */
const COUNTED = 1_000;

/** Everything that holds events, and what proves them, by the names that the guard knows them by. */
const GUARDED = `guarded (oid, known_as) AS (
  SELECT relid::oid, 'indelible_event' FROM pg_partition_tree('indelible_event')
  UNION ALL SELECT name::regclass::oid, name
  FROM unnest(ARRAY['indelible_event_subject', 'indelible_seal', 'indelible_node', 'indelible_checkpoint',
    'indelible_deletion']) AS guarded (name))`;

export interface Expected {
  readonly migrations: readonly MigrationState[];
  /** What the guard's function must say. */
  readonly guardBody: string;
}

/** Looks for what would let history be changed or lost, by the catalogue alone: a writer may read nothing else. */
export async function check(
  connection: Connection,
  place: string,
  { migrations, guardBody }: Expected,
): Promise<StoreFinding[]> {
  const missing = migrations.filter(({ applied }) => !applied).map(({ name }) => name);
  if (missing.length > 0) throw notMigrated(place, missing, migrations.length);
  const findings = await guardFunction(connection, guardBody);
  for (const look of [server, writer, guards, months, defaultPartition, searchIndex]) {
    findings.push(...(await look(connection)));
  }
  return findings;
}

function notMigrated(place: string, missing: readonly string[], all: number): AuditError {
  const found = missing.length === all ? 'no migration was applied' : `missing: ${missing.join(', ')}`;
  return new AuditError(
    'STORE_NOT_MIGRATED',
    `The trail in ${place} is not set up (${found}). Run: npx indelible migrate`,
  );
}

async function server(connection: Connection): Promise<StoreFinding[]> {
  const names = [
    'server_version_num',
    'server_version',
    'server_encoding',
    'fsync',
    'full_page_writes',
    'synchronous_commit',
  ];
  const { rows } = await connection.query<{ values: string[] }>(
    'SELECT array_agg(current_setting(name) ORDER BY n) AS values FROM unnest($1::text[]) WITH ORDINALITY AS asked (name, n)',
    [names],
  );
  const setting = Object.fromEntries(names.map((name, i) => [name, rows[0]?.values[i] ?? '']));
  const findings: StoreFinding[] = [];
  if (Number(setting['server_version_num']) < OLDEST_VERSION) {
    findings.push(error(`PostgreSQL ${setting['server_version']} is too old: the trail needs 15 or later.`));
  }
  if (setting['server_encoding'] !== 'UTF8') {
    findings.push(
      error(
        `The database has the encoding ${setting['server_encoding']}, which cannot hold every text: use a database in UTF8.`,
      ),
    );
  }
  for (const name of ['fsync', 'full_page_writes', 'synchronous_commit']) {
    if (setting[name] !== 'off') continue;
    findings.push(
      warning(
        `${name} is off: events that were acknowledged can be lost when the server crashes. Switch it on.`,
      ),
    );
  }
  return findings;
}

async function writer(connection: Connection): Promise<StoreFinding[]> {
  const { rows } = await connection.query<{
    name: string;
    superuser: boolean;
    owner: boolean;
    privileged: boolean;
  }>(
    `WITH ${GUARDED}
    SELECT rolname AS name, rolsuper AS superuser,
      EXISTS (SELECT FROM guarded JOIN pg_class USING (oid) WHERE pg_has_role(pg_roles.oid, relowner, 'MEMBER')) AS owner,
      EXISTS (SELECT FROM guarded WHERE has_table_privilege(pg_roles.oid, guarded.oid, 'UPDATE, DELETE, TRUNCATE')
        OR has_any_column_privilege(pg_roles.oid, guarded.oid, 'UPDATE')) AS privileged
    FROM pg_roles WHERE rolname IN (session_user, current_user)`,
  );
  return rows.flatMap(({ name, superuser, owner, privileged }) => {
    const reason = reasonOf(superuser, owner, privileged);
    return reason === undefined ? [] : [warning(writerMessage(name, reason))];
  });
}

function reasonOf(superuser: boolean, owner: boolean, privileged: boolean): string | undefined {
  if (superuser) return 'it is a superuser';
  if (owner) return 'it owns the tables, by itself or as a member of their owner';
  return privileged ? 'it has the right to UPDATE, DELETE or TRUNCATE' : undefined;
}

function writerMessage(name: string, reason: string): string {
  return `THE WRITER COULD CHANGE HISTORY: the trail is written as the role "${name}", and ${reason}, so it could switch the guards off and rewrite events. Run \`npx indelible migrate --roles\` and connect as a login role that is a member of indelible_writer and of nothing more.`;
}

/** 27: before each row of an UPDATE or DELETE; 34: before a TRUNCATE. */
async function guards(connection: Connection): Promise<StoreFinding[]> {
  const { rows } = await connection.query<{ table: string; guard: string }>(
    `WITH ${GUARDED}
    SELECT guarded.oid::regclass::text AS table, wanted.name AS guard
    FROM guarded CROSS JOIN (VALUES ('indelible_guard', 27), ('indelible_guard_truncate', 34)) AS wanted (name, type)
    LEFT JOIN pg_trigger ON tgrelid = guarded.oid AND tgname = wanted.name AND tgtype = wanted.type
      AND tgenabled = 'A' AND tgqual IS NULL AND cardinality(tgattr::int2[]) = 0
      AND tgfoid = to_regproc('indelible_guard') AND tgargs = known_as::bytea || '\\x00'
    WHERE pg_trigger.oid IS NULL ORDER BY 1, 2`,
  );
  return rows.map(({ table, guard }) =>
    error(
      `The guard ${guard} of ${table} is missing or switched off: events there could be altered without notice. Find out who did it, verify the trail (npx indelible verify), and run: ALTER TABLE ${table} ENABLE ALWAYS TRIGGER ${guard}`,
    ),
  );
}

/** A trigger guards nothing when its function was emptied. */
async function guardFunction(connection: Connection, body: string): Promise<StoreFinding[]> {
  const { rows } = await connection.query(
    `SELECT 1 FROM pg_proc WHERE oid = to_regproc('indelible_guard') AND prosrc = $1 AND proconfig[1] LIKE 'search_path=%'`,
    [body],
  );
  if (rows.length > 0) return [];
  return [
    error(
      'The guards call the function indelible_guard, which is not the one that was migrated: events could be altered without notice. Find out who changed it, verify the trail (npx indelible verify), and put back what the package brings in stores/postgres/migrations.',
    ),
  ];
}

async function months(connection: Connection): Promise<StoreFinding[]> {
  const { rows } = await connection.query<{ month: string }>(
    `SELECT to_char(month, 'YYYY-MM') AS month
    FROM generate_series(0, $1::int) AS n,
      LATERAL (SELECT date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => n) AS month) AS wanted
    WHERE NOT EXISTS (SELECT FROM pg_inherits WHERE inhparent = 'indelible_event'::regclass
      AND inhrelid = to_regclass(to_char(month, '"indelible_event_"YYYY_MM')))
    ORDER BY month`,
    [MONTHS_AHEAD],
  );
  if (rows.length === 0) return [];
  const missing = rows.map(({ month }) => month).join(', ');
  return [
    warning(
      `There is no partition for ${missing}: events of those months go to the default partition, where reading slows down. Run: npx indelible migrate`,
    ),
  ];
}

async function defaultPartition(connection: Connection): Promise<StoreFinding[]> {
  const { rows } = await connection.query<{ size: number; readable: boolean }>(
    `SELECT pg_relation_size(oid)::float8 AS size, has_table_privilege(oid, 'SELECT') AS readable
    FROM pg_class WHERE oid = to_regclass('indelible_event_default')`,
  );
  const [found] = rows;
  if (found === undefined)
    return [
      error(
        'The default partition indelible_event_default is missing: an event of a month that was not made would be refused. Run: SELECT indelible_make_default()',
      ),
    ];
  if (found.size === 0) return [];
  if (!found.readable) return [warning(misplaced('Events lie'))];
  const { rows: counted } = await connection.query<{ count: number }>(
    `SELECT count(*)::int AS count FROM (SELECT FROM indelible_event_default LIMIT ${COUNTED + 1}) AS counted`,
  );
  const count = counted[0]?.count ?? 0;
  if (count === 0) return [];
  return [warning(misplaced(count > COUNTED ? `More than ${COUNTED} events lie` : `${count} event(s) lie`))];
}

function misplaced(what: string): string {
  return `${what} in the default partition, outside every month that was made: a clock was wrong, or months were not made in time. They are safe and found like all others. \`npx indelible migrate\` brings those of the coming months to their place; for a past month run: SELECT indelible_make_partitions('YYYY-MM-01', 1)`;
}

async function searchIndex(connection: Connection): Promise<StoreFinding[]> {
  const { rows } = await connection.query(
    `SELECT 1 FROM pg_class WHERE oid = to_regclass('indelible_event_text')`,
  );
  if (rows.length > 0) return [];
  return [
    warning(
      'The extension pg_trgm is missing, so a search for text reads all rows of its range. Have it installed (Debian: postgresql-contrib) and run: npx indelible migrate',
    ),
  ];
}

function error(message: string): StoreFinding {
  return { severity: 'error', message };
}

function warning(message: string): StoreFinding {
  return { severity: 'warning', message };
}
