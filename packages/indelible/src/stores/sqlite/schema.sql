-- What the migrations make, for reading. Do not edit. To write it anew:
-- npx vitest run packages/indelible/src/stores/sqlite/schema.test.ts -u

CREATE TABLE indelible_checkpoint (
  place INTEGER PRIMARY KEY AUTOINCREMENT,
  size INTEGER NOT NULL CHECK (size >= 0),
  note TEXT NOT NULL,
  sealed_at INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000 AS INTEGER))
) STRICT;

CREATE TABLE indelible_deletion (
  place INTEGER PRIMARY KEY AUTOINCREMENT CHECK (place > 0),
  event_id BLOB NOT NULL UNIQUE CHECK (length(event_id) = 16),
  kind TEXT NOT NULL CHECK (kind IN ('purge', 'erase')),
  manifest TEXT NOT NULL,
  note TEXT NOT NULL,
  decided_at INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000 AS INTEGER)),
  done_at INTEGER
) STRICT;

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

CREATE VIRTUAL TABLE indelible_event_search USING fts5 (
  actor_text,
  search_text,
  content = 'indelible_event',
  content_rowid = 'seq',
  tokenize = 'trigram case_sensitive 1',
  detail = none
);

CREATE TABLE indelible_event_subject (
  tenant_id TEXT NOT NULL DEFAULT '',
  subject_id TEXT NOT NULL,
  event_id BLOB NOT NULL,
  PRIMARY KEY (tenant_id, subject_id, event_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE indelible_head (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  size INTEGER NOT NULL CHECK (size >= 0),
  root BLOB NOT NULL CHECK (length(root) = 32),
  frontier BLOB NOT NULL CHECK (length(frontier) % 32 = 0),
  place INTEGER NOT NULL
) STRICT;

CREATE TABLE indelible_migration (
  name TEXT PRIMARY KEY,
  digest TEXT NOT NULL,
  applied_at INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000 AS INTEGER))
) STRICT;

CREATE TABLE indelible_node (
  level INTEGER NOT NULL CHECK (level > 0),
  node_index INTEGER NOT NULL CHECK (node_index >= 0),
  hash BLOB NOT NULL CHECK (length(hash) = 32),
  PRIMARY KEY (level, node_index)
) STRICT, WITHOUT ROWID;

CREATE TABLE indelible_purged (
  event_id BLOB PRIMARY KEY
) STRICT, WITHOUT ROWID;

CREATE TABLE indelible_removing (
  only INTEGER PRIMARY KEY CHECK (only = 1),
  event_id BLOB NOT NULL,
  kind TEXT NOT NULL
) STRICT;

CREATE TABLE indelible_rollup (
  tenant_id TEXT NOT NULL,
  kind TEXT NOT NULL,
  quarter INTEGER NOT NULL,
  value TEXT NOT NULL,
  count INTEGER NOT NULL,
  PRIMARY KEY (tenant_id, kind, quarter, value)
) STRICT, WITHOUT ROWID;

CREATE TABLE indelible_seal (
  first_index INTEGER PRIMARY KEY,
  size INTEGER NOT NULL CHECK (size > 0),
  least_id BLOB NOT NULL CHECK (length(least_id) = 16),
  greatest_id BLOB NOT NULL CHECK (length(greatest_id) = 16),
  ids BLOB NOT NULL CHECK (length(ids) = 16 * size),
  hashes BLOB NOT NULL CHECK (length(hashes) = 32 * size)
) STRICT;

CREATE TABLE indelible_view (
  id TEXT PRIMARY KEY NOT NULL,
  tenant_id TEXT NOT NULL,
  viewer_id TEXT NOT NULL,
  name TEXT NOT NULL,
  query TEXT NOT NULL,
  saved_at INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000 AS INTEGER))
) STRICT;

CREATE TRIGGER indelible_checkpoint_guard_delete BEFORE DELETE ON indelible_checkpoint BEGIN
  SELECT RAISE(ABORT, 'indelible_checkpoint is append-only: DELETE is refused.');
END;

CREATE TRIGGER indelible_checkpoint_guard_place AFTER INSERT ON indelible_checkpoint
WHEN NEW.place < 1 BEGIN
  SELECT RAISE(ABORT, 'indelible_checkpoint is append-only: checkpoints are added behind the last one.');
