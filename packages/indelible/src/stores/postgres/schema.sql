-- What the migrations and roles make, for reading; partitions of months are left out. Do not edit. To write it
-- anew: npx vitest run packages/indelible/src/stores/postgres/schema.test.ts -u

TABLE indelible_checkpoint OWNER indelible_owner
  place bigint NOT NULL
  size bigint NOT NULL
  sealed_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
  note text NOT NULL
  CONSTRAINT indelible_checkpoint_pkey PRIMARY KEY (place)
  CREATE UNIQUE INDEX indelible_checkpoint_pkey ON public.indelible_checkpoint USING btree (place)
  ALWAYS: CREATE TRIGGER indelible_guard BEFORE DELETE OR UPDATE ON public.indelible_checkpoint FOR EACH ROW EXECUTE FUNCTION indelible_guard('indelible_checkpoint')
  ALWAYS: CREATE TRIGGER indelible_guard_truncate BEFORE TRUNCATE ON public.indelible_checkpoint FOR EACH STATEMENT EXECUTE FUNCTION indelible_guard('indelible_checkpoint')
  GRANT INSERT TO indelible_sealer
  GRANT SELECT TO indelible_purger
  GRANT SELECT TO indelible_reader
  GRANT SELECT TO indelible_sealer

TABLE indelible_deletion OWNER indelible_owner
  event_id uuid NOT NULL
  xid xid8
  decided_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
  done_at timestamp with time zone
  kind text COLLATE "C" NOT NULL
  note text NOT NULL
  manifest text NOT NULL
  CONSTRAINT indelible_deletion_kind CHECK ((kind = ANY (ARRAY['purge'::text, 'erase'::text])))
  CONSTRAINT indelible_deletion_pkey PRIMARY KEY (event_id)
  CREATE UNIQUE INDEX indelible_deletion_pkey ON public.indelible_deletion USING btree (event_id)
  CREATE INDEX indelible_deletion_xid ON public.indelible_deletion USING btree (xid, kind) WHERE (xid IS NOT NULL)
  ALWAYS: CREATE TRIGGER indelible_guard BEFORE DELETE OR UPDATE ON public.indelible_deletion FOR EACH ROW EXECUTE FUNCTION indelible_guard('indelible_deletion')
  ALWAYS: CREATE TRIGGER indelible_guard_truncate BEFORE TRUNCATE ON public.indelible_deletion FOR EACH STATEMENT EXECUTE FUNCTION indelible_guard('indelible_deletion')
  GRANT INSERT (event_id) TO indelible_purger
  GRANT INSERT (kind) TO indelible_purger
  GRANT INSERT (manifest) TO indelible_purger
  GRANT INSERT (note) TO indelible_purger
  GRANT SELECT TO indelible_purger
  GRANT SELECT TO indelible_reader
  GRANT SELECT TO indelible_sealer

