-- Columns stand in an order that needs no padding. Ids are UUIDv7, so one key serves for identity, order and
-- pruning, and a month is a range of ids.
CREATE TABLE indelible_event (
  id uuid PRIMARY KEY,
  xid xid8 NOT NULL DEFAULT pg_current_xact_id(),
  recorded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  process_n bigint,
  count bigint,
  v smallint NOT NULL,
  action text NOT NULL,
  outcome text NOT NULL,
  source text NOT NULL,
  actor_type text NOT NULL,
  actor_id text,
  tenant_id text NOT NULL DEFAULT '',
  target_type text,
  target_id text,
  subject_id text,
  process_id text,
  payload_digest bytea NOT NULL CONSTRAINT indelible_event_digest CHECK (octet_length(payload_digest) = 32),
  salt bytea,
  payload text,
  role text,
  ip text,
  actor_text text,
  search_text text
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
