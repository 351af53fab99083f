import type { Client } from 'pg';

/** Months change with the calendar, and are like the default partition. */
const SHOWN = String.raw`relname ~ '^indelible_' AND relname !~ '^indelible_event_\d{4}_\d\d'`;

const TABLES = `
  SELECT relname AS name, 'TABLE ' || relname || coalesce(' PARTITION BY ' || pg_get_partkeydef(oid), '')
    || coalesce(' PARTITION OF indelible_event ' || pg_get_expr(relpartbound, oid), '') || ' OWNER ' || pg_get_userbyid(relowner) AS line
  FROM pg_class WHERE relkind IN ('r', 'p') AND ${SHOWN} ORDER BY relname`;

const COLUMNS = `
  SELECT format('  %s %s%s%s%s', attname, format_type(atttypid, atttypmod),
    (SELECT format(' COLLATE %I', collname) FROM pg_collation JOIN pg_type ON pg_type.oid = atttypid
      WHERE pg_collation.oid = attcollation AND attcollation <> typcollation),
    CASE WHEN attnotnull THEN ' NOT NULL' END,
    ' DEFAULT ' || pg_get_expr(adbin, adrelid)) AS line
  FROM pg_attribute LEFT JOIN pg_attrdef ON adrelid = attrelid AND adnum = attnum
  WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum`;

/** From 18 on NOT NULL is a constraint with a name, too; it is shown with its column. */
const CONSTRAINTS = `
  SELECT format('  CONSTRAINT %s %s', conname, pg_get_constraintdef(oid)) AS line
  FROM pg_constraint WHERE conrelid = $1::regclass AND contype <> 'n' ORDER BY conname`;

const INDEXES = `
  SELECT '  ' || pg_get_indexdef(indexrelid) AS line FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid
  WHERE indrelid = $1::regclass ORDER BY relname`;

const TRIGGERS = `
  SELECT format('  %s: %s', CASE tgenabled WHEN 'A' THEN 'ALWAYS' ELSE tgenabled::text END, pg_get_triggerdef(oid)) AS line
  FROM pg_trigger WHERE tgrelid = $1::regclass AND NOT tgisinternal ORDER BY tgname`;

/** What the owner may do differs between versions and says nothing. */
const GRANTS = `
  SELECT DISTINCT format('  GRANT %s%s TO %s', privilege_type, ' (' || attname || ')', CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(grantee) END) AS line
  FROM (
    SELECT NULL AS attname, (aclexplode(relacl)).*, relowner AS owner FROM pg_class WHERE oid = $1::regclass
    UNION ALL
    SELECT attname, (aclexplode(attacl)).*, 0 FROM pg_attribute WHERE attrelid = $1::regclass
  ) AS granted WHERE grantee <> owner OR owner = 0`;

const FUNCTIONS = `
  SELECT pg_get_functiondef(oid) || format(E'  OWNER %s%s\\n', pg_get_userbyid(proowner), (
      SELECT string_agg(format(E'\\n  GRANT %s TO %s', privilege_type, CASE grantee WHEN 0 THEN 'PUBLIC' ELSE pg_get_userbyid(grantee) END), '' ORDER BY grantee::regrole::text COLLATE "C")
      FROM aclexplode(coalesce(proacl, acldefault('f', proowner))) WHERE grantee <> proowner)) AS line
  FROM pg_proc WHERE proname ~ '^indelible_' ORDER BY proname`;

/** The schema as the catalogue has it, in a form that is the same on every version of the server. */
export async function dumpSchema(client: Client): Promise<string> {
  const sections: string[] = [];
  for (const { name, line } of (await client.query<{ name: string; line: string }>(TABLES)).rows) {
    const parts = name === 'indelible_event_default' ? [TRIGGERS] : [COLUMNS, CONSTRAINTS, INDEXES, TRIGGERS];
    const grants = (await lines(client, [GRANTS], name)).sort();
    sections.push([line, ...(await lines(client, parts, name)), ...grants].join('\n'));
  }
  const { rows } = await client.query<{ line: string }>(FUNCTIONS);
  return [...sections, ...rows.map((row) => row.line.trimEnd())].join('\n\n');
}

async function lines(client: Client, queries: readonly string[], table: string): Promise<string[]> {
  const found: string[] = [];
  for (const query of queries) {
    const { rows } = await client.query<{ line: string }>(query, [table]);
    found.push(...rows.map(({ line }) => line));
  }
  return found;
}