TABLE indelible_event PARTITION BY RANGE (id) OWNER indelible_owner
  id uuid NOT NULL
  xid xid8 NOT NULL DEFAULT pg_current_xact_id()
  recorded_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
  process_n bigint
  count bigint
  v smallint NOT NULL
  action text COLLATE "C" NOT NULL
  outcome text COLLATE "C" NOT NULL
  source text COLLATE "C" NOT NULL
  actor_type text COLLATE "C" NOT NULL
  actor_id text COLLATE "C"
  tenant_id text COLLATE "C" NOT NULL DEFAULT ''::text
  target_type text COLLATE "C"
  target_id text COLLATE "C"
  subject_id text COLLATE "C"
  process_id text COLLATE "C"
  payload_digest bytea NOT NULL
  salt bytea
  payload text
  role text COLLATE "C"
  ip text COLLATE "C"
  actor_text text COLLATE "C"
  search_text text COLLATE "C"
  CONSTRAINT indelible_event_digest CHECK ((octet_length(payload_digest) = 32))
  CONSTRAINT indelible_event_pkey PRIMARY KEY (id)
  CREATE INDEX indelible_event_action ON ONLY public.indelible_event USING btree (action, tenant_id, id)
  CREATE INDEX indelible_event_actor ON ONLY public.indelible_event USING btree (actor_id, tenant_id, id)
  CREATE INDEX indelible_event_ip ON ONLY public.indelible_event USING btree (ip, tenant_id, id) WHERE (ip IS NOT NULL)
  CREATE INDEX indelible_event_outcome ON ONLY public.indelible_event USING btree (outcome, tenant_id, id) WHERE (outcome <> 'success'::text)
  CREATE UNIQUE INDEX indelible_event_pkey ON ONLY public.indelible_event USING btree (id)
  CREATE INDEX indelible_event_recorded ON ONLY public.indelible_event USING brin (recorded_at) WITH (autosummarize='on')
  CREATE INDEX indelible_event_role ON ONLY public.indelible_event USING btree (role, tenant_id, id) WHERE (role IS NOT NULL)
  CREATE INDEX indelible_event_source ON ONLY public.indelible_event USING btree (source, tenant_id, id)
  CREATE INDEX indelible_event_subject_id ON ONLY public.indelible_event USING btree (subject_id, tenant_id, id) WHERE (subject_id IS NOT NULL)
  CREATE INDEX indelible_event_target_id ON ONLY public.indelible_event USING btree (target_id, tenant_id, id) WHERE (target_id IS NOT NULL)
  CREATE INDEX indelible_event_target_type ON ONLY public.indelible_event USING btree (target_type, tenant_id, id)
  CREATE INDEX indelible_event_tenant ON ONLY public.indelible_event USING btree (tenant_id, id) WHERE (tenant_id <> ''::text)
  CREATE INDEX indelible_event_text ON ONLY public.indelible_event USING gin (actor_text gin_trgm_ops, search_text gin_trgm_ops)
  CREATE INDEX indelible_event_xid ON ONLY public.indelible_event USING btree (xid)
  ALWAYS: CREATE TRIGGER indelible_guard BEFORE DELETE OR UPDATE ON public.indelible_event FOR EACH ROW EXECUTE FUNCTION indelible_guard('indelible_event')
  ALWAYS: CREATE TRIGGER indelible_guard_truncate BEFORE TRUNCATE ON public.indelible_event FOR EACH STATEMENT EXECUTE FUNCTION indelible_guard('indelible_event')
  GRANT INSERT (action) TO indelible_writer
  GRANT INSERT (actor_id) TO indelible_writer
  GRANT INSERT (actor_text) TO indelible_writer
  GRANT INSERT (actor_type) TO indelible_writer
  GRANT INSERT (count) TO indelible_writer
  GRANT INSERT (id) TO indelible_writer
  GRANT INSERT (ip) TO indelible_writer
  GRANT INSERT (outcome) TO indelible_writer
  GRANT INSERT (payload) TO indelible_writer
  GRANT INSERT (payload_digest) TO indelible_writer
  GRANT INSERT (process_id) TO indelible_writer
  GRANT INSERT (process_n) TO indelible_writer
  GRANT INSERT (role) TO indelible_writer
  GRANT INSERT (salt) TO indelible_writer
  GRANT INSERT (search_text) TO indelible_writer
  GRANT INSERT (source) TO indelible_writer
  GRANT INSERT (subject_id) TO indelible_writer
  GRANT INSERT (target_id) TO indelible_writer
  GRANT INSERT (target_type) TO indelible_writer
  GRANT INSERT (tenant_id) TO indelible_writer
  GRANT INSERT (v) TO indelible_writer
  GRANT SELECT TO indelible_purger
  GRANT SELECT TO indelible_reader
  GRANT SELECT TO indelible_sealer

TABLE indelible_event_default PARTITION OF indelible_event DEFAULT OWNER indelible_owner
  ALWAYS: CREATE TRIGGER indelible_guard BEFORE DELETE OR UPDATE ON public.indelible_event_default FOR EACH ROW EXECUTE FUNCTION indelible_guard('indelible_event')
  ALWAYS: CREATE TRIGGER indelible_guard_truncate BEFORE TRUNCATE ON public.indelible_event_default FOR EACH STATEMENT EXECUTE FUNCTION indelible_guard('indelible_event')

