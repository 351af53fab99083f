-- Questions that somebody has kept for themselves: no events, and changed and removed as their owner likes.
CREATE TABLE indelible_view (
  id TEXT PRIMARY KEY NOT NULL,
  tenant_id TEXT NOT NULL,
  viewer_id TEXT NOT NULL,
  name TEXT NOT NULL,
  query TEXT NOT NULL,
  saved_at INTEGER NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000 AS INTEGER))
) STRICT;