END;

CREATE TRIGGER indelible_checkpoint_guard_replace BEFORE INSERT ON indelible_checkpoint
WHEN EXISTS (SELECT 1 FROM indelible_checkpoint WHERE place = NEW.place) BEGIN
  SELECT RAISE(ABORT, 'indelible_checkpoint is append-only: this checkpoint is already there and is never replaced.');
END;

CREATE TRIGGER indelible_checkpoint_guard_update BEFORE UPDATE ON indelible_checkpoint BEGIN
  SELECT RAISE(ABORT, 'indelible_checkpoint is append-only: UPDATE is refused.');
END;

CREATE TRIGGER indelible_deletion_guard_delete BEFORE DELETE ON indelible_deletion BEGIN
  SELECT RAISE(ABORT, 'indelible_deletion is append-only: DELETE is refused.');
END;

CREATE TRIGGER indelible_deletion_guard_replace BEFORE INSERT ON indelible_deletion
WHEN NEW.done_at IS NOT NULL
  OR EXISTS (SELECT 1 FROM indelible_deletion WHERE event_id = NEW.event_id OR place = NEW.place) BEGIN
  SELECT RAISE(ABORT, 'indelible_deletion is append-only: this removal is already there and is never replaced.');
END;

CREATE TRIGGER indelible_deletion_guard_update BEFORE UPDATE ON indelible_deletion
WHEN OLD.done_at IS NOT NULL OR NEW.done_at IS NULL
  OR (NEW.place, NEW.event_id, NEW.kind, NEW.manifest, NEW.note, NEW.decided_at)
    IS NOT (OLD.place, OLD.event_id, OLD.kind, OLD.manifest, OLD.note, OLD.decided_at) BEGIN
  SELECT RAISE(ABORT, 'indelible_deletion is append-only: UPDATE is refused. A removal only ever ends, and ends once.');
END;

CREATE INDEX indelible_event_action ON indelible_event (tenant_id, action, id);

CREATE INDEX indelible_event_actor ON indelible_event (tenant_id, actor_id, id);

CREATE TRIGGER indelible_event_guard_delete BEFORE DELETE ON indelible_event
WHEN (
  (SELECT kind FROM indelible_removing) IS 'purge'
  AND OLD.seq <= (SELECT place FROM indelible_head)
  AND OLD.action NOT IN ('RETENTION_PURGE', 'SUBJECT_ERASED', 'KEY_ROTATED', 'HOLD_PLACED', 'HOLD_RELEASED', 'POLICY_CHANGE')
) IS NOT TRUE BEGIN
  SELECT RAISE(ABORT, 'indelible_event is append-only: DELETE is refused. Events are removed only by retention and erasure, once they are sealed, and never those that vouch for others.');
END;

CREATE TRIGGER indelible_event_guard_place AFTER INSERT ON indelible_event
WHEN NEW.seq < 1 OR NEW.seq <= (SELECT place FROM indelible_head) BEGIN
  SELECT RAISE(ABORT, 'indelible_event is append-only: events are added behind the last one.');
END;

CREATE TRIGGER indelible_event_guard_replace BEFORE INSERT ON indelible_event
WHEN EXISTS (SELECT 1 FROM indelible_event WHERE id = NEW.id OR seq = NEW.seq)
  OR EXISTS (SELECT 1 FROM indelible_purged WHERE event_id = NEW.id) BEGIN
  SELECT RAISE(ABORT, 'indelible_event is append-only: an event with this id was purged and never comes back.')
  WHERE EXISTS (SELECT 1 FROM indelible_purged WHERE event_id = NEW.id);
  SELECT RAISE(ABORT, 'indelible_event is append-only: an event with this id is already there and is never replaced.');
END;

