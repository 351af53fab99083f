-- What is kept whatever the policies say; a column that is NULL matches all.
CREATE TABLE indelible_hold (
  id TEXT PRIMARY KEY NOT NULL,
  tenant_id TEXT,
  action TEXT,
  target_type TEXT,
  target_id TEXT,
  actor_id TEXT,
  subject_id TEXT,
  reason TEXT NOT NULL,
  placed_at INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000 AS INTEGER))
) STRICT;