TABLE indelible_event_subject OWNER indelible_owner
  tenant_id text COLLATE "C" NOT NULL DEFAULT ''::text
  subject_id text COLLATE "C" NOT NULL
  event_id uuid NOT NULL
  CONSTRAINT indelible_event_subject_pkey PRIMARY KEY (subject_id, tenant_id, event_id)
  CREATE INDEX indelible_event_subject_event ON public.indelible_event_subject USING btree (event_id)
  CREATE UNIQUE INDEX indelible_event_subject_pkey ON public.indelible_event_subject USING btree (subject_id, tenant_id, event_id)
  ALWAYS: CREATE TRIGGER indelible_guard BEFORE DELETE OR UPDATE ON public.indelible_event_subject FOR EACH ROW EXECUTE FUNCTION indelible_guard('indelible_event_subject')
  ALWAYS: CREATE TRIGGER indelible_guard_truncate BEFORE TRUNCATE ON public.indelible_event_subject FOR EACH STATEMENT EXECUTE FUNCTION indelible_guard('indelible_event_subject')
  GRANT INSERT TO indelible_writer
  GRANT SELECT TO indelible_purger
  GRANT SELECT TO indelible_reader
  GRANT SELECT TO indelible_sealer

TABLE indelible_head OWNER indelible_owner
  single boolean NOT NULL DEFAULT true
  size bigint NOT NULL
  root bytea NOT NULL
  frontier bytea NOT NULL
  place text NOT NULL
  CONSTRAINT indelible_head_pkey PRIMARY KEY (single)
  CONSTRAINT indelible_head_root CHECK ((octet_length(root) = 32))
  CONSTRAINT indelible_head_single CHECK (single)
  CREATE UNIQUE INDEX indelible_head_pkey ON public.indelible_head USING btree (single)
  GRANT SELECT TO indelible_purger
  GRANT SELECT TO indelible_reader
  GRANT SELECT TO indelible_sealer
  GRANT UPDATE (frontier) TO indelible_sealer
  GRANT UPDATE (place) TO indelible_sealer
  GRANT UPDATE (root) TO indelible_sealer
  GRANT UPDATE (size) TO indelible_sealer

TABLE indelible_migration OWNER indelible_owner
  name text NOT NULL
  digest text NOT NULL
  applied_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
  CONSTRAINT indelible_migration_pkey PRIMARY KEY (name)
  CREATE UNIQUE INDEX indelible_migration_pkey ON public.indelible_migration USING btree (name)
  GRANT SELECT TO indelible_purger
  GRANT SELECT TO indelible_reader
  GRANT SELECT TO indelible_sealer
  GRANT SELECT TO indelible_writer

TABLE indelible_node OWNER indelible_owner
  level smallint NOT NULL
  index bigint NOT NULL
  hash bytea NOT NULL
  CONSTRAINT indelible_node_hash CHECK ((octet_length(hash) = 32))
  CONSTRAINT indelible_node_pkey PRIMARY KEY (level, index)
  CREATE UNIQUE INDEX indelible_node_pkey ON public.indelible_node USING btree (level, index)
  ALWAYS: CREATE TRIGGER indelible_guard BEFORE DELETE OR UPDATE ON public.indelible_node FOR EACH ROW EXECUTE FUNCTION indelible_guard('indelible_node')
  ALWAYS: CREATE TRIGGER indelible_guard_truncate BEFORE TRUNCATE ON public.indelible_node FOR EACH STATEMENT EXECUTE FUNCTION indelible_guard('indelible_node')
  GRANT INSERT TO indelible_sealer
  GRANT SELECT TO indelible_purger
  GRANT SELECT TO indelible_reader
  GRANT SELECT TO indelible_sealer

