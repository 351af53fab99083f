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

CREATE OR REPLACE FUNCTION public.indelible_guard()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  RAISE EXCEPTION '% is append-only: % is refused. Events leave only through retention (npx indelible cleanup) or erasure (npx indelible erase-subject), which leave proof behind.', TG_ARGV[0], TG_OP
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
