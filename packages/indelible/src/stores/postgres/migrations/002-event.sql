-- Columns stand in an order that needs no padding. Ids are UUIDv7, so one key serves for identity, order and
-- pruning, and a month is a range of ids. Texts are ordered by their bytes: the same on every server, and cheaper.
CREATE TABLE indelible_event (
  id uuid PRIMARY KEY,
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  process_n bigint,
  count bigint,
  v smallint NOT NULL,
  action text COLLATE "C" NOT NULL,
  outcome text COLLATE "C" NOT NULL,
  source text COLLATE "C" NOT NULL,
  actor_type text COLLATE "C" NOT NULL,
  actor_id text COLLATE "C",
  tenant_id text COLLATE "C" NOT NULL DEFAULT '',
  target_type text COLLATE "C",
  target_id text COLLATE "C",
  subject_id text COLLATE "C",
  process_id text COLLATE "C",
  payload_digest bytea NOT NULL CONSTRAINT indelible_event_digest CHECK (octet_length(payload_digest) = 32),
  salt bytea,
  payload text,
  role text COLLATE "C",
  ip text COLLATE "C",
  actor_text text COLLATE "C",
  search_text text COLLATE "C"
) PARTITION BY RANGE (id);

CREATE INDEX indelible_event_xid ON indelible_event (xid);
CREATE INDEX indelible_event_tenant ON indelible_event (tenant_id, id) WHERE tenant_id <> '';
-- A filter's own column comes first, so that a question over all tenants finds its rows here too; with one tenant
-- the entries stand in the order of their ids just as well.
CREATE INDEX indelible_event_actor ON indelible_event (actor_id, tenant_id, id);
CREATE INDEX indelible_event_subject_id ON indelible_event (subject_id, tenant_id, id) WHERE subject_id IS NOT NULL;
CREATE INDEX indelible_event_target_type ON indelible_event (target_type, tenant_id, id);
CREATE INDEX indelible_event_target_id ON indelible_event (target_id, tenant_id, id) WHERE target_id IS NOT NULL;
CREATE INDEX indelible_event_action ON indelible_event (action, tenant_id, id);
CREATE INDEX indelible_event_source ON indelible_event (source, tenant_id, id);
CREATE INDEX indelible_event_ip ON indelible_event (ip, tenant_id, id) WHERE ip IS NOT NULL;
CREATE INDEX indelible_event_role ON indelible_event (role, tenant_id, id) WHERE role IS NOT NULL;
CREATE INDEX indelible_event_outcome ON indelible_event (outcome, tenant_id, id) WHERE outcome <> 'success';