CREATE TRIGGER indelible_event_guard_update BEFORE UPDATE ON indelible_event
WHEN (
  (SELECT kind FROM indelible_removing) IS 'erase'
  AND OLD.seq <= (SELECT place FROM indelible_head)
  AND OLD.action NOT IN ('RETENTION_PURGE', 'SUBJECT_ERASED', 'KEY_ROTATED', 'HOLD_PLACED', 'HOLD_RELEASED', 'POLICY_CHANGE')
  AND coalesce(NEW.payload, NEW.salt, NEW.role, NEW.ip, NEW.actor_text, NEW.search_text) IS NULL
  AND (NEW.seq, NEW.id, NEW.recorded_at, NEW.v, NEW.action, NEW.outcome, NEW.source, NEW.actor_type, NEW.actor_id,
    NEW.tenant_id, NEW.target_type, NEW.target_id, NEW.subject_id, NEW.process_id, NEW.process_n, NEW.count,
    NEW.payload_digest)
  IS (OLD.seq, OLD.id, OLD.recorded_at, OLD.v, OLD.action, OLD.outcome, OLD.source, OLD.actor_type, OLD.actor_id,
    OLD.tenant_id, OLD.target_type, OLD.target_id, OLD.subject_id, OLD.process_id, OLD.process_n, OLD.count,
    OLD.payload_digest)
) IS NOT TRUE BEGIN
  SELECT RAISE(ABORT, 'indelible_event is append-only: UPDATE is refused. Events are removed only by retention and erasure, once they are sealed, and never those that vouch for others.');
END;

CREATE INDEX indelible_event_ip ON indelible_event (tenant_id, ip, id) WHERE ip IS NOT NULL;

CREATE INDEX indelible_event_outcome ON indelible_event (tenant_id, outcome, id) WHERE outcome <> 'success';

CREATE TRIGGER indelible_event_purged AFTER DELETE ON indelible_event BEGIN
  INSERT INTO indelible_purged (event_id) VALUES (OLD.id);
END;

CREATE INDEX indelible_event_role ON indelible_event (tenant_id, role, id) WHERE role IS NOT NULL;

CREATE TRIGGER indelible_event_search_delete AFTER DELETE ON indelible_event BEGIN
  INSERT INTO indelible_event_search (indelible_event_search, rowid, actor_text, search_text)
  VALUES ('delete', OLD.seq, OLD.actor_text, OLD.search_text);
END;

CREATE TRIGGER indelible_event_search_insert AFTER INSERT ON indelible_event BEGIN
  INSERT INTO indelible_event_search (rowid, actor_text, search_text)
  VALUES (NEW.seq, NEW.actor_text, NEW.search_text);
END;

CREATE TRIGGER indelible_event_search_update AFTER UPDATE ON indelible_event BEGIN
  INSERT INTO indelible_event_search (indelible_event_search, rowid, actor_text, search_text)
  VALUES ('delete', OLD.seq, OLD.actor_text, OLD.search_text);
  INSERT INTO indelible_event_search (rowid, actor_text, search_text)
  VALUES (NEW.seq, NEW.actor_text, NEW.search_text);
END;

CREATE INDEX indelible_event_source ON indelible_event (tenant_id, source, id);

CREATE INDEX indelible_event_subject_event ON indelible_event_subject (event_id);

CREATE TRIGGER indelible_event_subject_guard_delete BEFORE DELETE ON indelible_event_subject
WHEN (SELECT kind FROM indelible_removing) IS NOT 'purge'
  OR EXISTS (SELECT 1 FROM indelible_event WHERE id = OLD.event_id) BEGIN
  SELECT RAISE(ABORT, 'indelible_event_subject is append-only: DELETE is refused.');
END;

CREATE TRIGGER indelible_event_subject_guard_replace BEFORE INSERT ON indelible_event_subject
WHEN EXISTS (
  SELECT 1 FROM indelible_event_subject
  WHERE tenant_id = NEW.tenant_id AND subject_id = NEW.subject_id AND event_id = NEW.event_id
) BEGIN
  SELECT RAISE(ABORT, 'indelible_event_subject is append-only: this row is already there and is never replaced.');
END;

CREATE TRIGGER indelible_event_subject_guard_update BEFORE UPDATE ON indelible_event_subject BEGIN
  SELECT RAISE(ABORT, 'indelible_event_subject is append-only: UPDATE is refused.');
END;

CREATE INDEX indelible_event_subject_id ON indelible_event (tenant_id, subject_id, id) WHERE subject_id IS NOT NULL;

CREATE INDEX indelible_event_target_id ON indelible_event (tenant_id, target_id, id) WHERE target_id IS NOT NULL;

CREATE INDEX indelible_event_target_type ON indelible_event (tenant_id, target_type, id);

