-- Row order (seq) is commit order, since SQLite has one writer. AUTOINCREMENT: a row id is never used again.
CREATE TABLE indelible_event (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id BLOB NOT NULL UNIQUE CHECK (length(id) = 16),
  recorded_at INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000 AS INTEGER)),
  v INTEGER NOT NULL,
  action TEXT NOT NULL,
  outcome TEXT NOT NULL,
  source TEXT NOT NULL,
  actor_type TEXT NOT NULL,
  actor_id TEXT,
  tenant_id TEXT NOT NULL DEFAULT '',
  target_type TEXT,
  target_id TEXT,
  subject_id TEXT,
  process_id TEXT,
  process_n INTEGER,
  count INTEGER,
  payload_digest BLOB NOT NULL CHECK (length(payload_digest) = 32),
  salt BLOB,
  payload TEXT,
  role TEXT,
  ip TEXT,
  actor_text TEXT,
  search_text TEXT
) STRICT;

CREATE INDEX indelible_event_tenant ON indelible_event (tenant_id, id);
CREATE INDEX indelible_event_actor ON indelible_event (tenant_id, actor_id, id);
CREATE INDEX indelible_event_subject_id ON indelible_event (tenant_id, subject_id, id) WHERE subject_id IS NOT NULL;
CREATE INDEX indelible_event_target_type ON indelible_event (tenant_id, target_type, id);
CREATE INDEX indelible_event_target_id ON indelible_event (tenant_id, target_id, id) WHERE target_id IS NOT NULL;
CREATE INDEX indelible_event_action ON indelible_event (tenant_id, action, id);
CREATE INDEX indelible_event_source ON indelible_event (tenant_id, source, id);
CREATE INDEX indelible_event_ip ON indelible_event (tenant_id, ip, id) WHERE ip IS NOT NULL;
CREATE INDEX indelible_event_role ON indelible_event (tenant_id, role, id) WHERE role IS NOT NULL;
CREATE INDEX indelible_event_outcome ON indelible_event (tenant_id, outcome, id) WHERE outcome <> 'success';

-- The people an event concerns when it is about many, such as a list or an export.
CREATE TABLE indelible_event_subject (
  tenant_id TEXT NOT NULL DEFAULT '',
  subject_id TEXT NOT NULL,
  event_id BLOB NOT NULL,
  PRIMARY KEY (tenant_id, subject_id, event_id)
) STRICT, WITHOUT ROWID;
