/** System schemas, whose tables nobody's application writes. */
const OURS = `n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_toast'
  AND (c.relpersistence <> 't' OR n.oid = pg_my_temp_schema())`;

const TABLES = `SELECT c.oid, c.relnamespace, c.relname, c.relkind, c.relpersistence, c.relrowsecurity, c.relispartition,
    n.nspname, has_table_privilege(c.oid, 'SELECT') AS readable,
    has_any_column_privilege(c.oid, 'UPDATE') AS lockable,
    CASE WHEN c.relrowsecurity THEN row_security_active(c.oid) ELSE false END AS secured
  FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'v', 'f') AND ${OURS}`;

const COLUMNS = `SELECT a.attrelid, json_agg(json_build_array(a.attname, a.atttypid::int8, a.atttypmod > 0,
    coalesce(l.collisdeterministic, true), a.attgenerated <> '',
    CASE WHEN a.attgenerated = '' THEN pg_get_expr(d.adbin, d.adrelid) END,
    t.readable OR has_column_privilege(a.attrelid, a.attnum, 'SELECT')) ORDER BY a.attnum) AS columns
  FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid
  LEFT JOIN pg_collation l ON l.oid = a.attcollation
  LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
  WHERE a.attnum > 0 AND NOT a.attisdropped GROUP BY a.attrelid`;

/** A unique index names a row only when it holds every row, no nulls, and at every moment. */
const KEYS = `SELECT DISTINCT ON (i.indrelid) i.indrelid, k.names
  FROM tables t JOIN pg_index i ON i.indrelid = t.oid,
  LATERAL (SELECT json_agg(a.attname ORDER BY u.at) AS names, bool_and(a.attnotnull) AS filled
    FROM unnest(i.indkey::int2[]) WITH ORDINALITY u(number, at)
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = u.number
    WHERE u.at <= i.indnkeyatts) k
  WHERE i.indisunique AND i.indisvalid AND i.indimmediate AND i.indpred IS NULL AND i.indexprs IS NULL AND k.filled
  ORDER BY i.indrelid, i.indisprimary DESC, i.indnkeyatts, i.indexrelid`;

const TRIGGERED = `SELECT DISTINCT g.tgrelid FROM tables t JOIN pg_trigger g ON g.tgrelid = t.oid
  WHERE NOT g.tgisinternal AND g.tgenabled <> 'D' AND g.tgtype & 3 = 3 AND g.tgtype & 20 <> 0`;

/** Policies for reading that differ from those for writing let a role write what it cannot read. */
const SPLIT = `SELECT DISTINCT p.polrelid FROM tables t JOIN pg_policy p ON p.polrelid = t.oid
  WHERE t.secured AND (p.polcmd <> '*' OR p.polwithcheck IS NOT NULL)`;

const HEIRS = `SELECT DISTINCT i.inhparent FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE NOT c.relispartition`;

const RULED = `SELECT DISTINCT w.ev_class FROM tables t JOIN pg_rewrite w ON w.ev_class = t.oid WHERE w.ev_type <> '1'`;

const USED_TYPES = `SELECT DISTINCT a.atttypid AS oid FROM tables t JOIN pg_attribute a ON a.attrelid = t.oid
    WHERE a.attnum > 0 AND NOT a.attisdropped
  UNION SELECT part FROM used JOIN pg_type y ON y.oid = used.oid,
    LATERAL (VALUES (y.typelem), (y.typbasetype)) parts(part) WHERE part <> 0`;

const FOREIGN_KEYS = `SELECT f.conrelid, f.confrelid, f.confdeltype, f.confupdtype,
    (SELECT json_agg(a.attname ORDER BY u.at) FROM unnest(f.conkey) WITH ORDINALITY u(number, at)
      JOIN pg_attribute a ON a.attrelid = f.conrelid AND a.attnum = u.number) AS columns,
    (SELECT json_agg(a.attname ORDER BY u.at) FROM unnest(f.confkey) WITH ORDINALITY u(number, at)
      JOIN pg_attribute a ON a.attrelid = f.confrelid AND a.attnum = u.number) AS referenced,
    (SELECT json_agg(a.attname) FROM pg_attribute a WHERE a.attrelid = f.conrelid
      AND to_jsonb(f) -> 'confdelsetcols' @> to_jsonb(a.attnum)) AS cleared
  FROM tables t JOIN pg_constraint f ON f.conrelid = t.oid
  WHERE f.contype = 'f' AND f.conparentid = 0`;

/** Everything in one question, and each part of the answer as JSON text, so that no driver's parsing matters. */
export const QUESTION: string = `WITH RECURSIVE tables AS MATERIALIZED (${TABLES}),
  columns AS (${COLUMNS}), keys AS (${KEYS}), used AS (${USED_TYPES}), foreign_keys AS (${FOREIGN_KEYS}),
  triggered AS (${TRIGGERED}), split AS (${SPLIT}), heirs AS (${HEIRS}), ruled AS (${RULED})
SELECT current_setting('server_version_num') AS version,
  to_json(current_schemas(false))::text AS schemas,
  (SELECT n.nspname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE p.proname = 'indelible_put'
    ORDER BY array_position(current_schemas(false), n.nspname), n.nspname LIMIT 1) AS put_schema,
  (SELECT nspname FROM tables WHERE relname = 'indelible_outbox'
    ORDER BY array_position(current_schemas(false), nspname), nspname LIMIT 1) AS outbox_schema,
  (SELECT json_agg(json_build_array(t.oid::int8, t.nspname, t.relname, t.relkind, t.relpersistence = 't', c.columns,
      coalesce(k.names, '[]'), i.inhparent::int8, r.ev_class IS NOT NULL, h.inhparent IS NOT NULL,
      g.tgrelid IS NOT NULL, s.polrelid IS NOT NULL, t.secured, t.lockable))::text
    FROM tables t LEFT JOIN columns c ON c.attrelid = t.oid LEFT JOIN keys k ON k.indrelid = t.oid
    LEFT JOIN pg_inherits i ON t.relispartition AND i.inhrelid = t.oid
    LEFT JOIN ruled r ON r.ev_class = t.oid LEFT JOIN heirs h ON h.inhparent = t.oid
    LEFT JOIN triggered g ON g.tgrelid = t.oid LEFT JOIN split s ON s.polrelid = t.oid) AS tables,
  (SELECT json_agg(json_build_array(y.oid::int8, CASE WHEN m.nspname = 'pg_catalog' THEN y.typname END, y.typtype,
      y.typelem::int8, y.typcategory, y.typbasetype::int8))::text
    FROM used JOIN pg_type y ON y.oid = used.oid JOIN pg_namespace m ON m.oid = y.typnamespace) AS types,
  (SELECT json_agg(json_build_array(f.conrelid::int8, f.columns, f.confrelid::int8, f.referenced,
      f.confdeltype, f.confupdtype, f.cleared))::text FROM foreign_keys f) AS foreign_keys`;
