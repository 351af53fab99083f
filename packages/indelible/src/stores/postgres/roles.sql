-- Repeatable, unlike the migrations: roles belong to the whole server and may be there or not. Each gets no more
-- than it needs; none but a purge and an erasure, which are functions of the owner, ever changes an event.

-- Two databases of one server may be migrated at the same time, and no lock reaches from one to the other.
DO $$
DECLARE
  role text;
BEGIN
  FOREACH role IN ARRAY ARRAY['indelible_owner', 'indelible_writer', 'indelible_reader', 'indelible_sealer', 'indelible_purger'] LOOP
    BEGIN
      IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN', role);
      END IF;
    EXCEPTION WHEN duplicate_object OR unique_violation THEN
      RAISE NOTICE 'the role % has just been made', role;
    END;
  END LOOP;
  -- Only a member may give a table to a role; a superuser counts as a member of every role.
  IF NOT pg_has_role(current_user, 'indelible_owner', 'USAGE') THEN
    GRANT indelible_owner TO CURRENT_USER;
  END IF;
  EXECUTE format('GRANT USAGE, CREATE ON SCHEMA %I TO indelible_owner', current_schema());
  EXECUTE format('GRANT USAGE ON SCHEMA %I TO indelible_writer, indelible_reader, indelible_sealer, indelible_purger', current_schema());
END
$$;

REVOKE ALL ON indelible_event, indelible_event_subject, indelible_migration,
  indelible_seal, indelible_node, indelible_checkpoint, indelible_head, indelible_rollup,
  indelible_deletion, indelible_view
  FROM PUBLIC, indelible_writer, indelible_reader, indelible_sealer, indelible_purger;

-- The writer gives every column but those that say when an event came: xid and recorded_at.
GRANT INSERT (id, process_n, count, v, action, outcome, source, actor_type, actor_id, tenant_id, target_type, target_id,
  subject_id, process_id, payload_digest, salt, payload, role, ip, actor_text, search_text)
  ON indelible_event TO indelible_writer;
GRANT INSERT ON indelible_event_subject TO indelible_writer;
GRANT EXECUTE ON FUNCTION indelible_conflicts TO indelible_writer;

GRANT SELECT ON indelible_event, indelible_event_subject TO indelible_reader, indelible_sealer, indelible_purger;
GRANT SELECT ON indelible_migration TO indelible_writer, indelible_reader, indelible_sealer, indelible_purger;
GRANT EXECUTE ON FUNCTION indelible_make_partitions TO indelible_sealer;

-- The log is the sealer's to append to; of all its tables only the head and the sums ever change.
GRANT SELECT ON indelible_seal, indelible_node, indelible_checkpoint, indelible_head, indelible_rollup
  TO indelible_reader, indelible_sealer, indelible_purger;
-- Views belong to those who look.
GRANT SELECT, INSERT, UPDATE, DELETE ON indelible_view TO indelible_reader, indelible_sealer, indelible_purger;
GRANT EXECUTE ON FUNCTION indelible_cluster TO indelible_reader, indelible_sealer, indelible_purger;
GRANT INSERT ON indelible_seal, indelible_node, indelible_checkpoint, indelible_rollup TO indelible_sealer;
GRANT UPDATE (size, root, frontier, place) ON indelible_head TO indelible_sealer;
GRANT UPDATE (count) ON indelible_rollup TO indelible_sealer;

-- The purger decides. What it removes goes through a function, which asks for the decision.
GRANT SELECT ON indelible_deletion TO indelible_reader, indelible_sealer, indelible_purger;
GRANT INSERT (event_id, kind, manifest, note) ON indelible_deletion TO indelible_purger;
GRANT EXECUTE ON FUNCTION indelible_hold_changes, indelible_remove, indelible_finish TO indelible_purger;
GRANT EXECUTE ON FUNCTION indelible_leaves TO indelible_reader, indelible_sealer, indelible_purger;

-- Partitions need no grants: events are written and read through their parent. A table that has its owner already is
-- left alone, since giving it away again would lock it.
DO $$
DECLARE
  found record;
BEGIN
  FOR found IN
    SELECT oid::regclass AS name FROM pg_class
    WHERE pg_get_userbyid(relowner) <> 'indelible_owner' AND oid IN (
      SELECT relid FROM pg_partition_tree('indelible_event')
      UNION ALL VALUES ('indelible_event_subject'::regclass), ('indelible_migration'::regclass),
        ('indelible_seal'::regclass), ('indelible_node'::regclass), ('indelible_checkpoint'::regclass),
        ('indelible_head'::regclass), ('indelible_rollup'::regclass), ('indelible_deletion'::regclass),
        ('indelible_view'::regclass))
  LOOP
    EXECUTE format('ALTER TABLE %s OWNER TO indelible_owner', found.name);
  END LOOP;
  FOR found IN
    SELECT oid::regprocedure AS name FROM pg_proc
    WHERE pg_get_userbyid(proowner) <> 'indelible_owner' AND pronamespace = current_schema()::regnamespace
      AND proname IN ('indelible_guard', 'indelible_guard_partition', 'indelible_month_floor', 'indelible_make_default',
        'indelible_make_month', 'indelible_make_partitions', 'indelible_conflicts', 'indelible_index_text', 'indelible_cluster',
        'indelible_leaves', 'indelible_hold_changes', 'indelible_quarter', 'indelible_uncount', 'indelible_remove', 'indelible_finish')
  LOOP
    EXECUTE format('ALTER FUNCTION %s OWNER TO indelible_owner', found.name);
  END LOOP;
END
$$;