TABLE indelible_rollup OWNER indelible_owner
  quarter timestamp with time zone NOT NULL
  count bigint NOT NULL
  tenant_id text COLLATE "C" NOT NULL
  kind text COLLATE "C" NOT NULL
  value text COLLATE "C" NOT NULL
  CONSTRAINT indelible_rollup_pkey PRIMARY KEY (tenant_id, kind, quarter, value)
  CREATE UNIQUE INDEX indelible_rollup_pkey ON public.indelible_rollup USING btree (tenant_id, kind, quarter, value)
  GRANT INSERT TO indelible_sealer
  GRANT SELECT TO indelible_purger
  GRANT SELECT TO indelible_reader
  GRANT SELECT TO indelible_sealer
  GRANT UPDATE (count) TO indelible_sealer

TABLE indelible_seal OWNER indelible_owner
  first bigint NOT NULL
  least uuid NOT NULL
  greatest uuid NOT NULL
  size integer NOT NULL
  ids uuid[] NOT NULL
  hashes bytea NOT NULL
  xid xid8 NOT NULL DEFAULT pg_current_xact_id()
  sealed_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
  CONSTRAINT indelible_seal_pkey PRIMARY KEY (first)
  CONSTRAINT indelible_seal_size CHECK (((size > 0) AND (size = cardinality(ids)) AND (octet_length(hashes) = (size * 32))))
  CREATE INDEX indelible_seal_ids ON public.indelible_seal USING btree ("greatest", "least")
  CREATE UNIQUE INDEX indelible_seal_pkey ON public.indelible_seal USING btree (first)
  ALWAYS: CREATE TRIGGER indelible_guard BEFORE DELETE OR UPDATE ON public.indelible_seal FOR EACH ROW EXECUTE FUNCTION indelible_guard('indelible_seal')
  ALWAYS: CREATE TRIGGER indelible_guard_truncate BEFORE TRUNCATE ON public.indelible_seal FOR EACH STATEMENT EXECUTE FUNCTION indelible_guard('indelible_seal')
  GRANT INSERT TO indelible_sealer
  GRANT SELECT TO indelible_purger
  GRANT SELECT TO indelible_reader
  GRANT SELECT TO indelible_sealer

TABLE indelible_view OWNER indelible_owner
  id text COLLATE "C" NOT NULL
  tenant_id text COLLATE "C" NOT NULL
  viewer_id text COLLATE "C" NOT NULL
  name text COLLATE "C" NOT NULL
  query text NOT NULL
  saved_at timestamp with time zone NOT NULL DEFAULT clock_timestamp()
  CONSTRAINT indelible_view_pkey PRIMARY KEY (id)
  CREATE INDEX indelible_view_owner ON public.indelible_view USING btree (tenant_id, viewer_id, name, id)
  CREATE UNIQUE INDEX indelible_view_pkey ON public.indelible_view USING btree (id)
  GRANT DELETE TO indelible_purger
  GRANT DELETE TO indelible_reader
  GRANT DELETE TO indelible_sealer
  GRANT INSERT TO indelible_purger
  GRANT INSERT TO indelible_reader
  GRANT INSERT TO indelible_sealer
  GRANT SELECT TO indelible_purger
  GRANT SELECT TO indelible_reader
  GRANT SELECT TO indelible_sealer
  GRANT UPDATE TO indelible_purger
  GRANT UPDATE TO indelible_reader
  GRANT UPDATE TO indelible_sealer

CREATE OR REPLACE FUNCTION public.indelible_cluster()
 RETURNS text
 LANGUAGE plpgsql
 STABLE
AS $function$
DECLARE
  own text := (SELECT oid::text FROM pg_database WHERE datname = current_database());
BEGIN
  RETURN (SELECT system_identifier FROM pg_control_system()) || '/' || own;
EXCEPTION WHEN insufficient_privilege THEN
  RETURN '/' || own;
END
$function$
  OWNER indelible_owner
  GRANT EXECUTE TO indelible_purger
  GRANT EXECUTE TO indelible_reader
  GRANT EXECUTE TO indelible_sealer

