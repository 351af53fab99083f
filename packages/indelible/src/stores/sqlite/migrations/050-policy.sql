-- How long events are kept; a column that is NULL matches all.
CREATE TABLE indelible_policy (
  id TEXT PRIMARY KEY NOT NULL,
  tenant_id TEXT,
  action TEXT,
  target_type TEXT,
  days INTEGER NOT NULL,
  reason TEXT
) STRICT;