CREATE INDEX indelible_event_tenant ON indelible_event (tenant_id, id);

CREATE TRIGGER indelible_head_guard_delete BEFORE DELETE ON indelible_head BEGIN
  SELECT RAISE(ABORT, 'indelible_head only ever moves on: DELETE is refused.');
END;

CREATE TRIGGER indelible_head_guard_replace BEFORE INSERT ON indelible_head
WHEN EXISTS (SELECT 1 FROM indelible_head) BEGIN
  SELECT RAISE(ABORT, 'indelible_head only ever moves on: it is already there and is never replaced.');
END;

CREATE TRIGGER indelible_head_guard_update BEFORE UPDATE ON indelible_head
WHEN NEW.only <> 1 OR NEW.size < OLD.size OR NEW.place < OLD.place BEGIN
  SELECT RAISE(ABORT, 'indelible_head only ever moves on: the log never becomes shorter.');
END;

CREATE TRIGGER indelible_node_guard_delete BEFORE DELETE ON indelible_node BEGIN
  SELECT RAISE(ABORT, 'indelible_node is append-only: DELETE is refused.');
END;

CREATE TRIGGER indelible_node_guard_replace BEFORE INSERT ON indelible_node
WHEN EXISTS (SELECT 1 FROM indelible_node WHERE level = NEW.level AND node_index = NEW.node_index) BEGIN
  SELECT RAISE(ABORT, 'indelible_node is append-only: this node is already there and is never replaced.');
END;

CREATE TRIGGER indelible_node_guard_update BEFORE UPDATE ON indelible_node BEGIN
  SELECT RAISE(ABORT, 'indelible_node is append-only: UPDATE is refused.');
END;

CREATE TRIGGER indelible_purged_guard_delete BEFORE DELETE ON indelible_purged BEGIN
  SELECT RAISE(ABORT, 'indelible_purged is append-only: DELETE is refused.');
END;

CREATE TRIGGER indelible_purged_guard_insert BEFORE INSERT ON indelible_purged
WHEN (SELECT kind FROM indelible_removing) IS NOT 'purge' BEGIN
  SELECT RAISE(ABORT, 'indelible_purged has what a purge removed, and takes nothing else.');
END;

CREATE TRIGGER indelible_purged_guard_update BEFORE UPDATE ON indelible_purged BEGIN
  SELECT RAISE(ABORT, 'indelible_purged is append-only: UPDATE is refused.');
END;

CREATE TRIGGER indelible_removing_guard_insert BEFORE INSERT ON indelible_removing
WHEN indelible_may_remove() IS NOT 1 OR NOT EXISTS (
  SELECT 1 FROM indelible_deletion WHERE event_id = NEW.event_id AND kind = NEW.kind AND done_at IS NULL
) BEGIN
  SELECT RAISE(ABORT, 'indelible_removing is for a removal that was decided and is not over.');
END;

CREATE TRIGGER indelible_removing_guard_update BEFORE UPDATE ON indelible_removing BEGIN
  SELECT RAISE(ABORT, 'indelible_removing is for a removal that was decided: UPDATE is refused.');
END;

CREATE INDEX indelible_rollup_empty ON indelible_rollup (count) WHERE count <= 0;

CREATE TRIGGER indelible_seal_guard_delete BEFORE DELETE ON indelible_seal BEGIN
  SELECT RAISE(ABORT, 'indelible_seal is append-only: DELETE is refused.');
END;

CREATE TRIGGER indelible_seal_guard_replace BEFORE INSERT ON indelible_seal
WHEN NEW.first_index IS NOT coalesce((SELECT first_index + size FROM indelible_seal ORDER BY first_index DESC LIMIT 1), 0) BEGIN
  SELECT RAISE(ABORT, 'indelible_seal is append-only: leaves are added behind the last one, and none is ever replaced.');
END;

CREATE TRIGGER indelible_seal_guard_update BEFORE UPDATE ON indelible_seal BEGIN
  SELECT RAISE(ABORT, 'indelible_seal is append-only: UPDATE is refused.');
END;

CREATE INDEX indelible_seal_id ON indelible_seal (greatest_id, least_id);

CREATE INDEX indelible_view_owner ON indelible_view (tenant_id, viewer_id, name, id);