CREATE OR REPLACE FUNCTION public.indelible_conflicts(ids uuid[], digests bytea[])
 RETURNS SETOF uuid
 LANGUAGE sql
 STABLE SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
  SELECT given.id
  FROM unnest(ids, digests) AS given (id, digest)
  JOIN indelible_event AS stored ON stored.id = given.id
  WHERE stored.payload_digest <> given.digest
$function$
  OWNER indelible_owner
  GRANT EXECUTE TO indelible_writer

CREATE OR REPLACE FUNCTION public.indelible_finish(removal uuid)
 RETURNS boolean
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
  UPDATE indelible_deletion SET done_at = clock_timestamp(), xid = NULL WHERE event_id = removal AND done_at IS NULL;
  RETURN EXISTS (SELECT FROM indelible_deletion WHERE event_id = removal);
END
$function$
  OWNER indelible_owner
  GRANT EXECUTE TO indelible_purger

CREATE OR REPLACE FUNCTION public.indelible_guard()
 RETURNS trigger
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
DECLARE
  removal text;
BEGIN
  IF TG_LEVEL = 'ROW' AND TG_ARGV[0] IN ('indelible_event', 'indelible_event_subject') THEN
    SELECT kind INTO removal FROM indelible_deletion WHERE xid = pg_current_xact_id_if_assigned() AND done_at IS NULL;
    IF TG_OP = 'DELETE' AND removal = 'purge' AND TG_ARGV[0] = 'indelible_event_subject' THEN
      RETURN OLD;
    END IF;
    IF removal IS NOT NULL AND TG_ARGV[0] = 'indelible_event' THEN
      IF OLD.action NOT IN ('RETENTION_PURGE', 'SUBJECT_ERASED', 'KEY_ROTATED', 'HOLD_PLACED', 'HOLD_RELEASED', 'POLICY_CHANGE') THEN
        IF TG_OP = 'DELETE' AND removal = 'purge' THEN
          RETURN OLD;
        END IF;
        IF TG_OP = 'UPDATE' AND removal = 'erase' THEN
          OLD.payload := NULL;
          OLD.salt := NULL;
          OLD.role := NULL;
          OLD.ip := NULL;
          OLD.actor_text := NULL;
          OLD.search_text := NULL;
          IF NEW IS NOT DISTINCT FROM OLD THEN
            RETURN NEW;
          END IF;
        END IF;
      END IF;
    END IF;
  ELSIF TG_OP = 'UPDATE' AND TG_ARGV[0] = 'indelible_deletion' THEN
    IF OLD.done_at IS NULL AND (NEW.xid IS NULL OR NEW.xid = pg_current_xact_id()) THEN
      OLD.xid := NEW.xid;
      OLD.done_at := NEW.done_at;
      IF NEW IS NOT DISTINCT FROM OLD THEN
        RETURN NEW;
      END IF;
    END IF;
  END IF;
  RAISE EXCEPTION '% is append-only: % is refused. Events leave only through retention (audit.retention.purge()) or erasure (audit.eraseSubject()), which leave proof behind.', TG_ARGV[0], TG_OP
    USING ERRCODE = 'insufficient_privilege';
END
$function$
  OWNER indelible_owner
  GRANT EXECUTE TO PUBLIC

CREATE OR REPLACE FUNCTION public.indelible_guard_partition(partition text)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
  EXECUTE format(
    'CREATE TRIGGER indelible_guard_truncate BEFORE TRUNCATE ON %I
       FOR EACH STATEMENT EXECUTE FUNCTION indelible_guard(%L)', partition, 'indelible_event');
  EXECUTE format('ALTER TABLE %I ENABLE ALWAYS TRIGGER indelible_guard_truncate', partition);
END
$function$
  OWNER indelible_owner

CREATE OR REPLACE FUNCTION public.indelible_hold_changes()
 RETURNS bigint
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'pg_temp'
AS $function$ SELECT count(*) FROM indelible_event WHERE action IN ('HOLD_PLACED', 'HOLD_RELEASED') $function$
  OWNER indelible_owner
  GRANT EXECUTE TO indelible_purger

CREATE OR REPLACE FUNCTION public.indelible_index_text()
 RETURNS boolean
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
DECLARE
  operators text;
BEGIN
  IF to_regclass('indelible_event_text') IS NOT NULL THEN
    RETURN true;
  END IF;
  BEGIN
    CREATE EXTENSION IF NOT EXISTS pg_trgm;
  EXCEPTION WHEN OTHERS THEN
    RAISE NOTICE 'pg_trgm is not available: %', SQLERRM;
  END;
  SELECT nspname INTO operators
    FROM pg_extension JOIN pg_namespace ON pg_namespace.oid = extnamespace WHERE extname = 'pg_trgm';
  IF operators IS NULL THEN
    RETURN false;
  END IF;
  EXECUTE format(
    'CREATE INDEX indelible_event_text ON indelible_event
       USING gin (actor_text %1$I.gin_trgm_ops, search_text %1$I.gin_trgm_ops)', operators);
  RETURN true;
END
$function$
  OWNER indelible_owner

CREATE OR REPLACE FUNCTION public.indelible_leaves(asked uuid[])
 RETURNS TABLE(id uuid, index bigint, xid xid8, sealed_at timestamp with time zone)
 LANGUAGE sql
 STABLE
 SET search_path TO 'public', 'pg_temp'
 SET enable_seqscan TO 'off'
 SET enable_nestloop TO 'off'
 SET jit TO 'off'
AS $function$
  WITH wanted AS MATERIALIZED (SELECT DISTINCT given.id FROM unnest(asked) AS given (id)),
  near AS MATERIALIZED (
    SELECT DISTINCT run.first FROM wanted, LATERAL (
      SELECT seal.first FROM indelible_seal AS seal WHERE seal.greatest >= wanted.id ORDER BY seal.greatest LIMIT 1
    ) AS run),
  found AS MATERIALIZED (
    SELECT leaf.id, run.first + leaf.n - 1 AS index, run.xid, run.sealed_at
    FROM near,
      LATERAL (SELECT * FROM indelible_seal AS seal WHERE seal.first = near.first OFFSET 0) AS run,
      LATERAL unnest(run.ids) WITH ORDINALITY AS leaf (id, n)
    WHERE leaf.id IN (SELECT wanted.id FROM wanted))
  SELECT found.id, found.index, found.xid, found.sealed_at FROM found
  UNION ALL
  SELECT wanted.id, run.first + array_position(run.ids, wanted.id) - 1, run.xid, run.sealed_at
  FROM wanted, LATERAL (
    SELECT * FROM indelible_seal AS seal
    WHERE seal.greatest >= wanted.id AND seal.least <= wanted.id AND array_position(seal.ids, wanted.id) IS NOT NULL
    ORDER BY seal.greatest LIMIT 1
  ) AS run
  WHERE NOT EXISTS (SELECT FROM found WHERE found.id = wanted.id)
$function$
  OWNER indelible_owner
  GRANT EXECUTE TO indelible_purger
  GRANT EXECUTE TO indelible_reader
  GRANT EXECUTE TO indelible_sealer

CREATE OR REPLACE FUNCTION public.indelible_make_default()
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
BEGIN
  CREATE TABLE indelible_event_default PARTITION OF indelible_event DEFAULT;
  PERFORM indelible_guard_partition('indelible_event_default');
END
$function$
  OWNER indelible_owner

CREATE OR REPLACE FUNCTION public.indelible_make_month(month date)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
AS $function$
DECLARE
  partition text := to_char(month, '"indelible_event_"YYYY_MM');
BEGIN
  EXECUTE format(
    'CREATE TABLE %I PARTITION OF indelible_event FOR VALUES FROM (%L) TO (%L)',
    partition, indelible_month_floor(month), indelible_month_floor((month + interval '1 month')::date));
  PERFORM indelible_guard_partition(partition);
END
$function$
  OWNER indelible_owner

CREATE OR REPLACE FUNCTION public.indelible_make_partitions(from_month date, months integer)
 RETURNS integer
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
 SET lock_timeout TO '5s'
AS $function$
DECLARE
  first date := date_trunc('month', from_month::timestamp)::date;
  missing date[];
  drains boolean;
  month date;
BEGIN
  PERFORM pg_advisory_xact_lock(7954885183361);
  SELECT coalesce(array_agg(wanted.month), '{}') INTO missing
    FROM (SELECT (first + make_interval(months => n))::date AS month FROM generate_series(0, months - 1) AS n) AS wanted
    WHERE to_regclass(to_char(wanted.month, '"indelible_event_"YYYY_MM')) IS NULL;
  IF cardinality(missing) = 0 THEN
    RETURN 0;
  END IF;

  LOCK TABLE ONLY indelible_event IN ACCESS EXCLUSIVE MODE;
  drains := EXISTS (
    SELECT FROM indelible_event_default
    WHERE id >= indelible_month_floor(first)
      AND id < indelible_month_floor((first + make_interval(months => months))::date));
  IF drains THEN
    ALTER TABLE indelible_event DETACH PARTITION indelible_event_default;
    ALTER TABLE indelible_event_default RENAME TO indelible_event_drained;
    PERFORM indelible_make_default();
  END IF;
  FOREACH month IN ARRAY missing LOOP
    PERFORM indelible_make_month(month);
  END LOOP;
  IF drains THEN
    INSERT INTO indelible_event SELECT * FROM indelible_event_drained;
    DROP TABLE indelible_event_drained;
  END IF;
  RETURN cardinality(missing);
END
$function$
  OWNER indelible_owner
  GRANT EXECUTE TO indelible_sealer

CREATE OR REPLACE FUNCTION public.indelible_month_floor(month date)
 RETURNS uuid
 LANGUAGE sql
 IMMUTABLE STRICT
AS $function$
  SELECT (lpad(to_hex((extract(epoch FROM month) * 1000)::bigint), 12, '0') || repeat('0', 20))::uuid
$function$
  OWNER indelible_owner
  GRANT EXECUTE TO PUBLIC

CREATE OR REPLACE FUNCTION public.indelible_quarter(id uuid, length_ms bigint)
 RETURNS timestamp with time zone
 LANGUAGE sql
 IMMUTABLE STRICT
AS $function$
  SELECT to_timestamp(
    least(('x0000' || left(replace(id::text, '-', ''), 12))::bit(64)::bigint, 253402299900000) / length_ms * length_ms / 1000.0)
$function$
  OWNER indelible_owner

CREATE OR REPLACE FUNCTION public.indelible_remove(removal uuid, asked uuid[], hold_changes bigint)
 RETURNS bigint
 LANGUAGE plpgsql
 SECURITY DEFINER
 SET search_path TO 'public', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
 SET jit TO 'off'
AS $function$
DECLARE
  kind_of text;
  lowest uuid := (SELECT given.id FROM unnest(asked) AS given (id) ORDER BY 1 LIMIT 1);
  highest uuid := (SELECT given.id FROM unnest(asked) AS given (id) ORDER BY 1 DESC LIMIT 1);
  gone uuid[];
  counted uuid[];
  stays text;
  removed bigint;
BEGIN
  UPDATE indelible_deletion SET xid = pg_current_xact_id() WHERE event_id = removal AND done_at IS NULL
    RETURNING kind INTO kind_of;
  IF kind_of IS NULL THEN
    RAISE EXCEPTION USING MESSAGE = 'there is no such removal, or it is over', ERRCODE =
      CASE WHEN EXISTS (SELECT FROM indelible_deletion WHERE event_id = removal) THEN 'IND03' ELSE 'IND02' END;
  END IF;

  PERFORM FROM indelible_head FOR NO KEY UPDATE;
  IF indelible_hold_changes() <> hold_changes THEN
    UPDATE indelible_deletion SET xid = NULL WHERE event_id = removal;
    RETURN NULL;
  END IF;
  SELECT array_agg(event.id) FILTER (WHERE kind_of = 'purge' OR event.is_whole),
      array_agg(event.id) FILTER (WHERE event.xid <= leaf.xid OR event.recorded_at <= leaf.sealed_at),
      min(CASE
        WHEN event.action IN ('RETENTION_PURGE', 'SUBJECT_ERASED', 'KEY_ROTATED', 'HOLD_PLACED', 'HOLD_RELEASED', 'POLICY_CHANGE')
          THEN event.id || ' is a ' || event.action || ', which stays for ever'
        WHEN leaf.id IS NULL THEN event.id || ' has no leaf yet' END)
    INTO gone, counted, stays
    FROM (
      SELECT id, action, xid, recorded_at,
        num_nonnulls(payload, salt, role, ip, actor_text, search_text) > 0 AS is_whole
      FROM indelible_event WHERE id = ANY((SELECT asked)::uuid[]) AND id >= lowest AND id <= highest
    ) AS event LEFT JOIN indelible_leaves(asked) AS leaf ON leaf.id = event.id;
  IF stays IS NOT NULL THEN
    RAISE EXCEPTION USING MESSAGE = stays, ERRCODE = 'IND04';
  END IF;

  PERFORM indelible_uncount(kind_of, counted, lowest, highest);
  IF kind_of = 'purge' THEN
    DELETE FROM indelible_event_subject WHERE event_id = ANY((SELECT gone)::uuid[]);
    DELETE FROM indelible_event WHERE id = ANY((SELECT gone)::uuid[]) AND id >= lowest AND id <= highest;
  ELSE
    UPDATE indelible_event
      SET payload = NULL, salt = NULL, role = NULL, ip = NULL, actor_text = NULL, search_text = NULL
      WHERE id = ANY((SELECT gone)::uuid[]) AND id >= lowest AND id <= highest;
  END IF;
  GET DIAGNOSTICS removed = ROW_COUNT;
  UPDATE indelible_deletion SET xid = NULL WHERE event_id = removal;
  RETURN removed;
END
$function$
  OWNER indelible_owner
  GRANT EXECUTE TO indelible_purger

CREATE OR REPLACE FUNCTION public.indelible_uncount(removal text, gone uuid[], lowest uuid, highest uuid)
 RETURNS void
 LANGUAGE plpgsql
 SET search_path TO 'public', 'pg_temp'
 SET plan_cache_mode TO 'force_custom_plan'
 SET enable_hashjoin TO 'off'
 SET enable_mergejoin TO 'off'
 SET enable_seqscan TO 'off'
 SET jit TO 'off'
AS $function$
BEGIN
  MERGE INTO indelible_rollup AS known
  USING (
    WITH event AS MATERIALIZED (
      SELECT tenant_id, action, outcome, target_type, role, actor_id,
        indelible_quarter(id, 900000) AS quarter, indelible_quarter(id, 86400000) AS day
      FROM indelible_event WHERE id = ANY((SELECT gone)::uuid[]) AND id >= lowest AND id <= highest)
    SELECT tenant_id, kind, quarter, value, count(*) AS count FROM (
      SELECT event.tenant_id, counted.kind, counted.quarter, counted.value
      FROM event, LATERAL (VALUES ('total', event.quarter, ''), ('action', day, action), ('outcome', day, outcome),
        ('model', day, target_type), ('role', day, role), ('actor', day, actor_id)) AS counted (kind, quarter, value)
    ) AS counted
    WHERE value IS NOT NULL AND (removal = 'purge' OR kind = 'role')
    GROUP BY tenant_id, kind, quarter, value
  ) AS lost
  ON known.tenant_id = lost.tenant_id AND known.kind = lost.kind AND known.quarter = lost.quarter AND known.value = lost.value
  WHEN MATCHED AND known.count <= lost.count THEN DELETE
  WHEN MATCHED THEN UPDATE SET count = known.count - lost.count;
END
$function$
  OWNER indelible_owner
